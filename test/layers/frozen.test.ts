/** What frozen layers do while training: a batchNorm whose statistics are frozen trains what it serves. */
import { batchNorm, DataError, defineLayer, dense, dropout, frozen, type GraphValue, type Layer, Network, reshape, sgd } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spreadTensor } from '../support/networks.ts';

const ROWS = 12;
const data = { x: spreadTensor([ROWS, 3], 4), y: spreadTensor([ROWS, 2], 9) };
const still = sgd({ learningRate: 0 });

const stack = (norm: Layer): Layer[] => [dense(4, { activation: 'tanh' }), norm, dense(2)];
const within = () => {
  const norm = batchNorm();
  return defineLayer({ type: 'block' }, (_, x: GraphValue) => norm(x));
};

interface Case {
  readonly norm: () => Layer;
  /** Patterns to freeze, then to free again. */
  readonly freeze?: readonly string[];
  readonly unfreeze?: readonly string[];
  /** Whether the batch's statistics count while training. */
  readonly ofBatch: boolean;
  /** What training changes of the layer. */
  readonly changes: readonly string[];
}

const ALL = ['weight', 'bias', 'running_mean', 'running_var'];
const CASES: Readonly<Record<string, Case>> = {
  nothing: { norm: batchNorm, ofBatch: true, changes: ALL },
  'the layer, by frozen()': { norm: () => frozen(batchNorm()), ofBatch: false, changes: [] },
  'a layer that it lies in, by frozen()': { norm: () => frozen(within()), ofBatch: false, changes: [] },
  'the layer, by its path': { norm: batchNorm, freeze: ['1'], ofBatch: false, changes: [] },
  'a layer that it lies in, by its path': { norm: within, freeze: ['1'], ofBatch: false, changes: [] },
  'its statistics': { norm: batchNorm, freeze: ['*.running_*'], ofBatch: false, changes: ['weight', 'bias'] },
  'its mean': { norm: batchNorm, freeze: ['1.running_mean'], ofBatch: false, changes: ['weight', 'bias'] },
  'its variance': { norm: batchNorm, freeze: ['1.running_var'], ofBatch: false, changes: ['weight', 'bias'] },
  'its weight and bias': { norm: batchNorm, freeze: ['1.weight', '1.bias'], ofBatch: true, changes: ['running_mean', 'running_var'] },
  'the layer, and then nothing': { norm: batchNorm, freeze: ['1'], unfreeze: ['1'], ofBatch: true, changes: ALL },
  'the layer, and then its weight and bias no more': {
    norm: batchNorm,
    freeze: ['1'],
    unfreeze: ['1.weight', '1.bias'],
    ofBatch: false,
    changes: ['weight', 'bias'],
  },
};

describe.each(BACKEND_NAMES)('batchNorm on %s, frozen of it', (backend) => {
  async function create({ norm, freeze = [], unfreeze = [] }: Case): Promise<Network> {
    const network = await createOn(backend, { input: [3], layers: stack(norm()), loss: 'halfSquaredError', seed: 2 });
    // Statistics that are far from those of any mini-batch.
    const parameters = network.parameters();
    for (const [name, { data: values }] of parameters) {
      if (name.endsWith('running_mean')) values.fill(2);
      if (name.endsWith('running_var')) values.fill(9);
    }
    network.setParameters(parameters);
    if (freeze.length) network.freeze(...freeze);
    if (unfreeze.length) network.unfreeze(...unfreeze);
    return network;
  }

  /** Mean losses of the same step, as everything that runs one has it. */
  async function losses(network: Network): Promise<Record<string, number>> {
    const { epochs } = await network.fit(data, { batchSize: ROWS, shuffle: false, optimizer: still });
    return {
      fit: epochs[0].loss,
      gradients: network.gradients(data).loss,
      diagnose: (await network.diagnose(data, { batchSize: ROWS })).loss,
    };
  }

  it.each(Object.entries(CASES))('%s', async (_, test) => {
    using fresh = await create({ ...test, freeze: [], unfreeze: [] });
    const asked = fresh.gradients(data).loss; // A session that knows of nothing frozen.
    const { loss: served } = await fresh.evaluate(data);
    using network = await create(test);
    using again = await onBackend(backend, () => Network.fromBytes(network.toBytes(), { backend, layers: { block: within } as never }));
    for (const one of [network, again]) {
      const expected = test.ofBatch ? asked : served;
      for (const [who, loss] of Object.entries(await losses(one))) expect(loss, who).toBeCloseTo(expected, 5);
      if (!test.ofBatch) expect(one.gradients(data).loss).toBeCloseTo((await one.evaluate(data)).loss, 5);
    }
    expect((await network.checkGradients(data)).maxRelativeError).toBeLessThan(1e-6);
    const before = network.parameters();
    await network.fit(data, { batchSize: 5, epochs: 2, optimizer: sgd({ learningRate: 0.1 }) });
    const after = network.parameters();
    const changed = [...before].filter(([name, { data: values }]) => values.some((v, i) => v !== after.get(name)?.data[i]));
    const ofNorm = changed.flatMap(([name]) => (name.startsWith('1.') ? [name.split('.').at(-1)] : []));
    expect(ofNorm.sort()).toEqual([...test.changes].sort());
    if (!test.ofBatch) {
      const { loss } = await network.evaluate(data);
      for (const batchSize of [ROWS, 5, 1]) {
        const { epochs } = await network.fit(data, { batchSize, optimizer: still });
        expect(epochs[0].loss, `rows by ${batchSize}`).toBeCloseTo(loss, 5);
      }
    }
  });

  it('while a gradient is asked for before and after', async () => {
    using network = await create(CASES.nothing);
    const free = network.gradients(data).gradients.get('0.weight')?.data as Float64Array;
    network.freeze('1');
    const fixed = network.gradients(data).gradients.get('0.weight')?.data as Float64Array;
    network.unfreeze('1');
    expect(network.gradients(data).gradients.get('0.weight')?.data).toEqual(free);
    expect(fixed).not.toEqual(free);
    using reference = await createOn('reference', { input: [3], layers: stack(frozen(batchNorm())), loss: 'halfSquaredError' });
    reference.setParameters(network.parameters());
    expectClose(fixed, reference.gradients(data).gradients.get('0.weight')?.data ?? [], 1e-5, 'gradient');
  });

  it('a loss that evaluation has too, 36, where the statistics of the batch would give 2.5', async () => {
    using network = await createOn(backend, { input: [1], layers: [frozen(batchNorm({ epsilon: 1e-9 }))], loss: 'meanSquaredError' });
    const set = { x: [[7], [8]], y: [[1], [2]] };
    const { epochs } = await network.fit(set, { batchSize: 2, optimizer: still });
    expect(epochs[0].loss).toBeCloseTo(36, 4);
    expect((await network.evaluate(set)).loss).toBeCloseTo(36, 4);
  });

  it('a layer used within a frozen one and outside of it is what its first use makes it', async () => {
    const shared = batchNorm();
    const block = frozen(defineLayer({ type: 'block' }, (_, x: GraphValue) => shared(x)));
    using network = await createOn(backend, { input: [3], layers: [block, dense(3), shared as Layer], loss: 'halfSquaredError' });
    const set = { x: data.x, y: spreadTensor([ROWS, 3]) };
    const { epochs } = await network.fit(set, { optimizer: still });
    expect(epochs[0].loss).toBeCloseTo((await network.evaluate(set)).loss, 5);
  });
});

it('a frozen dropout drops: there is nothing in it to freeze', async () => {
  const losses = await Promise.all(
    [frozen(dropout(0.5)), dropout(0.5)].map(async (layer) => {
      using network = await createOn(FASTEST, { input: [3], layers: [layer, dense(2)], loss: 'halfSquaredError', seed: 6 });
      return (await network.fit(data, { optimizer: still })).losses[0];
    }),
  );
  expect(losses[0]).toBe(losses[1]);
});

describe('a single value of a channel', () => {
  const rows = (count: number, sample: readonly number[]) => ({
    x: spreadTensor([count, ...sample]),
    y: spreadTensor([count, ...sample], 3),
  });
  const of = (layers: readonly Layer[], input: readonly number[]) => createOn(FASTEST, { input, layers, loss: 'halfSquaredError' });

  it.each<[string, number, number, string]>([
    ['a row alone', 1, 1, 'fit: expected at least 2 rows in every mini-batch for layer 0 (batchNorm), got 1'],
    ['rows one at a time', 4, 1, 'fit: expected at least 2 rows in every mini-batch for layer 0 (batchNorm), got 1'],
    [
      'one row left over',
      33,
      32,
      'fit: expected at least 2 rows in every mini-batch for layer 0 (batchNorm), got 1 in the last one: 33 rows by a batchSize of 32',
    ],
  ])('is refused by fit: %s', async (_, count, batchSize, message) => {
    using network = await of([batchNorm()], [3]);
    const before = network.toBytes();
    const error = await network.fit(rows(count, [3]), { batchSize }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toBe(message);
    expect(network.toBytes()).toEqual(before);
    network.freeze('0.running_*');
    await network.fit(rows(count, [3]), { batchSize });
  });

  it('is refused wherever a training step is run, and nowhere else', async () => {
    using network = await of([dense(3), within()], [3]);
    const one = rows(1, [3]);
    const message = (where: string) => `${where}: expected at least 2 rows in every mini-batch for layer 1 (block).0, got 1`;
    expect(() => network.gradients(one)).toThrow(new DataError(message('gradients')));
    await expect(network.checkGradients(one)).rejects.toThrow(new DataError(message('checkGradients')));
    await expect(network.diagnose(rows(2, [3]), { batchSize: 1 })).rejects.toThrow(new DataError(message('diagnose')));
    expect(network.predict(one.x).data).toHaveLength(3);
    expect((await network.evaluate(one)).loss).toBeGreaterThan(0);
    await network.fit(rows(2, [3]), { validation: one });
  });

  it.each<[string, readonly Layer[], readonly number[], boolean]>([
    ['an image of several pixels', [batchNorm()], [2, 2, 1], true],
    ['a sequence of several steps', [batchNorm()], [2, 3], true],
    ['an image of one pixel', [batchNorm()], [2, 1, 1], false],
    ['an image made of a row', [reshape([1, 1, 3]), batchNorm(), reshape([3])], [3], true],
    ['statistics that are frozen', [frozen(batchNorm())], [2], true],
  ])('of one row: %s', async (_, layers, sample, isTaken) => {
    using network = await of(layers, sample);
    const fit = network.fit(rows(1, sample), { optimizer: still });
    if (isTaken) expect((await fit).losses.every(Number.isFinite)).toBe(true);
    else await expect(fit).rejects.toThrow('expected at least 2 rows in every mini-batch for layer 0 (batchNorm), got 1');
  });
});
