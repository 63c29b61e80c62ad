/** The forms that the network of ARCHITECTURE.md passes through, each as the text that the page prints. */
import { readFileSync } from 'node:fs';
import { placedCode } from '../../src/backends/wasm/code.ts';
import { compile } from '../../src/compiler/compile.ts';
import { fuse } from '../../src/compiler/fuse.ts';
import { simplify } from '../../src/compiler/simplify.ts';
import { updateRows } from '../../src/compiler/update-rows.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { printGraph } from '../../src/graph/print.ts';
import { dense, Network, sgd } from '../../src/index.node.ts';
import type { AnyLayer } from '../../src/layers/layer.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { trainingGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import type { Structure } from '../../src/model/structure.ts';
import { instructions } from '../../src/program/format.ts';

const LAYERS = () => [dense(16, { activation: 'relu' }), dense(10)];
const BATCH_SIZE = 32;
const OPTIMIZER = sgd({ learningRate: 0.1 });
/** Where the parameters and the rest of the arena would lie in the WebAssembly memory. */
const ADDRESSES = { shared: 0, sharedLength: 0, arena: 65536, literals: 32768 };

/** The numbered values and the results that the forward pass makes, and those of the way back. */
function halves(lines: readonly string[]): [forward: string, backward: string] {
  const loss = lines.findIndex((line) => line.includes('= sum('));
  const end = lines.findIndex((line) => line.startsWith('record('));
  return [lines.slice(0, loss + 2).join('\n'), lines.slice(loss + 2, end).join('\n')];
}

const configOf = (layer: AnyLayer) => layer.config;

/** A graph's operations without its sources and results. */
function operationsOf(graph: Graph): string {
  const lines = printGraph(graph).split('\n');
  return lines.filter((line) => !/ = (input|parameter) | ← /.test(line)).join('\n');
}

function structureText({ inputs, nodes, outputs }: Structure): string {
  const lines = [
    ...[...inputs].map(([name, shape], i) => `${i} = input ${name} [${shape}]`),
    ...nodes.map((node, i) => `${inputs.size + i} = ${'layer' in node ? JSON.stringify(configOf(node.layer)) : node.op} of ${node.inputs}`),
    ...[...outputs].map(([name, value]) => `output ${name} = ${value}`),
  ];
  return lines.join('\n');
}

/** A case of the native dispatch, from its label to the next one's. */
function nativeCase(op: string): string {
  const text = readFileSync(new URL('../../native/generated/dispatch.inc', import.meta.url), 'utf8');
  const start = text.indexOf(`case Op::${op}:`);
  return text.slice(start, text.indexOf('\ncase ', start));
}

/** Each form by the name that its block has in the page. */
export async function workedExample(): Promise<ReadonlyMap<string, string>> {
  const model = new SequentialModel([64], LAYERS(), lossFrom('softmaxCrossEntropy'));
  const graph = trainingGraph(model, [{ form: 'classes', comparison: undefined }], { optimizer: OPTIMIZER });
  const program = compile(graph, { maximumRows: BATCH_SIZE });
  const [forward, backward] = halves(printGraph(graph).split('\n'));
  const network = await Network.create({ input: [64], layers: LAYERS(), loss: 'softmaxCrossEntropy', backend: 'wasm', seed: 1 });
  const training = network.explain({ batchSize: BATCH_SIZE, optimizer: OPTIMIZER });
  const [code, memory] = training.split('\n\n');
  const prediction = network.explain({ program: 'prediction', batchSize: BATCH_SIZE });
  network.dispose();
  const delta = [...instructions(program)].find(({ op }) => op.name === 'deltaMatmul')!;
  const words = (all: Int32Array) => [...all.subarray(delta.at, delta.at + delta.words)].join(' ');
  const placed = placedCode(program, new Int32Array(0), ADDRESSES);
  return new Map([
    ['structure', structureText(model.structure)],
    ['forward', forward],
    ['backward', backward],
    ['fused', operationsOf(updateRows(fuse(simplify(graph))))],
    ['memory', memory],
    ['program', code],
    ['prediction', prediction],
    ['words', `program  ${words(program.code)}\nplaced   ${words(placed)}`],
    ['native dispatch', nativeCase('deltaMatmul')],
  ]);
}
