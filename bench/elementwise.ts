/**
 * Element-wise expressions that a user writes, in runs and one operation after the other, beside the hand-written ops that compute the same:
 * the update of W4's parameters by Adam, an activation and a loss with their gradients. Shortest times of many rounds, in which all take
 * turns.
 *
 *   npm run bench:elementwise -- [--backend native|wasm] [--rounds N]
 */
import '../src/compiler/all-passes.ts';
import 'chainrule';
import { parseArgs } from 'node:util';
import type { BackendName, LocalBackend } from '../src/backends/backend.ts';
import { loadBackend } from '../src/backends/select.ts';
import { compile } from '../src/compiler/compile.ts';
import { differentiateGraph } from '../src/graph/autodiff.ts';
import { activate, add, divide, mean, multiply, power, sigmoid, sqrt, square, subtract } from '../src/graph/functions.ts';
import { Graph, type GraphValue } from '../src/graph/graph.ts';
import { BATCH } from '../src/ops/shape.ts';
import { adam } from '../src/optimizers/adam.ts';
import { defineOptimizer } from '../src/optimizers/define.ts';
import type { Optimizer } from '../src/optimizers/optimizer.ts';
import { addUpdate } from '../src/optimizers/update.ts';
import { platform } from '../src/platform/platform.ts';

const { values } = parseArgs({ options: { backend: { type: 'string', default: 'native' }, rounds: { type: 'string', default: '300' } } });
const loaded = (await loadBackend(platform(), values.backend as BackendName)) as LocalBackend;
const backend = loaded.with({ threads: 1 });
const rounds = Number(values.rounds);

/** W4's. */
const SHAPES = [[512, 784], [512], [512, 512], [512], [10, 512], [10]];
const ROWS = 128;
const UNITS = 512;

const ownAdam = defineOptimizer(
  { type: 'ownAdam', learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  (scope, parameter, gradient, learningRate) => {
    const { beta1, beta2, epsilon } = scope.options;
    const average = (kind: string, decay: number, x: GraphValue) => {
      const next = add(multiply(scope.state(kind), decay), multiply(x, 1 - decay));
      scope.assign(scope.state(kind), next);
      return next;
    };
    const m = average('mean', beta1, gradient);
    const v = average('variance', beta2, square(gradient));
    const bias = (decay: number) => subtract(1, power(decay, scope.step));
    const divisor = add(multiply(sqrt(v), divide(1, sqrt(bias(beta2)))), epsilon);
    return subtract(parameter, divide(multiply(m, divide(learningRate, bias(beta1))), divisor));
  },
);

function updates(optimizer: Optimizer): Graph {
  const graph = new Graph({ training: true });
  SHAPES.forEach((shape, i) => {
    const parameter = graph.parameter(`p${i}`, shape);
    const gradient = multiply(graph.input(`g${i}`, [1]), parameter);
    graph.gradients.set(`p${i}`, gradient);
    graph.within('update', () => addUpdate(graph, `p${i}`, parameter, gradient, optimizer));
  });
  return graph;
}

/** A function of the elements of a batch, and δ of them. */
function forthAndBack(body: (x: GraphValue, target: GraphValue) => GraphValue): Graph {
  const graph = new Graph({ training: true });
  const x = graph.input('x', [BATCH, UNITS]);
  const loss = body(x, graph.input('target', [BATCH, UNITS]));
  graph.outputs.set('loss', loss);
  graph.outputs.set('delta', differentiateGraph(loss, [x])[0]);
  return graph;
}

const half = (x: GraphValue, target: GraphValue) => multiply(square(subtract(x, target)), 0.5);
const huber = (x: GraphValue, target: GraphValue) => subtract(sqrt(add(square(subtract(x, target)), 1)), 1);
const element = (op: string) => (x: GraphValue, target: GraphValue) => x.graph.apply(op, [x, target])[0];

/** What is written by hand, and the same by a user. */
const CASES: readonly (readonly [string, Graph, Graph])[] = [
  ['Adam on W4', updates(adam()), updates(ownAdam)],
  ['x·sigmoid(x)', forthAndBack((x) => mean(activate(x, 'silu'))), forthAndBack((x) => mean(multiply(x, sigmoid(x))))],
  ['½(x − y)²', forthAndBack((x, y) => mean(element('squaredError')(x, y))), forthAndBack((x, y) => mean(half(x, y)))],
  ['pseudo-Huber beside Huber', forthAndBack((x, y) => mean(element('huberError')(x, y))), forthAndBack((x, y) => mean(huber(x, y)))],
];

/** Runs a program so and so often; gives µs a run. */
function runner(graph: Graph, fusesElements: boolean): () => number {
  const program = compile(graph, { maximumRows: ROWS, fusesElements });
  const session = backend.openArena(program, 1);
  for (const [i, slot] of [...program.parameters.values(), ...program.inputs.values()].entries())
    session.write(
      slot.offset,
      Float32Array.from({ length: slot.shape.reduce((n, size) => n * (size < 0 ? ROWS : size), 1) }, (_, k) => Math.sin(k + i)),
    );
  return () => {
    const began = performance.now();
    session.run({ from: 0, to: program.code.length, repeats: 1, rows: ROWS });
    return (performance.now() - began) * 1000;
  };
}

for (const [name, byHand, own] of CASES) {
  const runners = [runner(byHand, true), runner(own, true), runner(own, false)];
  const least = runners.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++)
    runners.forEach((run, i) => {
      least[i] = Math.min(least[i], run());
    });
  const [hand, fused, apart] = least.map((time) => time.toFixed(1).padStart(8));
  console.log(
    `${name.padEnd(28)} by hand ${hand} µs, own ${fused} µs (${(least[1] / least[0]).toFixed(2)} ×), one by one ${apart} µs (${(least[2] / least[0]).toFixed(2)} ×)`,
  );
}
