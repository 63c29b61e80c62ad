/** Data that does not fit: typed errors that name what was expected and what came, and cost nothing. */
import { adam, DataError, type DataSet, dense, type Network, ShapeError, tensor } from 'chainrule';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, weightsOf } from '../support/networks.ts';
import { type Case, expectMessage, expectRefused, titled } from '../support/refused.ts';

const GOOD = {
  x: [
    [0, 0.5],
    [1, 0.25],
    [0.5, 1],
  ],
  y: [0, 1, 2],
} as const;
const good = () => ({ x: GOOD.x.map((row) => [...row]), y: [...GOOD.y] });

const BAD_DATA: readonly Case<unknown>[] = [
  ['nothing', undefined, DataError, 'expected { x, y, weight? }', 'undefined'],
  ['an array', [GOOD.x, GOOD.y], DataError, 'expected { x, y, weight? }'],
  ['an unknown key', { ...GOOD, z: 1 }, DataError, 'expected { x, y, weight? }, got { x, y, z }'],
  ['a tensor', tensor([1, 2], [1, 2]), DataError, 'expected { x, y, weight? }, got { shape, data }'],
  ['no y', { x: GOOD.x }, DataError, 'expected { x, y, weight? }, got { x }'],
  ['too few columns', { ...GOOD, x: [[1], [2], [3]] }, ShapeError, '.x: expected shape [rows, 2]', '[3, 1]'],
  ['too many axes', { ...GOOD, x: [[[1, 2]]] }, ShapeError, '[rows, 2]', '[1, 1, 2]'],
  ['ragged rows', { ...GOOD, x: [[1, 2], [3], [4, 5]] }, DataError, 'row 1', '[2]', '[1]'],
  [
    'text in a row',
    {
      ...GOOD,
      x: [
        [1, 2],
        [3, 'a'],
        [4, 5],
      ],
    },
    DataError,
    '.x',
    "'a'",
  ],
  ['big integers in rows', { ...GOOD, x: [[1n, 2n]] }, DataError, '.x', 'got 1n'],
  ['a hole', { ...GOOD, x: [[1, 2], undefined, [4, 5]] }, DataError, '.x', 'undefined'],
  ['null', { ...GOOD, x: null }, DataError, '.x', 'null'],
  [
    'NaN in x',
    {
      ...GOOD,
      x: [
        [0, 1],
        [1, Number.NaN],
        [0, 0],
      ],
    },
    DataError,
    '.x: expected finite',
    'NaN in row 1, element 1',
  ],
  [
    'infinity in x',
    {
      ...GOOD,
      x: [
        [0, 1],
        [1, 0],
        [Number.NEGATIVE_INFINITY, 0],
      ],
    },
    DataError,
    '-Infinity in row 2, element 0',
  ],
  ['NaN in y', { ...GOOD, y: [0, Number.NaN, 1] }, DataError, '.y: expected finite', 'NaN in row 1'],
  ['a label out of range', { ...GOOD, y: [0, 3, 1] }, DataError, 'class indices from 0 to 2', '3 in row 1'],
  ['a negative label', { ...GOOD, y: [0, -1, 1] }, DataError, 'class indices from 0 to 2', '-1 in row 1'],
  ['a fractional label', { ...GOOD, y: [0, 1, 0.5] }, DataError, 'class indices from 0 to 2', '0.5 in row 2'],
  ['fewer targets than rows', { ...GOOD, y: [0, 1] }, DataError, 'each of 3 rows', '[2]'],
  [
    'one-hot targets of other classes',
    {
      ...GOOD,
      y: [
        [1, 0],
        [0, 1],
        [1, 0],
      ],
    },
    ShapeError,
    '[rows, 3]',
    '[3, 2]',
  ],
  ['no rows', { x: [], y: [] }, DataError, '.x: expected at least one row'],
  ['a sample that is no batch', { ...GOOD, x: [0, 0.5] }, ShapeError, '[rows, 2], got [2]', 'a batch of one, [1, 2]'],
  ['no rows in a tensor', { x: tensor([], [0, 2]), y: [] }, DataError, 'at least one row'],
  ['a shape that does not fill', { ...GOOD, x: { shape: [3, 2], data: [1, 2, 3] } }, ShapeError, '6 elements', '3'],
  ['a negative shape', { ...GOOD, x: { shape: [-3, -2], data: [1, 2, 3, 4, 5, 6] } }, ShapeError, 'integers ≥ 0', '[-3, -2]'],
  ['a shape as text', { ...GOOD, x: { shape: '3,2', data: [1, 2, 3, 4, 5, 6] } }, ShapeError, 'integers ≥ 0', "'3,2'"],
  ['no data under a shape', { ...GOOD, x: { shape: [3, 2], data: undefined } }, DataError, '.x', 'undefined'],
  ['text as data', { ...GOOD, x: { shape: [3, 2], data: ['a', 1, 2, 3, 4, 5] } }, DataError, '.x', "'a'"],
  [
    'a hole in data under a shape',
    { ...GOOD, x: { shape: [3, 2], data: Object.assign([1], { 2: 3, 3: 4, 4: 5, 5: 6 }) } },
    DataError,
    '.x: expected data in an array of numbers, got undefined as element 1',
  ],
  [
    'undefined in data under a shape',
    { ...GOOD, x: { shape: [3, 2], data: [1, 2, 3, undefined, 5, 6] } },
    DataError,
    '.x: expected data in an array of numbers, got undefined as element 3',
  ],
  ['a hole in a shape', { ...GOOD, x: { shape: Object.assign([3], { 2: 2 }), data: [1, 2, 3, 4, 5, 6] } }, ShapeError, '[3, undefined, 2]'],
  ['a hole among the rows', { ...GOOD, x: Object.assign([[1, 2]], { 2: [3, 4] }) }, DataError, '.x', 'got undefined'],
  ['a hole in a row', { ...GOOD, x: [[1, 2], Object.assign([], { 1: 4 }), [5, 6]] }, DataError, '.x', 'got undefined'],
  ['a hole among the labels', { ...GOOD, y: Object.assign([1], { 2: 0 }) }, DataError, '.y', 'got undefined'],
  ['big integers as x', { ...GOOD, x: { shape: [3, 2], data: new BigInt64Array(6) } }, DataError, '.x', 'BigInt64Array'],
  ['big integers as labels', { ...GOOD, y: new BigInt64Array(3) }, DataError, '.y', 'BigInt64Array'],
  ['an array within itself', { ...GOOD, x: cyclic() }, DataError, '.x', 'nested'],
];

function cyclic(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  let network: Network;
  let before: ReturnType<typeof weightsOf>;

  beforeEach(async () => {
    network = await createOn(backend, {
      input: [2],
      layers: [dense(4, { activation: 'tanh' }), dense(3)],
      loss: 'softmaxCrossEntropy',
      seed: 9,
    });
    await network.fit(good(), { epochs: 2, batchSize: 2 });
    before = weightsOf(network);
  });

  /** After whatever happened: nothing has changed, and everything still works. */
  afterEach(async () => {
    expect(weightsOf(network)).toEqual(before);
    const untouched = network.predict(good().x).data;
    const { losses } = await network.fit(good(), { epochs: 30, optimizer: adam({ learningRate: 0.05 }) });
    expect(losses[29]).toBeLessThan(losses[0]);
    expect(network.predict(good().x).data).not.toEqual(untouched);
    expect((await network.evaluate(good())).loss).toBeLessThan(losses[0]);
    network.dispose();
  });

  it.each(titled(BAD_DATA))('data: %s', async (_, test) => {
    const data = test[1] as DataSet;
    await expectRefused(() => network.fit(data), test);
    await expectRefused(() => network.evaluate(data), test);
    await expectRefused(() => network.gradients(data), test);
    await expectRefused(() => network.checkGradients(data), test);
    await expectRefused(() => network.fit(good(), { validation: data ?? (null as never) }), ['', data, test[2]]);
  });

  it.each(titled(BAD_DATA.filter(([what, data]) => (data as DataSet | undefined)?.y === GOOD.y && what !== 'an unknown key')))(
    'rows to predict: %s',
    async (_, test) => {
      const [what, data, refused, ...parts] = test;
      const { x } = data as DataSet;
      const named = (where: string): Case<unknown> => [what, x, refused, ...parts.map((part) => part.replace(/^\.x/, where))];
      await expectRefused(() => network.predict(x), named('predict'));
      await expectRefused(() => network.predictAsync(x), named('predictAsync'));
    },
  );

  it.each(['softmaxCrossEntropy', 'kullbackLeibler'] as const)('probabilities of classes below 0 and above 1 for %s', async (loss) => {
    using classes = await createOn(backend, { input: [2], layers: [dense(2)], loss });
    for (const [wrong, row] of [
      [-0.25, [-0.25, 1.25]],
      [1.5, [1.5, 0]],
    ] as const) {
      const data = { x: good().x, y: [[0, 1], [...row], [0.5, 0.5]] };
      const message = (where: string) => `${where}.y: expected targets from 0 to 1 for ${loss}, got ${wrong} in row 1, element 0`;
      await expectMessage(() => classes.fit(data), DataError, message('fit'));
      await expectMessage(() => classes.evaluate(data), DataError, message('evaluate'));
    }
  });

  it.each(['sigmoidCrossEntropy', 'binaryCrossEntropy'] as const)('targets that are no probabilities for %s', async (loss) => {
    using binary = await createOn(backend, { input: [2], layers: [dense(2, { activation: 'sigmoid' })], loss });
    const { x } = good();
    const fit = (y: number[][]) => () => binary.fit({ x, y });
    const parts = ['fit.y: expected targets from 0 to 1', loss];
    await expectRefused(
      fit([
        [0, 1],
        [1, 2],
        [0, 0],
      ]),
      ['', 0, DataError, ...parts, 'got 2 in row 1, element 1'],
    );
    await expectRefused(
      fit([
        [0, 1],
        [1, 0],
        [-1, 0],
      ]),
      ['', 0, DataError, ...parts, 'got -1 in row 2, element 0'],
    );
  });

  const beyondFloat32 =
    backend === 'reference' ? 'numbers beyond float32, which float64 holds' : 'numbers beyond float32, which would become infinite';
  it(beyondFloat32, async () => {
    const beyond = 3.5e38;
    const data = { x: [[0, beyond]], y: [0] };
    if (backend === 'reference') {
      expect([...network.predict(data.x).data].every(Number.isFinite)).toBe(true);
      return;
    }
    await expectRefused(() => network.fit(data), ['', data, DataError, 'fit.x', 'float32', '3.5e+38 in row 0, element 1']);
    await expectRefused(() => network.predict(data.x), ['', data, DataError, 'predict', 'float32', '3.5e+38']);
    await expectRefused(
      () => network.setParameters(new Map([['0.bias', [0, 0, 0, -beyond]]])),
      ['', data, DataError, '0.bias', '-3.5e+38'],
    );
  });
});
