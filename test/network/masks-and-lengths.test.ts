/** Masks and lengths of sequences: what is none is refused on its way in, wherever data is given and whatever takes it. */
import {
  add,
  bidirectional,
  concatenate,
  DataError,
  dense,
  embedding,
  type GraphValue,
  gru,
  lstm,
  multiHeadAttention,
  multiply,
  Network,
  reshape,
  rnn,
  sequenceMask,
  slice,
  sum,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { BackendName } from '../../src/backends/backend.ts';
import { BACKEND_NAMES, FASTEST, onBackend } from '../support/networks.ts';
import { refusal } from '../support/refused.ts';

const STEPS = 3;
type Inputs = Record<'x' | 'm' | 'n', GraphValue>;
/** Of sequences x [batch, 3, 2] and what tells padding from steps: m of three numbers a row, n of one. */
const inputs = { x: [STEPS, 2], m: [STEPS], n: [1] } as const;

const last = (value: GraphValue) => reshape(sum(value, value.shape.slice(1).map((_, axis) => axis + 1) as number[]), [-1, 1]);
const masked = { masked: true } as const;
const lengths = ({ n }: Inputs) => reshape(n, [-1]);

const MASK = (taker: string) => `a mask of 1 for what counts and 0 for padding for ${taker}`;
const LENGTH = `lengths of 0 to ${STEPS} whole steps for sequenceMask`;
const NO_MASK = [0.5, 2, -1, -1e9, 1e-30];
const NO_LENGTH = [STEPS + 1, -1, 1.5, 1e9];

/** What takes them; the input and element that are looked at, what is good there, what is bad, and what the message expects. */
const TAKERS: readonly (readonly [
  name: string,
  build: (given: Inputs) => GraphValue,
  input: 'x' | 'm' | 'n',
  element: number,
  good: readonly number[],
  bad: readonly number[],
  expected: string,
])[] = [
  ['rnn', ({ x, m }) => last(rnn(2, masked)(x, m)), 'm', 1, [0, 1], NO_MASK, MASK('layer 0 (rnn)')],
  ['lstm', ({ x, m }) => last(lstm(2, masked)(x, m)), 'm', 2, [0, 1], NO_MASK, MASK('layer 0 (lstm)')],
  ['gru', ({ x, m }) => last(gru(2, { ...masked, reverse: true })(x, m)), 'm', 0, [0, 1], NO_MASK, MASK('layer 0 (gru)')],
  [
    'both directions',
    ({ x, m }) => last(bidirectional(lstm(2, { ...masked, returnSequences: true }))(x, m)),
    'm',
    1,
    [0, 1],
    NO_MASK,
    MASK('layer 0 (bidirectional)'),
  ],
  ['attention', ({ x, m }) => last(multiHeadAttention(1, masked)(x, m)), 'm', 1, [0, 1], NO_MASK, MASK('layer 0 (multiHeadAttention)')],
  [
    'a mask among features',
    ({ x }) => last(lstm(2, masked)(x, reshape(slice(x, 2, 1, 2), [-1, STEPS]))),
    'x',
    3,
    [0, 1],
    NO_MASK,
    MASK('layer 0 (lstm)'),
  ],
  [
    'a mask joined of two inputs',
    ({ x, m, n }) => last(rnn(2, masked)(x, concatenate(slice(m, 1, 0, 2), n))),
    'n',
    0,
    [0, 1],
    NO_MASK,
    MASK('layer 0 (rnn)'),
  ],
  [
    'a mask multiplied too',
    ({ x, m }) => last(multiply(rnn(2, { ...masked, returnSequences: true })(x, m), reshape(m, [-1, STEPS, 1]))),
    'm',
    0,
    [0, 1],
    NO_MASK,
    MASK('layer 0 (rnn)'),
  ],
  ['lengths', (given) => last(lstm(2, masked)(given.x, sequenceMask(lengths(given), STEPS))), 'n', 0, [0, 1, STEPS], NO_LENGTH, LENGTH],
  [
    'lengths that index a table of two',
    (given) => add(last(embedding(2, 1)(given.n)), last(gru(2, masked)(given.x, sequenceMask(lengths(given), STEPS)))),
    'n',
    0,
    [0, 1],
    [2, -1, 0.5],
    'indices from 0 to 1 for layer 0 (embedding)',
  ],
  [
    'lengths that index a table of nine',
    (given) => add(last(embedding(9, 1)(given.n)), last(gru(2, masked)(given.x, sequenceMask(lengths(given), STEPS)))),
    'n',
    0,
    [0, STEPS],
    NO_LENGTH,
    LENGTH,
  ],
];

const make = (backend: BackendName, build: (given: Inputs) => GraphValue) =>
  onBackend(backend, () => Network.create({ inputs, losses: { y: 'meanSquaredError' }, build: (given) => ({ y: build(given) }), backend }));

/** Three rows that are good, but for one element of the last of them. */
function rowsWith(input: keyof Inputs, element: number, value: number) {
  const x = {
    x: Array.from({ length: 3 }, () => [1, 1, 0.5, 0, 0.25, 1].map((feature, i) => (i % 2 ? Math.round(feature) : feature))),
    m: Array.from({ length: 3 }, () => [1, 1, 0]),
    n: Array.from({ length: 3 }, () => [1]),
  };
  x[input][2][element] = value;
  return { x: { ...x, x: { shape: [3, STEPS, 2], data: Float64Array.from(x.x.flat()) } }, y: { y: [[0], [1], [2]] } };
}
type Data = ReturnType<typeof rowsWith>;

const CALLS: readonly (readonly [where: string, call: (network: Network<never, never>, data: Data, good: Data) => unknown])[] = [
  ['fit.x', (network, data) => network.fit(data as never, { epochs: 1, batchSize: 2 })],
  ['fit.validation.x', (network, data, good) => network.fit(good as never, { epochs: 1, validation: data as never })],
  ['evaluate.x', (network, data) => network.evaluate(data as never)],
  ['predict', (network, data) => network.predict(data.x as never)],
  ['predictAsync', (network, data) => network.predictAsync(data.x as never)],
  ['gradients.x', (network, data) => network.gradients(data as never)],
  ['diagnose.x', (network, data) => network.diagnose(data as never)],
  ['checkGradients.x', (network, data) => network.checkGradients(data as never)],
];

describe.each(TAKERS)('%s', (_, build, input, element, good, bad, expected) => {
  it.each(CALLS)('are checked by %s', async (where, call) => {
    using network = await make(FASTEST, build);
    for (const value of bad) {
      const before = network.toBytes();
      const error = await refusal(() => call(network as never, rowsWith(input, element, value), rowsWith(input, element, 1)));
      expect(error, String(value)).toBeInstanceOf(DataError);
      expect((error as Error).message).toBe(`${where}.${input}: expected ${expected}, got ${value} in row 2, element ${element}`);
      expect(network.toBytes()).toEqual(before);
    }
    for (const value of good)
      expect(
        await refusal(() => call(network as never, rowsWith(input, element, value), rowsWith(input, element, 1))),
        String(value),
      ).toBeUndefined();
  });

  it.each(BACKEND_NAMES)('are refused on %s, and what is good is not', async (backend) => {
    using network = await make(backend, build);
    const predict = (value: number) => network.predict(rowsWith(input, element, value).x).y.data;
    for (const value of bad) expect(() => predict(value), String(value)).toThrow(DataError);
    for (const value of good) expect([...predict(value)].every(Number.isFinite), String(value)).toBe(true);
  });
});

it('an input that is neither a mask nor lengths takes any number', async () => {
  using network = await make(FASTEST, ({ x, m, n }) => add(last(lstm(2, masked)(x, m)), dense(1)(n)));
  expect(network.predict(rowsWith('n', 0, -7.25).x).y.data).toHaveLength(3);
});

it.each(BACKEND_NAMES)(
  'a mask and lengths that the network computes on %s: any but 0 counts, and steps below the length',
  async (backend) => {
    const read = async (build: (given: Inputs) => GraphValue, value: number) => {
      using network = await make(backend, build);
      return [...network.predict(rowsWith('n', 0, value).x).y.data];
    };
    const bySteps = (given: Inputs) => reshape(sum(sequenceMask(multiply(lengths(given), 1.5), STEPS), [1]), [-1, 1]);
    expect((await read(bySteps, 1))[2]).toBe(2);
    expect((await read(bySteps, 5))[2]).toBe(STEPS);
    expect((await read(bySteps, -1))[2]).toBe(0);
    const byMask = ({ x, m, n }: Inputs) => last(lstm(2, masked)(x, multiply(m, n)));
    expect(await read(byMask, 0.5)).toEqual(await read(byMask, 1));
  },
);
