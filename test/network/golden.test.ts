/** Layers, losses and optimisers against values computed by PyTorch in float64. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { multiply, sum } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import { layerFromConfig } from '../../src/layers/config.ts';
import { lossFrom } from '../../src/losses/config.ts';
import type { LossName } from '../../src/losses/index.ts';
import { meanLoss } from '../../src/losses/rows.ts';
import { clipGradients } from '../../src/model/graphs.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { optimizerFromConfig } from '../../src/optimizers/define.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import type { Program, Slot } from '../../src/program/format.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose, type GoldenTensor } from '../support/compare.ts';
import { runGraph, slotSize, type Values } from '../support/run-graph.ts';

function golden<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')).cases;
}

interface LayerCase {
  readonly name: string;
  readonly layer: { readonly type: string; readonly in?: number; readonly features?: number; readonly mode?: string };
  readonly input: GoldenTensor;
  readonly params: Readonly<Record<string, GoldenTensor>>;
  readonly output: GoldenTensor;
  readonly gradOutput: GoldenTensor;
  /** Absent for class indices. */
  readonly gradInput?: GoldenTensor;
  readonly runningMeanBefore?: GoldenTensor;
  readonly runningVarBefore?: GoldenTensor;
  readonly runningMean?: GoldenTensor;
  readonly runningVar?: GoldenTensor;
  readonly gradParams: Readonly<Record<string, GoldenTensor>>;
}

const BUILT = [
  ...['activation', 'dense', 'rnn', 'lstm', 'gru', 'batchNorm', 'layerNorm', 'embedding', 'multiHeadAttention'],
  ...['conv2d', 'convTranspose2d', 'maxPool2d', 'averagePool2d', 'globalAveragePool2d'],
];

/** PyTorch holds the slope 1/6 of hardSigmoid in single precision, on float64 tensors too; ours is exact, so its δ is put right here. */
const SLOPE_CORRECTION: Readonly<Record<string, number>> = { 'activation hardSigmoid': 1 / 6 / Math.fround(1 / 6) };

/** Our options for what the files call otherwise. */
function configOf({ in: _, mode: _mode, features, ...config }: LayerCase['layer'] & { readonly vocabulary?: number }) {
  const { vocabulary, ...options } = config;
  return config.type === 'embedding' ? { ...options, count: vocabulary, size: features } : options;
}

function layerGraph({ layer, input, gradOutput }: LayerCase): Graph {
  const graph = new Graph({ training: layer.mode !== 'eval' });
  const x = graph.input('x', [BATCH, ...input.shape.slice(1)]);
  const delta = graph.input('delta', [BATCH, ...gradOutput.shape.slice(1)]);
  const y = layerFromConfig(configOf(layer))(x);
  graph.outputs.set('y', y);
  const wanted = [x, ...graph.trainable.values()];
  const gradients = differentiateGraph(sum(multiply(y, delta)), wanted);
  graph.outputs.set('dx', gradients[0]);
  [...graph.trainable.keys()].forEach((name, i) => {
    graph.gradients.set(name, gradients[i + 1]);
  });
  for (const [state, next] of graph.assignments) graph.outputs.set(`next ${state.source?.name}`, next);
  return graph;
}

/** By the path of the graph's only layer; PyTorch's attention has its last projection in a module of its own. */
const pathOf = (name: string) => `0.${name.replace(/^m\./, '').replace('out_proj.', 'out_proj_')}`;
const dataOf = (tensors: Readonly<Record<string, GoldenTensor>>): Values =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [pathOf(name), data]));
const statesOf = ({ runningMeanBefore, runningVarBefore }: LayerCase): Values =>
  runningMeanBefore && runningVarBefore ? dataOf({ running_mean: runningMeanBefore, running_var: runningVarBefore }) : {};

const layerCases = golden<LayerCase>('layers').filter(({ layer }) => BUILT.includes(layer.type));
const modes = [true, false];

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s against PyTorch', (_, backend) => {
  const close = (actual: ArrayLike<number> | undefined, expected: GoldenTensor, what: string) =>
    expectClose(actual as ArrayLike<number>, expected.data, tolerance(backend), what);

  it.each(layerCases.map((test) => [test.name, test] as const))('layer %s', (_name, test) => {
    for (const optimize of modes) {
      const values = { x: test.input.data, delta: test.gradOutput.data, ...dataOf(test.params), ...statesOf(test) };
      const results = runGraph(backend, layerGraph(test), values, { maximumRows: test.input.shape[0], optimize });
      close(results.get('y'), test.output, 'output');
      const correction = SLOPE_CORRECTION[test.name] ?? 1;
      const { gradInput, runningMean, runningVar } = test;
      if (gradInput) close(results.get('dx'), { ...gradInput, data: gradInput.data.map((delta) => delta * correction) }, 'δ of the input');
      for (const [name, gradient] of Object.entries(test.gradParams))
        close(results.get(`gradient ${pathOf(name)}`), gradient, `gradient of ${name}`);
      if (test.layer.mode !== 'train') continue;
      close(results.get('next 0.running_mean'), runningMean as GoldenTensor, 'running mean');
      close(results.get('next 0.running_var'), runningVar as GoldenTensor, 'running variance');
    }
  });

  interface SmoothingCase {
    readonly smoothing: number;
    readonly shape: readonly number[];
    readonly prediction: readonly number[];
    readonly targetShape: readonly number[];
    readonly target: readonly number[];
    readonly value: number;
    readonly gradient: readonly number[];
  }

  const { labelSmoothing } = JSON.parse(readFileSync(new URL('../golden/schedules.json', import.meta.url), 'utf8')) as {
    labelSmoothing: SmoothingCase[];
  };

  it.each(labelSmoothing.map((test) => [`${test.smoothing} of [${test.targetShape}]`, test] as const))(
    'label smoothing %s',
    (_name, test) => {
      for (const optimize of modes) {
        const graph = new Graph({ training: true });
        const prediction = graph.input('prediction', [BATCH, test.shape[1]]);
        const target = graph.input('target', [BATCH, ...test.targetShape.slice(1)]);
        const option = { type: 'softmaxCrossEntropy', labelSmoothing: test.smoothing } as const;
        const loss = meanLoss(lossFrom(option), prediction, target, test.targetShape.length === 1 ? 'classes' : 'values');
        graph.outputs.set('value', loss);
        graph.outputs.set('gradient', differentiateGraph(loss, [prediction])[0]);
        const results = runGraph(
          backend,
          graph,
          { prediction: test.prediction, target: test.target },
          { maximumRows: test.shape[0], optimize },
        );
        close(results.get('value'), { shape: [], data: [test.value] }, 'value');
        close(results.get('gradient'), { shape: test.shape, data: test.gradient }, 'gradient');
      }
    },
  );

  interface LossCase {
    readonly name: string;
    readonly loss: LossName;
    readonly prediction: GoldenTensor;
    readonly target: GoldenTensor;
    readonly value: number;
    readonly gradPrediction: GoldenTensor;
  }

  it.each(golden<LossCase>('losses').map((test) => [test.name, test] as const))('loss %s', (_name, test) => {
    for (const optimize of modes) {
      const graph = new Graph();
      const prediction = graph.input('prediction', [BATCH, ...test.prediction.shape.slice(1)]);
      const target = graph.input('target', [BATCH, ...test.target.shape.slice(1)]);
      const loss = meanLoss(lossFrom(test.loss), prediction, target, test.target.shape.length === 1 ? 'classes' : 'values');
      graph.outputs.set('loss', loss);
      graph.outputs.set('delta', differentiateGraph(loss, [prediction])[0]);
      const values = { prediction: test.prediction.data, target: test.target.data };
      const results = runGraph(backend, graph, values, { maximumRows: test.prediction.shape[0], optimize });
      expectClose(results.get('loss') as ArrayLike<number>, [test.value], tolerance(backend), 'loss');
      close(results.get('delta'), test.gradPrediction, 'δ of the prediction');
    }
  });

  interface OptimizerCase {
    readonly name: string;
    readonly optimizer: { readonly type: string; readonly learningRate: number };
    readonly clip: readonly ['norm' | 'value', number] | null;
    readonly initial: readonly GoldenTensor[];
    readonly gradients: readonly (readonly GoldenTensor[])[];
    readonly values: readonly (readonly GoldenTensor[])[];
  }

  it.each(golden<OptimizerCase>('optimizers').map((test) => [test.name, test] as const))('optimiser %s', (_name, test) => {
    for (const optimize of modes) {
      const graph = new Graph();
      const parameters = test.initial.map(({ shape }, i) => graph.parameter(`p${i}`, shape));
      const inputs = test.initial.map(({ shape }, i) => graph.input(`g${i}`, shape));
      const gradients = test.clip ? clipGradients(inputs, { [test.clip[0]]: test.clip[1] } as { norm: number }) : inputs;
      const optimizer = optimizerFromConfig(test.optimizer);
      parameters.forEach((parameter, i) => {
        graph.gradients.set(`p${i}`, gradients[i]);
        addUpdate(graph, `p${i}`, parameter, gradients[i], optimizer);
      });
      stepThrough(test, graph, optimize);
    }
  });

  function stepThrough(test: OptimizerCase, graph: Graph, optimize: boolean): void {
    const program = compile(graph, { optimize });
    const session = backend.openArena(program, 0);
    const write = (prefix: string, slots: Program['inputs'], tensors: readonly GoldenTensor[]) => {
      tensors.forEach(({ data }, i) => {
        session.write((slots.get(`${prefix}${i}`) as Slot).offset, data);
      });
    };
    write('p', program.parameters, test.initial);
    test.gradients.forEach((gradients, step) => {
      write('g', program.inputs, gradients);
      session.run({ from: 0, to: program.code.length, repeats: 1, rows: 1 });
      test.values[step].forEach((expected, i) => {
        const slot = program.parameters.get(`p${i}`) as Slot;
        close(session.read(slot.offset, slotSize(slot, 1)), expected, `p${i} after step ${step + 1}`);
      });
    });
    session.dispose();
  }

  it('every case of layers.json is read', () => {
    expect(layerCases.length).toBe(50);
  });
});
