/** What accuracy counts: the loss and the form of the targets decide, never the numbers among them. */
import { activation, type DataSet, dense, type LossName, Network, sgd, tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { BackendName } from '../../src/backends/backend.ts';
import { BACKEND_NAMES, createOn, onBackend } from '../support/networks.ts';

type Rows = readonly (readonly number[])[];

interface Case {
  readonly loss: LossName;
  /** What the network predicts. */
  readonly x: Rows;
  readonly y: Rows | readonly number[];
  /** Whether each row is right; undefined where nothing is. */
  readonly right: readonly (0 | 1)[] | undefined;
}

const LOGITS = [
  [3, 1, 0],
  [0, 2, 1],
  [5, 4, 1],
  [0, 0.5, 1],
];
const HOT = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 1, 0],
  [0, 0, 1],
];
/** Logits of labels of which none is predicted in the first two rows, and the largest is the right one. */
const LABELS = [
  [-1, -2, -3],
  [-3, -1, -2],
];
const ONE_EACH = [
  [1, 0, 0],
  [0, 1, 0],
];
const probabilities = (logits: Rows) => logits.map((row) => row.map((x) => 1 / (1 + Math.exp(-x))));

const CASES: Readonly<Record<string, Case>> = {
  classes: { loss: 'softmaxCrossEntropy', x: LOGITS, y: [0, 1, 1, 2], right: [1, 1, 0, 1] },
  'one-hot rows': { loss: 'softmaxCrossEntropy', x: LOGITS, y: HOT, right: [1, 1, 0, 1] },
  'soft classes': {
    loss: 'softmaxCrossEntropy',
    x: LOGITS,
    y: HOT.map((row) => row.map((p) => 0.1 + 0.7 * p)),
    right: [1, 1, 0, 1],
  },
  'classes of a hinge': { loss: 'multiClassHinge', x: LOGITS, y: [0, 1, 1, 0], right: [1, 1, 0, 0] },
  'log-probabilities and classes': { loss: 'negativeLogLikelihood', x: LOGITS, y: [0, 1, 1, 2], right: [1, 1, 0, 1] },
  'log-probabilities and probabilities': { loss: 'kullbackLeibler', x: LOGITS, y: HOT, right: [1, 1, 0, 1] },
  'a single log-probability': { loss: 'kullbackLeibler', x: [[-1], [-2]], y: [[1], [1]], right: undefined },
  'labels, one in each row': { loss: 'sigmoidCrossEntropy', x: LABELS, y: ONE_EACH, right: [0, 0] },
  'labels, two in one row': { loss: 'sigmoidCrossEntropy', x: [...LABELS, [1, 1, -1]], y: [...ONE_EACH, [1, 1, 0]], right: [0, 0, 1] },
  'probabilities of labels, one in each row': { loss: 'binaryCrossEntropy', x: probabilities(LABELS), y: ONE_EACH, right: [0, 0] },
  'probabilities of labels, two in one row': {
    loss: 'binaryCrossEntropy',
    x: probabilities([...LABELS, [1, 1, -1]]),
    y: [...ONE_EACH, [1, 1, 0]],
    right: [0, 0, 1],
  },
  'labels that are all right, and that are all but one': {
    loss: 'sigmoidCrossEntropy',
    x: [
      [1, -1],
      [2, 3],
      [-1, -2],
    ],
    y: [
      [1, 1],
      [1, 1],
      [0, 0],
    ],
    right: [0, 1, 1],
  },
  'soft labels, one in each row': {
    loss: 'sigmoidCrossEntropy',
    x: [...LABELS, [2, -1, -3]],
    y: [
      [0.9, 0.1, 0],
      [0.25, 0.5, 0.25],
      [0.75, 0.25, 0],
    ],
    right: [0, 1, 1],
  },
  'classes among sigmoids': { loss: 'sigmoidCrossEntropy', x: LABELS, y: [0, 1], right: [1, 1] },
  'classes among probabilities': { loss: 'binaryCrossEntropy', x: probabilities(LABELS), y: [0, 2], right: [1, 0] },
  'a logit, whose threshold is 0': { loss: 'sigmoidCrossEntropy', x: [[0.3], [-0.1], [0.2], [3]], y: [1, 0, 0, 1], right: [1, 1, 0, 1] },
  'a probability, whose threshold is a half': {
    loss: 'binaryCrossEntropy',
    x: [[0.9], [0.4], [0.6], [0.2]],
    y: [[1], [1], [1], [0]],
    right: [1, 0, 1, 1],
  },
  'classes under a loss of numbers': { loss: 'halfSquaredError', x: LOGITS, y: [0, 1, 1, 2], right: [1, 1, 0, 1] },
  'numbers that could be classes': { loss: 'halfSquaredError', x: LOGITS, y: HOT, right: undefined },
  'numbers that could be labels': { loss: 'meanSquaredError', x: [[1], [0]], y: [1, 0], right: undefined },
  'numbers that all are 0 or 1': { loss: 'huber', x: LOGITS, y: HOT, right: undefined },
  numbers: { loss: 'meanAbsoluteError', x: [[1], [2]], y: [1.5, 2], right: undefined },
};

describe.each(BACKEND_NAMES)('accuracy on %s', (backend) => {
  it.each(Object.entries(CASES))('%s', async (_, { loss, x, y, right }) => {
    using network = await passing(backend, x[0].length, loss);
    const share = right && right.reduce<number>((sum, one) => sum + one, 0) / right.length;
    const data = { x, y } as DataSet;
    expect((await network.evaluate(data)).accuracy).toEqual(close(share));
    const { epochs } = await network.fit(data, { optimizer: sgd({ learningRate: 0 }), validation: data, batchSize: 2 });
    expect([epochs[0].accuracy, epochs[0].validationAccuracy]).toEqual([close(share), close(share)]);
    for (let row = 0; row < x.length; row++) {
      const { accuracy } = await network.evaluate({ x: [x[row]], y: [y[row]] } as DataSet);
      expect(accuracy, `of row ${row} alone`).toBe(right?.[row]);
    }
  });

  it('counts the steps of a sequence, and the labels of each together', async () => {
    const loss = 'sigmoidCrossEntropy';
    using network = await onBackend(backend, () =>
      Network.create({ input: [2, 3], layers: [dense(3, { initializer: identity(3) })], loss, backend }),
    );
    const x = tensor([LABELS, [LABELS[0], [1, 1, -1]]].flat(2), [2, 2, 3]);
    const y = tensor([ONE_EACH, [ONE_EACH[0], [1, 1, 0]]].flat(2), [2, 2, 3]);
    expect((await network.evaluate({ x, y })).accuracy).toBe(1 / 4);
    const classes = tensor([0, 1, 0, 2], [2, 2]);
    expect((await network.evaluate({ x, y: classes })).accuracy).toBe(3 / 4);
  });
});

const close = (share: number | undefined) => (share === undefined ? undefined : (expect.closeTo(share, 12) as unknown));

const identity = (units: number) => Array.from({ length: units }, (_, i) => Array.from({ length: units }, (_, j) => (i === j ? 1 : 0)));

/** A network that passes its inputs on, so that they are the predictions. */
function passing(backend: BackendName, units: number, loss: LossName): Promise<Network> {
  return createOn(backend, { input: [units], layers: [dense(units, { initializer: identity(units) }), activation('identity')], loss });
}
