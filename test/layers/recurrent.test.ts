/** Recurrent layers: gradients, masks, both directions, states given and returned, truncated backpropagation. */
import {
  bidirectional,
  dense,
  flatten,
  frozen,
  type GraphValue,
  gru,
  type Layer,
  layerFromConfig,
  lstm,
  Network,
  named,
  paddingMask,
  type RecurrentOptions,
  rnn,
  sequenceMask,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { add, multiply, slice, sum } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Slot } from '../../src/program/format.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { createOn, FASTEST, onBackend, spread, spreadTensor } from '../support/networks.ts';
import { runGraph, slotSize, type Values } from '../support/run-graph.ts';

const ROWS = 5;
const STEPS = 6;
const FEATURES = 3;
const UNITS = 4;

type Maker = (units: number, options?: RecurrentOptions) => Layer<readonly [GraphValue, ...GraphValue[]]>;

const MAKERS: readonly (readonly [string, Maker])[] = [
  ['rnn', rnn],
  ['rnn with relu', (units, options) => rnn(units, { ...options, activation: 'relu' })],
  ['lstm', lstm],
  ['gru', gru],
];

/** Sequences of which row r has its last r steps empty. */
function padded(): Float64Array {
  const x = spread(ROWS * STEPS * FEATURES, 3);
  for (let r = 0; r < ROWS; r++) x.fill(0, (r * STEPS + STEPS - r) * FEATURES, (r + 1) * STEPS * FEATURES);
  return x;
}

const sequence = (graph: Graph, name = 'x', steps = STEPS) => graph.input(name, [BATCH, steps, FEATURES]);

/** A layer of several inputs or outputs, called with any. */
const call = (layer: unknown, ...inputs: readonly GraphValue[]) =>
  [(layer as (...values: readonly GraphValue[]) => GraphValue | readonly GraphValue[])(...inputs)].flat();

/** Values for every parameter of a graph, by name. */
function parametersOf(graph: Graph): Record<string, ArrayLike<number>> {
  return Object.fromEntries(
    [...graph.parameters].map(([name, { shape }], i) => [
      name,
      spread(
        shape.reduce((n, size) => n * size, 1),
        i,
      ),
    ]),
  );
}

/** Elements of a tensor [ROWS, steps, width] for the steps from `start` to `end`. */
function stepsOf(data: ArrayLike<number>, width: number, start: number, end: number, steps = STEPS): number[] {
  return Array.from({ length: ROWS }, (_, r) => Array.from(data).slice((r * steps + start) * width, (r * steps + end) * width)).flat();
}

describe.each(MAKERS)('%s: gradients agree with differences', (_, make) => {
  const stacks: readonly (readonly [string, () => Layer[]])[] = [
    ['many to one', () => [make(UNITS), dense(2)]],
    ['many to many', () => [make(UNITS, { returnSequences: true }), dense(2), flatten(), dense(2)]],
    ['stacked, the second one in reverse', () => [make(UNITS, { returnSequences: true }), make(3, { reverse: true }), dense(2)]],
    ['without biases', () => [make(UNITS, { bias: false }), dense(2)]],
    [
      'in both directions',
      () => [bidirectional(make(UNITS, { returnSequences: true })), bidirectional(make(3), { merge: 'sum' }), dense(2)],
    ],
    [
      'with padding',
      () => {
        const first = make(UNITS, { returnSequences: true, masked: true });
        const second = bidirectional(make(3, { masked: true }));
        return [(x) => second(first(x, paddingMask(x)), paddingMask(x)), dense(2)];
      },
    ],
    [
      'with states given and returned',
      () => {
        const one = make(3, { returnState: true } as RecurrentOptions);
        const two = make(3, { initialState: true, reverse: true });
        return [
          (x) => {
            const [y, ...state] = call(one, x);
            return add(y, call(two, x, ...state)[0]);
          },
          dense(2),
        ];
      },
    ],
  ];

  it.each(stacks)('%s', async (_name, layers) => {
    using network = await createOn('reference', { input: [STEPS, FEATURES], layers: layers(), loss: 'halfSquaredError', seed: 2 });
    const x = { shape: [ROWS, STEPS, FEATURES], data: padded() };
    const { maxRelativeError, worst } = await network.checkGradients({ x, y: spreadTensor([ROWS, 2], 7) });
    expect(maxRelativeError, JSON.stringify(worst)).toBeLessThan(1e-6);
  });
});

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  const close = (actual: ArrayLike<number> | undefined, expected: ArrayLike<number>, what: string) =>
    expectClose(actual as ArrayLike<number>, expected, tolerance(backend), what);
  const run = (graph: Graph, values: Values) => runGraph(backend, graph, values, { maximumRows: ROWS });

  it.each(MAKERS)('%s: a masked sequence is the shorter one, with zeros behind', (_name, make) => {
    const lengths = Array.from({ length: ROWS }, (_length, r) => STEPS - r);
    const graph = new Graph();
    const mask = sequenceMask(graph.input('lengths', [BATCH]), STEPS);
    const [y, ...states] = call(
      make(UNITS, { masked: true, returnSequences: true, returnState: true } as RecurrentOptions),
      sequence(graph),
      mask,
    );
    graph.outputs.set('y', y);
    graph.outputs.set('hidden', states[0]);
    const parameters = parametersOf(graph);
    const masked = run(graph, { x: spread(ROWS * STEPS * FEATURES), lengths, ...parameters });
    lengths.forEach((length, r) => {
      const short = new Graph();
      short.outputs.set('y', call(make(UNITS, { returnSequences: true }), sequence(short, 'x', length))[0]);
      const x = stepsOf(spread(ROWS * STEPS * FEATURES), FEATURES, 0, length);
      const expected = Array.from(run(short, { x, ...parameters }).get('y')!).slice(r * length * UNITS, (r + 1) * length * UNITS);
      const row = Array.from(masked.get('y')!).slice(r * STEPS * UNITS, (r + 1) * STEPS * UNITS);
      close(row, [...expected, ...new Array((STEPS - length) * UNITS).fill(0)], `row ${r}`);
      close(masked.get('hidden')!.slice(r * UNITS, (r + 1) * UNITS), expected.slice(-UNITS), `state of row ${r}`);
    });
  });

  it('both directions take initialisers that are numbers, the name, and being frozen', async () => {
    const initializer = Array.from({ length: UNITS }, () => Array.from(spread(FEATURES)));
    using network = await onBackend(FASTEST, () =>
      Network.create({
        input: [STEPS, FEATURES],
        layers: [bidirectional(frozen(named('reader', rnn(UNITS, { initializer })))), dense(1)],
        loss: 'halfSquaredError',
      }),
    );
    const weights = ['', '_reverse'].map((suffix) => `reader.weight_ih_l0${suffix}`);
    const before = weights.map((name) => Array.from(network.parameters().get(name)!.data));
    for (const weight of before) expectClose(weight, initializer.flat(), 1e-7, 'weight');
    await network.fit({ x: spreadTensor([ROWS, STEPS, FEATURES]), y: spreadTensor([ROWS, 1]) }, { epochs: 2 });
    expect(weights.map((name) => Array.from(network.parameters().get(name)!.data))).toEqual(before);
  });

  it.each(MAKERS)('%s: the reverse direction is the forward one on the sequence turned round', (_name, make) => {
    const graph = new Graph();
    graph.outputs.set('y', bidirectional(make(UNITS, { returnSequences: true }))(sequence(graph)));
    const parameters = parametersOf(graph);
    const x = spread(ROWS * STEPS * FEATURES);
    const both = run(graph, { x, ...parameters }).get('y')!;
    const turned = (data: ArrayLike<number>, width: number) =>
      Array.from({ length: ROWS * STEPS * width }, (_value, i) => {
        const [place, j] = [Math.floor(i / width), i % width];
        return data[(Math.floor(place / STEPS) * STEPS + (STEPS - 1 - (place % STEPS))) * width + j];
      });
    for (const [part, suffix] of ['', '_reverse'].entries()) {
      const one = new Graph();
      one.outputs.set('y', call(make(UNITS, { returnSequences: true }), sequence(one))[0]);
      const own = Object.fromEntries([...one.parameters.keys()].map((name) => [name, parameters[`${name}${suffix}`]]));
      const y = run(one, { x: part ? turned(x, FEATURES) : x, ...own }).get('y')!;
      const half = Array.from({ length: ROWS * STEPS }, (_place, i) =>
        Array.from(both).slice((2 * i + part) * UNITS, (2 * i + part + 1) * UNITS),
      );
      close(half.flat(), part ? turned(y, UNITS) : y, suffix || 'forward');
    }
  });

  it.each(MAKERS)('%s: truncated δ are those of the chunks, each begun with the state before as a constant', (_name, make) => {
    const weights = spread(ROWS * STEPS * UNITS, 9);
    const x = spread(ROWS * STEPS * FEATURES);
    const whole = new Graph({ training: true });
    const y = call(make(UNITS, { returnSequences: true, truncate: 2 }), sequence(whole))[0];
    gradientsOf(whole, y);
    const parameters = parametersOf(whole);
    const expected = run(whole, { x, weights, ...parameters });
    const totals = new Map<string, number[]>();
    let states: ArrayLike<number>[] = [];
    for (let start = 0; start < STEPS; start += 2) {
      const chunk = new Graph({ training: true });
      const options = { returnSequences: true, returnState: true, initialState: start > 0 } as RecurrentOptions;
      const initial = states.map((_state, i) => chunk.input(`initial${i}`, [BATCH, UNITS]));
      const [part, ...finals] = call(make(UNITS, options), sequence(chunk, 'x', 2), ...initial);
      gradientsOf(chunk, part);
      finals.forEach((final, i) => {
        chunk.outputs.set(`final${i}`, final);
      });
      const results = run(chunk, {
        x: stepsOf(x, FEATURES, start, start + 2),
        weights: stepsOf(weights, UNITS, start, start + 2),
        ...Object.fromEntries(states.map((state, i) => [`initial${i}`, state])),
        ...parameters,
      });
      close(results.get('y'), stepsOf(expected.get('y')!, UNITS, start, start + 2), `steps from ${start}`);
      states = finals.map((_final, i) => results.get(`final${i}`)!);
      for (const name of chunk.gradients.keys()) {
        const before = totals.get(name) ?? [];
        totals.set(
          name,
          Array.from(results.get(`gradient ${name}`)!, (value: number, i) => value + (before[i] ?? 0)),
        );
      }
    }
    expect(totals.size).toBe(4);
    for (const [name, total] of totals) close(expected.get(`gradient ${name}`), total, name);
  });

  it.each(MAKERS)('%s: stateful, each step begins where the one before ended', (_name, make) => {
    const whole = new Graph({ training: true });
    whole.outputs.set('y', call(make(UNITS, { returnSequences: true }), sequence(whole))[0]);
    const x = spread(ROWS * STEPS * FEATURES);
    const parameters = parametersOf(whole);
    const expected = run(whole, { x, ...parameters }).get('y')!;
    const graph = new Graph({ training: true });
    graph.outputs.set('y', call(make(UNITS, { returnSequences: true, stateful: true }), sequence(graph, 'x', 2))[0]);
    for (const [state, next] of graph.assignments) graph.apply('assign', [state, next]);
    const program = compile(graph, { maximumRows: ROWS });
    const session = backend.openArena(program, 0);
    for (const [name, { offset }] of program.parameters) session.write(offset, parameters[name]);
    for (let start = 0; start < STEPS; start += 2) {
      session.write((program.inputs.get('x') as Slot).offset, stepsOf(x, FEATURES, start, start + 2));
      session.run({ from: 0, to: program.code.length, repeats: 1, rows: ROWS });
      const slot = program.outputs.get('y') as Slot;
      close(session.read(slot.offset, slotSize(slot, ROWS)), stepsOf(expected, UNITS, start, start + 2), `steps from ${start}`);
    }
    session.dispose();
  });
});

/** Output y, and the gradients of Σ y ⊙ weights. */
function gradientsOf(graph: Graph, y: GraphValue): void {
  graph.outputs.set('y', y);
  const names = [...graph.parameters.keys()];
  const loss = sum(multiply(y, graph.input('weights', y.shape)));
  differentiateGraph(loss, [...graph.parameters.values()]).forEach((gradient, i) => {
    graph.gradients.set(names[i], gradient);
  });
}

describe('a recurrent layer', () => {
  it('begins as PyTorch does: every parameter uniform within 1/√units', async () => {
    using network = await createOn(FASTEST, { input: [STEPS, FEATURES], layers: [lstm(64)], loss: 'halfSquaredError' });
    const parameters = [...network.parameters()];
    expect(parameters.map(([name, { shape }]) => [name, shape])).toEqual([
      ['0.weight_ih_l0', [256, FEATURES]],
      ['0.weight_hh_l0', [256, 64]],
      ['0.bias_ih_l0', [256]],
      ['0.bias_hh_l0', [256]],
    ]);
    for (const [, { data }] of parameters) {
      expect(Math.max(...data)).toBeGreaterThan(0.115);
      expect(Math.max(...data)).toBeLessThanOrEqual(0.125);
      expect(Math.min(...data)).toBeLessThan(-0.115);
    }
  });

  it('is read back from a model file', async () => {
    const layers = [
      bidirectional(gru(3, { returnSequences: true, initializer: 'orthogonal' }), { merge: 'sum' }),
      rnn(4, { activation: 'relu', returnSequences: true, truncate: 3 }),
      lstm(5, { reverse: true, bias: false }),
    ];
    for (const layer of layers) expect(layerFromConfig(layer.config!).config).toEqual(layer.config);
    using network = await createOn(FASTEST, { input: [STEPS, FEATURES], layers, loss: 'halfSquaredError' });
    const x = spreadTensor([ROWS, STEPS, FEATURES]);
    using again = await onBackend(FASTEST, () => Network.fromBytes(network.toBytes()));
    expect(again.predict(x).data).toEqual(network.predict(x).data);
  });

  const inputs = () => {
    const graph = new Graph();
    return { x: sequence(graph), state: graph.input('state', [BATCH, UNITS]), mask: graph.input('mask', [BATCH, STEPS]) };
  };

  it.each([
    ['no units', () => lstm(0), /lstm\(units\): expected an integer of at least 1, got 0/],
    ['an unknown option', () => gru(3, { activation: 'relu' } as RecurrentOptions), /gru: unknown option 'activation'/],
    [
      'an unknown activation',
      () => rnn(3, { activation: 'sigmoid' as 'tanh' }),
      /rnn.activation: expected one of tanh, relu, got 'sigmoid'/,
    ],
    ['a flag that is none', () => lstm(3, { masked: 1 as unknown as boolean }), /lstm.masked: expected true or false, got 1/],
    ['chunks of no step', () => lstm(3, { truncate: 0 }), /lstm.truncate: expected an integer of at least 1, got 0/],
    [
      'two sources of the state',
      () => lstm(3, { stateful: true, initialState: true }),
      /lstm: expected either an initial state or stateful/,
    ],
    ['an unknown initialiser', () => lstm(3, { recurrentInitializer: 'ones!' as 'ones' }), /lstm.recurrentInitializer: expected one of/],
    ['both directions of a dense layer', () => bidirectional(dense(3)), /bidirectional: expected an rnn, lstm or gru.*got dense/],
    ['both directions of a function', () => bidirectional((x: GraphValue) => x), /got a function/],
    ['an unknown merge', () => bidirectional(lstm(3), { merge: 'product' as 'sum' }), /bidirectional.merge: expected one of/],
    [
      'images',
      () => lstm(3)(new Graph().input('x', [BATCH, 2, 3, 4])),
      /expected an input of \[batch, time, features\], got \[batch, 2, 3, 4\]/,
    ],
    ['a mask too many', () => lstm(3)(inputs().x, inputs().mask), /lstm: expected 1 inputs \(a sequence\), got 2/],
    [
      'too few states',
      () => call(lstm(UNITS, { initialState: true }), inputs().x, inputs().state),
      /expected 3 inputs \(a sequence, hidden, cell\), got 2/,
    ],
    [
      'a mask of another length',
      () => {
        const { x, state } = inputs();
        return gru(UNITS, { masked: true })(x, state);
      },
      /gru: expected mask of shape \[batch, 6\], got \[batch, 4\]/,
    ],
    [
      'lengths without steps',
      () => sequenceMask(new Graph().input('lengths', [BATCH]), 0),
      /sequenceMask: expected a positive number of steps/,
    ],
    ['lengths that are a matrix', () => sequenceMask(inputs().x, 4), /sequenceMask: expected one length a row/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it('refuses, as an op, an initial state with another number of units', () => {
    const graph = new Graph();
    const projected = graph.input('p', [BATCH, 2, 8]);
    const weight = graph.parameter('w', [8, 2]);
    expect(() => graph.apply('lstm', [projected, weight, graph.input('h', [BATCH, 3]), undefined, undefined])).toThrow(
      /lstm: expected an initial state of shape \[batch, 2\], got \[batch, 3\]/,
    );
    expect(() => graph.apply('lstm', [slice(projected, 2, 0, 6), weight, undefined, undefined, undefined])).toThrow(/a projection of/);
  });
});
