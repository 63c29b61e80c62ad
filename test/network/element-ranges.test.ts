/** Indices that choose rows of tables: what is none is refused on its way in, wherever data is given and whatever leads to the table. */
import {
  add,
  concatenate,
  DataError,
  DivergedError,
  dense,
  embedding,
  flatten,
  type GraphValue,
  multiply,
  Network,
  reshape,
  sgd,
  slice,
  sum,
  transpose,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { modelFrom } from '../../src/network-options.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend } from '../support/networks.ts';
import { refusal } from '../support/refused.ts';

const words = () => createOn(FASTEST, { input: [3], layers: [embedding(5, 2), flatten(), dense(1)], loss: 'meanSquaredError' });
const GOOD = {
  x: [
    [0, 4, 2],
    [1, 1, 3],
  ],
  y: [[0], [1]],
};
const bad = (value: number) => ({
  x: [
    [0, 4, 2],
    [1, value, 3],
  ],
  y: GOOD.y,
});

type Call = (network: Network, data: ReturnType<typeof bad>) => unknown;
const CALLS: readonly (readonly [where: string, call: Call])[] = [
  ['fit.x', (network, data) => network.fit(data, { epochs: 1 })],
  ['fit.validation.x', (network, data) => network.fit(GOOD, { epochs: 1, validation: data })],
  ['evaluate.x', (network, data) => network.evaluate(data)],
  ['predict', (network, data) => network.predict(data.x)],
  ['predictAsync', (network, data) => network.predictAsync(data.x)],
  ['gradients.x', (network, data) => network.gradients(data)],
  ['diagnose.x', (network, data) => network.diagnose(data)],
  ['checkGradients.x', (network, data) => network.checkGradients(data)],
];

describe('what is no index of the table is refused by', () => {
  it.each(CALLS.flatMap(([where, call]) => [5, -1, 1.5, Number.NaN, 2 ** 31, -(2 ** 40)].map((value) => [where, value, call] as const)))(
    '%s: %s',
    async (where, value, call) => {
      using network = await words();
      const before = network.toBytes();
      const error = await refusal(() => call(network, bad(value)));
      expect(error).toBeInstanceOf(DataError);
      expect((error as Error).message).toBe(
        `${where}: expected indices from 0 to 4 for layer 0 (embedding), got ${value} in row 1, element 1`,
      );
      expect(network.toBytes()).toEqual(before);
    },
  );
});

/** Two tables, of 5 and of 9 rows. */
const five = () => embedding(5, 2);
const nine = () => embedding(9, 2);
const total = (...values: readonly GraphValue[]) =>
  values.map((value) => reshape(sum(flatten()(value), [1]), [-1, 1])).reduce((a, b) => add(a, b));

type Inputs = Record<'a' | 'b', GraphValue>;
/** What leads to the tables; what is looked up of a's four elements and of b's two: how many rows there are, 0 where they are numbers. */
const ROUTES: readonly (readonly [string, (inputs: Inputs) => GraphValue, a: readonly number[], b: readonly number[]])[] = [
  ['straight', ({ a, b }) => total(five()(a), nine()(b)), [5, 5, 5, 5], [9, 9]],
  ['reshaped', ({ a, b }) => total(five()(reshape(a, [-1, 2, 2])), b), [5, 5, 5, 5], [0, 0]],
  ['transposed', ({ a, b }) => total(five()(transpose(reshape(a, [-1, 2, 2]), [0, 2, 1])), b), [5, 5, 5, 5], [0, 0]],
  ['a slice', ({ a, b }) => total(five()(slice(a, 1, 1, 3)), b), [0, 5, 5, 0], [0, 0]],
  ['joined with another input', ({ a, b }) => total(five()(concatenate(a, b))), [5, 5, 5, 5], [5, 5]],
  ['joined with a number', ({ a, b }) => total(five()(concatenate(a, multiply(b, 0)))), [5, 5, 5, 5], [0, 0]],
  ['shared by tables', ({ a, b }) => total(nine()(a), five()(slice(a, 1, 0, 2)), b), [5, 5, 9, 9], [0, 0]],
  ['read as numbers too', ({ a, b }) => total(five()(a), multiply(a, 0.5), b), [5, 5, 5, 5], [0, 0]],
  ['computed', ({ a, b }) => total(five()(multiply(a, 2)), b), [0, 0, 0, 0], [0, 0]],
];

describe('the way to a table', () => {
  it.each(ROUTES)('%s: is known, element by element', (_, build, a, b) => {
    const options = { inputs: { a: [4], b: [2] }, losses: { y: 'meanSquaredError' } } as const;
    const { model } = modelFrom({ ...options, build: (inputs: never) => ({ y: build(inputs) }) } as never);
    for (const [name, counts] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const ranges = model.elementRanges.get(name);
      expect(
        counts.map((_, i) => (ranges?.[i]?.most ?? -1) + 1),
        name,
      ).toEqual(counts);
      expect(model.elementsOf(name), name).toBe(counts.every((count) => count > 0) ? 'index' : 'number');
    }
  });

  describe.each(BACKEND_NAMES)('on %s', (backend) => {
    it.each(ROUTES)('%s: predicts what the tables hold, and refuses by the smallest range', async (_, build, a, b) => {
      using network = await onBackend(backend, () =>
        Network.create({
          inputs: { a: [4], b: [2] },
          losses: { y: 'meanSquaredError' },
          build: (inputs) => ({ y: build(inputs) }),
          backend,
        }),
      );
      network.setParameters(
        new Map([...network.parameters()].map(([name, { shape, data }]) => [name, { shape, data: data.map((_, i) => Math.floor(i / 2)) }])),
      );
      const zeros = { a: [[0, 0, 0, 0]], b: [[0, 0]] };
      const base = network.predict(zeros).y.data[0];
      const given = { a, b };
      for (const [name, counts] of Object.entries(given) as ['a' | 'b', readonly number[]][]) {
        for (const [i, below] of counts.entries()) {
          if (below === 0) continue;
          const withValue = (value: number) => ({ ...zeros, [name]: [zeros[name][0].map((zero, k) => (k === i ? value : zero))] });
          const last = network.predict(withValue(below - 1)).y.data[0];
          expect(Number.isFinite(last)).toBe(true);
          expect(last).toBeGreaterThan(base);
          expect(() => network.predict(withValue(below))).toThrow(
            new RegExp(
              `predict.${name}: expected indices from 0 to ${below - 1} for layer \\d \\(embedding\\), got ${below} in row 0, element ${i}`,
            ),
          );
        }
      }
    });
  });
});

describe('an input of indices and numbers', () => {
  const network = (backend: (typeof BACKEND_NAMES)[number], count: number) =>
    onBackend(backend, () =>
      Network.create({
        inputs: { x: [2] },
        losses: { y: 'meanSquaredError' },
        build: ({ x }) => ({
          y: add(reshape(embedding(count, 1, { initializer: 'zeros' })(slice(x, 1, 0, 1)), [-1, 1]), slice(x, 1, 1, 2)),
        }),
        backend,
      }),
    );

  it.each(BACKEND_NAMES)('keeps its numbers on %s', async (backend) => {
    using mixed = await network(backend, 5);
    expect(mixed.predict({ x: [[4, 0.25]] }).y.data[0]).toBe(0.25);
    expect(() => mixed.predict({ x: [[4.5, 0.25]] })).toThrow(
      /expected indices from 0 to 4 for layer 0 \(embedding\), got 4.5 in row 0, element 0/,
    );
  });
});

describe.each(BACKEND_NAMES)('an index that the network computes, on %s', (backend) => {
  /** Looks up row 2x of five. */
  const doubling = () =>
    onBackend(backend, () =>
      Network.create({
        inputs: { x: [1] },
        losses: { y: 'meanSquaredError' },
        build: ({ x }) => ({ y: reshape(embedding(5, 1)(multiply(x, 2)), [-1, 1]) }),
        backend,
      }),
    );

  it('finds its row', async () => {
    using network = await doubling();
    network.setParameters(new Map([['0.weight', [[0], [10], [20], [30], [40]]]]));
    expect([...network.predict({ x: [[0], [0.5], [1], [1.5], [2]] }).y.data]).toEqual([0, 10, 20, 30, 40]);
    await network.fit({ x: { x: [[1]] }, y: { y: [[0]] } }, { epochs: 1, optimizer: sgd({ learningRate: 0.25 }) });
    expect([...(network.parameters().get('0.weight')?.data ?? [])]).toEqual([0, 10, 10, 30, 40]);
  });

  it.each([
    ['beyond the table', 3, 6],
    ['below it', -1, -2],
    ['far beyond', 2 ** 29, 2 ** 30],
    ['no integer', 0.25, undefined],
    ['beyond 32 bits', 2 ** 40, undefined],
  ])('%s: finds no row, and says so where training meets it', async (_, x, index) => {
    using network = await doubling();
    const table = () => [...(network.parameters().get('0.weight')?.data ?? [])];
    const before = table();
    const given = { x: [[0], [x], [1]] };
    const found = network.predict(given).y.data;
    expect([...found].map(Number.isFinite)).toEqual([true, false, true]);
    const data = { x: given, y: { y: [[0], [0], [0]] } };
    const error = await refusal(() => network.fit(data, { epochs: 2 }));
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toMatchObject({ step: 1, layer: 'layer 0 (embedding)', stray: { index, count: 5 } });
    const came = index ?? 'a number that is no integer';
    expect((error as Error).message).toContain(
      `layer 0 (embedding) was to look up index ${came}, which the network computed: expected 0 to 4`,
    );
    expect((error as Error).message).not.toMatch(/learningRate/);
    expect(table()).toEqual(before);

    const { firstNonFinite, findings } = await network.diagnose(data);
    expect(firstNonFinite).toEqual({ layer: '0', what: 'output', stray: { index, count: 5 } });
    expect(findings).toEqual([
      `layer 0 was to look up index ${came}, which the network computed: expected 0 to 4; keep what computes the index within that range`,
    ]);
  });

  it('is not blamed for what was not finite before', async () => {
    const overflowing = dense(1, { initializer: [[backend === 'reference' ? 1e300 : 1e30]] });
    using network = await onBackend(backend, () =>
      Network.create({
        inputs: { x: [1] },
        losses: { y: 'meanSquaredError' },
        build: ({ x }) => ({ y: reshape(embedding(5, 1)(multiply(overflowing(x), 1e300)), [-1, 1]) }),
        backend,
      }),
    );
    const { firstNonFinite, findings } = await network.diagnose({ x: { x: [[1e30]] }, y: { y: [[0]] } });
    expect(firstNonFinite?.stray).toBeUndefined();
    expect(findings).toEqual([expect.stringContaining('smaller learning rate')]);
  });
});
