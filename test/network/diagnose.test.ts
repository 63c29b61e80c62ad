/** What a diagnosis measures, against values worked out by hand, gradients, and the steps that training takes. */
import {
  activation,
  adam,
  add,
  batchNorm,
  conv1d,
  conv2d,
  DataError,
  type DataSet,
  type Diagnosis,
  defineLayer,
  dense,
  dropout,
  type FitOptions,
  flatten,
  formatDiagnosis,
  type GraphValue,
  type LayerDiagnosis,
  lstm,
  multiply,
  Network,
  type NetworkOptions,
  named,
  OptionError,
  relu,
  ShapeError,
  StateError,
  sgd,
  sqrt,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn, FASTEST, onBackend, spread, spreadTensor, weightsOf } from '../support/networks.ts';

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
const layerAt = ({ layers }: Diagnosis, path: string) => layers.find((layer) => layer.path === path) as LayerDiagnosis;
const parameterAt = (diagnosis: Diagnosis, path: string, name: string) =>
  layerAt(diagnosis, path).parameters.find((parameter) => parameter.name === name);
const bound = (backend: string) => tolerance(BACKENDS.find(({ name }) => name === backend)!);

/** All numbers of a report, in order. */
const figures = ({ loss, layers }: Diagnosis) => [
  loss,
  ...layers.flatMap(({ delta, output, deadUnits = -1, saturatedUnits = -1, parameters }) => [
    ...[delta.norm, delta.rms, output.norm, output.rms, deadUnits, saturatedUnits],
    ...parameters.flatMap(({ weightNorm, gradientNorm, updateRatio = -1 }) => [weightNorm, gradientNorm, updateRatio]),
  ]),
];

/** Adds zeros that can be trained: for a single row their gradient is δ of the value. */
const bump = () => defineLayer({ type: 'bump' }, (scope, x: GraphValue) => add(x, scope.parameter('at', x.shape.slice(1), 'zeros')));

/** Rows of a product of matrices with Wᵀ. */
const timesTransposed = (x: number[][], w: number[][]) =>
  x.map((row) => w.map((out) => out.reduce((s, value, k) => s + value * row[k], 0)));
const rowsOf = (data: ArrayLike<number>, width: number) =>
  Array.from({ length: data.length / width }, (_, r) => Array.from({ length: width }, (_, j) => data[r * width + j]));

/** Forward and backward of a 4-5-3-2 network in float64: sigmoid, tanh, identity; the mean of squared errors. */
function byHand(network: Network, x: number[][], y: number[][]) {
  const parameters = network.parameters();
  const weights = [0, 1, 2].map((l) => {
    const { data, shape } = parameters.get(`${l}.weight`)!;
    return rowsOf(data, shape[1]);
  });
  const biases = [0, 1, 2].map((l) => Array.from(parameters.get(`${l}.bias`)!.data));
  const f = [(z: number) => 1 / (1 + Math.exp(-z)), Math.tanh, (z: number) => z];
  const slope = [(a: number) => a * (1 - a), (a: number) => 1 - a * a, () => 1];
  const a = [x];
  for (let l = 0; l < 3; l++) a.push(timesTransposed(a[l], weights[l]).map((row) => row.map((z, j) => f[l](z + biases[l][j]))));
  const elements = y.flat().length;
  const deltas: number[][][] = [];
  deltas[2] = a[3].map((row, r) => row.map((value, j) => (2 * (value - y[r][j])) / elements));
  for (let l = 1; l >= 0; l--) {
    deltas[l] = deltas[l + 1].map((row, r) =>
      a[l + 1][r].map((value, k) => row.reduce((s, d, j) => s + d * weights[l + 1][j][k], 0) * slope[l](value)),
    );
  }
  const gradients = deltas.map((delta, l) =>
    weights[l].map((row, j) => row.map((_, k) => delta.reduce((s, d, r) => s + d[j] * a[l][r][k], 0))),
  );
  const loss = a[3].flat().reduce((s, value, i) => s + (value - y.flat()[i]) ** 2, 0) / elements;
  return { loss, outputs: a.slice(1), deltas, gradients, weights };
}

/** Networks of every kind of layer that has a z or a state of its own, with data for them. */
const KINDS: Record<string, { options: Omit<NetworkOptions, 'backend'>; data: DataSet }> = {
  'convolution, batchNorm, dropout': {
    options: {
      input: [2, 6, 6],
      layers: [
        conv2d(4, 3, { activation: 'relu' }),
        conv2d(3, 3, { bias: false }),
        batchNorm(),
        activation('relu'),
        flatten(),
        dropout(0.2),
        dense(3),
      ],
      loss: 'softmaxCrossEntropy',
      seed: 3,
    },
    data: { x: spreadTensor([6, 2, 6, 6]), y: [0, 1, 2, 2, 1, 0] },
  },
  recurrence: {
    options: { input: [5, 3], layers: [lstm(4), dense(2, { activation: 'tanh' })], loss: 'meanSquaredError', seed: 4 },
    data: { x: spreadTensor([6, 5, 3]), y: spreadTensor([6, 2], 2) },
  },
};

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const close = (actual: number | undefined, expected: number, what: string) =>
    expectClose([actual ?? Number.NaN], [expected], bound(backend), what);

  it('norms, δ and updates are those worked out by hand', async () => {
    const layers = [dense(5, { activation: 'sigmoid' }), dense(3, { activation: 'tanh', bias: true }), dense(2)];
    using network = await createOn(backend, { input: [4], layers, loss: 'meanSquaredError', seed: 2 });
    const x = rowsOf(spread(28), 4);
    const y = rowsOf(spread(14, 5), 2);
    const hand = byHand(network, x, y);
    const diagnosis = await network.diagnose({ x, y }, { optimizer: sgd({ learningRate: 0.5 }) });
    expect(diagnosis.rows).toBe(7);
    expect(diagnosis.layers.map(({ path, type }) => `${path} ${type}`)).toEqual(['0 dense', '1 dense', '2 dense']);
    close(diagnosis.loss, hand.loss, 'loss');
    diagnosis.layers.forEach(({ delta, output, parameters: [weight, bias] }, l) => {
      const flat = hand.deltas[l].flat();
      close(delta.norm, norm(flat), `‖δ‖ of ${l}`);
      close(delta.rms, norm(flat) / Math.sqrt(flat.length), `rms of δ of ${l}`);
      close(output.norm, norm(hand.outputs[l].flat()), `output of ${l}`);
      close(weight.weightNorm, norm(hand.weights[l].flat()), `weight of ${l}`);
      close(weight.gradientNorm, norm(hand.gradients[l].flat()), `gradient of ${l}`);
      close(weight.updateRatio, (0.5 * norm(hand.gradients[l].flat())) / norm(hand.weights[l].flat()), `update of ${l}`);
      expect(weight).toMatchObject({ name: 'weight', shape: [hand.weights[l].length, hand.weights[l][0].length] });
      expect(bias).toMatchObject({ name: 'bias', weightNorm: 0, updateRatio: undefined });
    });
  });

  it.each(Object.keys(KINDS))('%s: has the network’s gradients, and the step that training takes', async (name) => {
    const { options, data } = KINDS[name];
    const settings: FitOptions = { batchSize: 6, shuffle: false, optimizer: adam({ learningRate: 0.01 }) };
    using network = await createOn(backend, options);
    await network.fit(data, { ...settings, epochs: 3 });
    const before = network.parameters();
    const bytes = network.toBytes();
    const diagnosis = await network.diagnose(data, { optimizer: settings.optimizer });
    expect(network.toBytes()).toEqual(bytes);
    const { losses } = await network.fit(data, settings);
    close(diagnosis.loss, losses[0], 'loss');
    const after = network.parameters();
    let compared = 0;
    for (const { path, parameters } of diagnosis.layers) {
      for (const { name, weightNorm, updateRatio } of parameters) {
        const was = before.get(`${path}.${name}`)!.data;
        const is = after.get(`${path}.${name}`)!.data;
        close(weightNorm, norm(was), `${path}.${name}`);
        close(updateRatio, norm(Array.from(is, (value, i) => value - was[i])) / norm(was), `update of ${path}.${name}`);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(4);
  });

  it.each(Object.keys(KINDS))('%s: agrees with the reference', async (name) => {
    const { options, data } = KINDS[name];
    using network = await createOn(backend, options);
    using reference = await createOn('reference', options);
    const [own, exact] = await Promise.all([network, reference].map((one) => one.diagnose(data)));
    const expected = figures(exact);
    figures(own).forEach((value, i) => {
      close(value, expected[i], `figure ${i}`);
    });
  });

  it('δ of z is the gradient of zeros added to z, for any layer', async () => {
    const seed = 5;
    const data: DataSet = { x: spreadTensor([1, 2, 5, 5]), y: [1] };
    const rest = () => [flatten(), dense(3)];
    const common = { input: [2, 5, 5], loss: 'softmaxCrossEntropy', seed } as const;
    using network = await createOn(backend, {
      ...common,
      layers: [conv2d(3, 2, { activation: 'relu', initializer: 'heNormal' }), ...rest()],
    });
    using spelt = await createOn(backend, {
      ...common,
      layers: [conv2d(3, 2, { initializer: 'heNormal' }), bump(), activation('relu'), ...rest()],
    });
    spelt.setParameters(new Map([...network.parameters()].map(([name, value]) => [name.replace('2.', '4.'), value])));
    const expected = norm(spelt.gradients(data).gradients.get('1.at')!.data);
    expect(expected).toBeGreaterThan(0);
    close(layerAt(await network.diagnose(data), '0').delta.norm, expected, 'convolution with an activation');
    const diagnosis = await spelt.diagnose(data);
    for (const path of ['0', '1', '2']) close(layerAt(diagnosis, path).delta.norm, expected, `layer ${path}`);
  });

  it('δ of a layer used twice is that of both uses', async () => {
    using network = await onBackend(backend, () =>
      Network.create({
        inputs: { left: [3], right: [3] },
        build: ({ left, right }) => {
          const shared = named('shared', dense(4));
          const [a, b] = [named('a', bump())(shared(left)), named('b', bump())(shared(right))];
          return { y: named('head', dense(1, { activation: 'sigmoid' }))(multiply(a, b)) };
        },
        losses: { y: 'binaryCrossEntropy' },
      }),
    );
    const data = { x: { left: spreadTensor([1, 3]), right: spreadTensor([1, 3], 7) }, y: { y: [[1]] } };
    const { gradients } = network.gradients(data);
    const diagnosis = await network.diagnose(data);
    expect(diagnosis.layers.map(({ path }) => path)).toEqual(['shared', 'a', 'b', 'head']);
    const parts = ['a.at', 'b.at'].map((name) => norm(gradients.get(name)!.data));
    close(layerAt(diagnosis, 'shared').delta.norm, Math.hypot(...parts), 'shared');
    close(layerAt(diagnosis, 'shared').delta.rms, Math.hypot(...parts) / Math.sqrt(8), 'rms');
    close(parameterAt(diagnosis, 'shared', 'weight')?.gradientNorm, norm(gradients.get('shared.weight')!.data), 'weight');
  });

  it('counts units that are dead for all rows, channels of images included', async () => {
    // Unit 1 is dead for both rows, units 0 and 3 for one of them.
    const weights = [[1], [0], [1], [-1]];
    const units = dense(4, { activation: 'relu', initializer: weights, biasInitializer: [0, -1, 2, 0] });
    using network = await createOn(backend, { input: [1], layers: [units, dense(1)], loss: 'meanSquaredError' });
    const diagnosis = await network.diagnose({ x: [[1], [-1]], y: [0, 0] });
    expect(diagnosis.layers.map(({ deadUnits }) => deadUnits)).toEqual([0.25, undefined]);

    const image = { initializer: 'zeros', biasInitializer: [1, -1, 0.5, -2, -3] } as const;
    const data: DataSet = { x: spreadTensor([2, 1, 4]), y: [0, 1] };
    using sequences = await createOn(backend, {
      input: [1, 4],
      layers: [conv1d(5, 2, { ...image, activation: 'relu' }), conv1d(5, 2, image), activation('relu'), flatten(), dense(2)],
      loss: 'softmaxCrossEntropy',
    });
    const shares = (await sequences.diagnose(data)).layers.map(({ deadUnits }) => deadUnits);
    expect(shares.map((share) => share && Math.round(10 * share) / 10)).toEqual([0.6, undefined, 0.6, undefined, undefined]);
  });

  it('a unit that lives in one use of its layer is not dead', async () => {
    using network = await onBackend(backend, () =>
      Network.create({
        inputs: { left: [1], right: [1] },
        build: ({ left, right }) => {
          const shared = named('shared', dense(4, { activation: 'relu', initializer: [[1], [-1], [2], [0]] }));
          return { y: named('head', dense(1))(add(shared(left), shared(right))) };
        },
        losses: { y: 'meanSquaredError' },
      }),
    );
    const share = async (right: number) => {
      const diagnosis = await network.diagnose({ x: { left: [[1]], right: [[right]] }, y: { y: [[0]] } });
      return layerAt(diagnosis, 'shared').deadUnits;
    };
    expect(await share(1)).toBe(0.5);
    expect(await share(-1)).toBe(0.25);
  });

  it('counts outputs that are saturated', async () => {
    const sigmoid = dense(2, { activation: 'sigmoid', initializer: [[1], [-1]] });
    const tanh = dense(1, { activation: 'tanh', initializer: [[2, 0]] });
    using network = await createOn(backend, { input: [1], layers: [sigmoid, tanh], loss: 'meanSquaredError' });
    // σ′(4.2) is 5.8 % of σ′(0), σ′(4.1) 6.4 %; tanh 2σ is beyond ±0.97 where σ is above 1.04, that is nowhere.
    const diagnosis = await network.diagnose({ x: [[4.2], [4.1], [-9], [0]], y: [0, 0, 0, 0] });
    expect(diagnosis.layers.map(({ saturatedUnits }) => saturatedUnits)).toEqual([0.5, 0]);
  });

  it('a finite layer is finite, however large or small', async () => {
    const small = 1e-15;
    const layers = [1e30, small, small].map((value) => dense(1, { initializer: [[value]], bias: false }));
    using network = await createOn(backend, { input: [1], layers, loss: 'meanAbsoluteError' });
    const diagnosis = await network.diagnose({ x: [[1], [-1]], y: [5, 5] });
    expect(diagnosis.firstNonFinite).toBeUndefined();
    expect(layerAt(diagnosis, '0').output.rms / 1e30).toBeCloseTo(1, 5);
    // Each row has δ = ±1/2 at the end.
    expect((layerAt(diagnosis, '0').delta.norm / Math.SQRT1_2) * 1e30).toBeCloseTo(1, 5);
  });

  it('names the first layer that is not finite', async () => {
    const overflowing = backend === 'reference' ? 1e200 : 1e25;
    const layers = [1, overflowing, overflowing, 1].map((value) => dense(1, { initializer: [[value]] }));
    using network = await createOn(backend, { input: [1], layers, loss: 'meanAbsoluteError' });
    const diagnosis = await network.diagnose({ x: [[1]], y: [0] });
    expect(diagnosis.firstNonFinite).toEqual({ layer: '2', what: 'output' });
    expect(diagnosis.findings).toEqual([expect.stringContaining("layer 2's output")]);

    // √z has no slope at 0. The layer nearest to the loss comes first.
    const root = [dense(1), dense(1, { initializer: 'zeros' }), (x: GraphValue) => sqrt(x), dense(1)];
    using backward = await createOn(backend, { input: [1], layers: root, loss: 'meanAbsoluteError' });
    expect((await backward.diagnose({ x: [[1]], y: [1] })).firstNonFinite).toEqual({ layer: '1', what: 'delta' });
  });

  it('fit reports the step that comes next, and trains as it does without', async () => {
    const options: FitOptions = { epochs: 3, batchSize: 2, optimizer: adam({ learningRate: 0.02 }), clip: { norm: 0.5 } };
    const { options: network, data } = KINDS['convolution, batchNorm, dropout'];
    using plain = await createOn(backend, network);
    using watched = await createOn(backend, network);
    await plain.fit(data, options);
    const seen: unknown[] = [];
    const history = await watched.fit(data, { ...options, diagnostics: true, onEpoch: ({ diagnosis }) => void seen.push(diagnosis) });
    expect(weightsOf(watched)).toEqual(weightsOf(plain));
    expect(history.epochs.map(({ diagnosis }) => diagnosis)).toEqual(seen);
    const last = history.epochs.at(-1)?.diagnosis as Diagnosis;
    expect(last.rows).toBe(2);
    const { losses } = await watched.fit(data, options);
    close(last.loss, losses[0], 'loss of the next step');
  });
});

describe('a diagnosis', () => {
  const data: DataSet = { x: spreadTensor([8, 3]), y: [0, 1, 0, 1, 0, 1, 0, 1] };
  const create = () =>
    createOn(FASTEST, { input: [3], layers: [dense(4, { activation: 'tanh' }), dense(2)], loss: 'softmaxCrossEntropy', seed: 1 });

  it('clipping counts in updates, not in gradients; frozen parameters have no update', async () => {
    using network = await create();
    const optimizer = sgd({ learningRate: 1 });
    network.freeze('0.weight');
    const { gradients } = network.gradients(data);
    const diagnosis = await network.diagnose(data, { optimizer, clip: { norm: 1e-3 } });
    expect(parameterAt(diagnosis, '0', 'weight')).toMatchObject({ updateRatio: undefined });
    for (const name of ['0.weight', '1.weight']) {
      const [path, parameter] = name.split('.');
      expect(parameterAt(diagnosis, path, parameter)?.gradientNorm).toBeCloseTo(norm(gradients.get(name)!.data), 6);
    }
    const trained = [...gradients].filter(([name]) => name !== '0.weight');
    const whole = Math.hypot(...trained.map(([, { data }]) => norm(data)));
    const { updateRatio = 0, weightNorm = 0, gradientNorm = 0 } = parameterAt(diagnosis, '1', 'weight') ?? {};
    expect((updateRatio * weightNorm) / ((1e-3 * gradientNorm) / whole)).toBeCloseTo(1, 2);
  });

  it('groups have their own rates, and a mini-batch stands for those that accumulate', async () => {
    using network = await create();
    const history = await network.fit(data, {
      ...{ batchSize: 4, accumulate: 2, diagnostics: true, optimizer: sgd({ learningRate: 0.5 }) },
      groups: [{ parameters: '0', learningRate: 0 }],
    });
    const diagnosis = history.epochs[0].diagnosis as Diagnosis;
    expect(diagnosis.rows).toBe(4);
    expect(parameterAt(diagnosis, '0', 'weight')?.updateRatio).toBe(0);
    const { weightNorm = 0, gradientNorm = 0, updateRatio } = parameterAt(diagnosis, '1', 'weight') ?? {};
    expect(updateRatio).toBeCloseTo((0.5 * gradientNorm) / weightNorm, 5);
  });

  it('draws rows by the seed where it does not take all', async () => {
    using network = await create();
    expect(await network.diagnose(data, { batchSize: 9 }), 'more rows than there are').toEqual(await network.diagnose(data));
    const few = await network.diagnose(data, { batchSize: 3 });
    expect(few.rows).toBe(3);
    expect(await network.diagnose(data, { batchSize: 3 })).toEqual(few);
    const losses = new Set<number>();
    using other = await createOn(FASTEST, { input: [3], layers: [dense(2)], loss: 'softmaxCrossEntropy', seed: 9 });
    other.setParameters(new Map([['0.weight', spreadTensor([2, 3])]]));
    for (const row of [0, 1, 2, 3, 4, 5, 6, 7])
      losses.add((await other.diagnose({ x: [Array.from(spread(24).slice(3 * row, 3 * row + 3))], y: [row % 2] })).loss);
    expect(losses).toContain((await other.diagnose(data, { batchSize: 1 })).loss);
  });

  it('layers within layers and functions count, each by its path', async () => {
    const inner = dense(3, { activation: 'relu' });
    const block = (x: GraphValue) => relu(add(x, inner(x)));
    using network = await createOn(FASTEST, { input: [3], layers: [block, dense(2)], loss: 'softmaxCrossEntropy' });
    const diagnosis = await network.diagnose(data);
    expect(diagnosis.layers.map(({ path, type }) => [path, type])).toEqual([
      ['0.0', 'dense'],
      ['0', 'custom'],
      ['1', 'dense'],
    ]);
    expect(layerAt(diagnosis, '0').deadUnits).toBeTypeOf('number');
    expect(layerAt(diagnosis, '0').parameters).toEqual([]);
    expect(layerAt(diagnosis, '0.0').parameters.map(({ name }) => name)).toEqual(['weight', 'bias']);
  });

  it.each(BACKEND_NAMES)('on %s, the samples themselves where an activation takes them', async (backend) => {
    const weight = [[0.5, -2, 1]];
    const options = { input: [3], loss: 'halfSquaredError' } as const;
    using network = await createOn(backend, { ...options, layers: [activation('relu'), dense(1, { initializer: weight })] });
    const { layers } = await network.diagnose({ x: [[1, 2, -3]], y: [[1]] });
    // a = 0.5 − 4, so δ of the weighted input is −4.5, and of the samples −4.5 · w where they are above 0.
    expect(layers[0].delta.norm).toBeCloseTo(4.5 * Math.hypot(0.5, 2), 5);
    expect(layers[1].delta.norm).toBeCloseTo(4.5, 5);
  });

  it('heads beside each other are not compared', async () => {
    using network = await onBackend(FASTEST, () =>
      Network.create({
        inputs: { x: [3] },
        build: ({ x }) => ({ quiet: named('quiet', dense(2))(x), loud: named('loud', dense(2))(x) }),
        losses: { quiet: { loss: 'softmaxCrossEntropy', weight: 1e-3 }, loud: 'softmaxCrossEntropy' },
      }),
    );
    const y = [0, 1, 0, 1, 0, 1, 0, 1];
    const diagnosis = await network.diagnose({ x: { x: spreadTensor([8, 3]) }, y: { quiet: y, loud: y } });
    expect(layerAt(diagnosis, 'loud').delta.norm / layerAt(diagnosis, 'quiet').delta.norm).toBeGreaterThan(30);
    expect(diagnosis.findings).toEqual([]);
  });

  it('is printed as a table with its findings', async () => {
    using network = await create();
    const text = formatDiagnosis(await network.diagnose(data));
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^one training step on 8 rows, loss 0\.\d+$/);
    expect(lines[2]).toMatch(/^layer +type +parameter +output rms +‖δ‖ +dead +saturated +‖w‖ +‖gradient‖ +‖Δw‖\/‖w‖$/);
    expect(lines[3]).toMatch(/^0 +dense +weight +[\d.]+ +[\d.]+ +\d+ % +[\d.]+ +[\d.]+ +[\d.e-]+$/);
    expect(new Set(lines.slice(2, 7).map((line) => line.length)).size).toBe(1);
    expect(lines.at(-1)).toBe('no findings');
  });

  it('refuses what it cannot measure', async () => {
    const network = await create();
    const before = weightsOf(network);
    const bad = [
      [() => network.diagnose(data, { batchSize: 0 }), OptionError, 'diagnose.batchSize'],
      [() => network.diagnose(data, { rows: 3 } as object), OptionError, "unknown option 'rows'"],
      [() => network.diagnose(data, { clip: { norm: -1 } }), OptionError, 'diagnose.clip.norm'],
      [() => network.diagnose({ x: [[1, 2, Number.NaN]], y: [0] }), DataError, 'diagnose.x'],
      [() => network.diagnose({ x: [[1, 2]], y: [0] }), ShapeError, 'diagnose.x'],
      [() => network.fit(data, { diagnostics: 1 } as object), OptionError, 'fit.diagnostics'],
    ] as const;
    for (const [call, type, part] of bad) {
      const error = await call().then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error).toBeInstanceOf(type);
      expect(error?.message).toContain(part);
    }
    expect(weightsOf(network)).toEqual(before);
    network.dispose();
    await expect(network.diagnose(data)).rejects.toThrow(StateError);
  });
});
