/** What is legal and hardly meant: said by `summary`, `diagnose` and where training diverges, word by word. */
import {
  type ActivationName,
  activation,
  batchNorm,
  conv2d,
  DivergedError,
  dense,
  flatten,
  type GraphValue,
  globalAveragePool2d,
  type Layer,
  type LossName,
  maxPool2d,
  multiply,
  Network,
  ShapeError,
  sgd,
  sigmoid,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor } from '../support/networks.ts';
import { expectMessage } from '../support/refused.ts';

const said = (network: Pick<Network, 'summary'>) =>
  network
    .summary()
    .split('\n')
    .flatMap((line) => (line.startsWith('warning: ') ? [line.slice(9)] : []));

const itself = (name: string) => `takes logits and applies ${name} itself, and the last layer ends`;
const leave = 'leave that activation out; predict(x, { probabilities: true }) applies it';
const binary = 'leave that activation out, or take binaryCrossEntropy';
const probable = 'binaryCrossEntropy takes probabilities from 0 to 1, and the last layer ends';
const toSigmoid = 'end with sigmoid, or take sigmoidCrossEntropy, which applies it itself';
const logs = (loss: string) => `${loss} takes log-probabilities, and the last layer ends`;
const toLogs = 'end with logSoftmax, or take softmaxCrossEntropy with no activation';

describe('the end of a network and its loss', () => {
  it.each<[LossName, ActivationName, string | undefined]>([
    ['softmaxCrossEntropy', 'identity', undefined],
    ['softmaxCrossEntropy', 'softmax', `softmaxCrossEntropy ${itself('softmax')} with softmax: ${leave}`],
    ['softmaxCrossEntropy', 'sigmoid', `softmaxCrossEntropy ${itself('softmax')} with sigmoid: ${leave}`],
    ['softmaxCrossEntropy', 'logSoftmax', undefined],
    ['softmaxCrossEntropy', 'tanh', undefined],
    ['sigmoidCrossEntropy', 'identity', undefined],
    ['sigmoidCrossEntropy', 'sigmoid', `sigmoidCrossEntropy ${itself('sigmoid')} with sigmoid: ${binary}`],
    ['sigmoidCrossEntropy', 'hardSigmoid', `sigmoidCrossEntropy ${itself('sigmoid')} with hardSigmoid: ${binary}`],
    ['sigmoidCrossEntropy', 'softmax', `sigmoidCrossEntropy ${itself('sigmoid')} with softmax: ${binary}`],
    ['binaryCrossEntropy', 'sigmoid', undefined],
    ['binaryCrossEntropy', 'hardSigmoid', undefined],
    ['binaryCrossEntropy', 'softmax', undefined],
    ['binaryCrossEntropy', 'identity', `${probable} with no activation: ${toSigmoid}`],
    ['binaryCrossEntropy', 'tanh', `${probable} with tanh: ${toSigmoid}`],
    ['negativeLogLikelihood', 'logSoftmax', undefined],
    ['negativeLogLikelihood', 'softmax', `${logs('negativeLogLikelihood')} with softmax: ${toLogs}`],
    ['negativeLogLikelihood', 'identity', `${logs('negativeLogLikelihood')} with no activation: ${toLogs}`],
    ['kullbackLeibler', 'logSoftmax', undefined],
    ['kullbackLeibler', 'softmax', `${logs('kullbackLeibler')} with softmax: ${toLogs}`],
    ['meanSquaredError', 'softmax', undefined],
    ['multiClassHinge', 'identity', undefined],
  ])('%s after %s', async (loss, name, warning) => {
    const y =
      loss === 'negativeLogLikelihood' || loss === 'multiClassHinge'
        ? [0, 1]
        : [
            [0, 1],
            [1, 0],
          ];
    for (const layers of [[dense(2, { activation: name })], [dense(2), activation(name)], [dense(2, { bias: false }), activation(name)]]) {
      using network = await createOn(FASTEST, { input: [3], layers, loss });
      expect(said(network)).toEqual(warning === undefined ? [] : [warning]);
      const { findings } = await network.diagnose({ x: spreadTensor([2, 3]), y });
      expect(findings.filter((finding) => finding === warning)).toEqual(said(network));
      using again = await Network.fromBytes(network.toBytes());
      expect(again.summary()).toBe(network.summary());
    }
  });

  it('is not judged where a layer of a user gives what nobody knows', async () => {
    const gated = ((x: GraphValue) => multiply(sigmoid(x), 0.5)) as Layer;
    using network = await createOn(FASTEST, { input: [3], layers: [dense(2), gated], loss: 'binaryCrossEntropy' });
    expect(said(network)).toEqual([]);
  });

  it('names the output', async () => {
    using network = await Network.create({
      inputs: { v: [3] },
      build: ({ v }) => ({ tags: dense(2, { activation: 'sigmoid' })(v) }),
      losses: { tags: 'sigmoidCrossEntropy' },
    });
    expect(said(network)).toEqual([
      `sigmoidCrossEntropy takes logits and applies sigmoid itself, and output tags ends with sigmoid: ${binary}`,
    ]);
  });
});

describe.each(BACKEND_NAMES)('predictions that are no probabilities, on %s', (backend) => {
  const create = (last: Layer) =>
    createOn(backend, { input: [1], layers: [dense(1, { initializer: [[1]] }), last], loss: 'binaryCrossEntropy' });
  const data = { x: [[-0.5], [0.5], [1.5], [0.25]], y: [[0], [1], [1], [0]] };

  it('are counted by a diagnosis', async () => {
    using network = await create(activation('identity'));
    const { findings } = await network.diagnose(data);
    const measured = '50 % of the predictions are not from 0 to 1, and binaryCrossEntropy takes probabilities; end with sigmoid';
    expect(findings.slice(0, 2)).toEqual([`${probable} with no activation: ${toSigmoid}`, measured]);
    using scaled = await create(((x: GraphValue) => multiply(x, 2)) as Layer);
    expect((await scaled.diagnose(data)).findings[0]).toBe(measured);
    using fine = await create(activation('sigmoid'));
    expect((await fine.diagnose(data)).findings.filter((finding) => finding.includes('binaryCrossEntropy'))).toEqual([]);
  });

  it('are named where training diverges', async () => {
    using network = await create(activation('identity'));
    const error = await network.fit(data, { optimizer: sgd({ learningRate: 0.1 }), epochs: 50 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DivergedError);
    expect((error as DivergedError).message).toContain(`Warning: ${probable} with no activation: ${toSigmoid}. Try a smaller`);
  });
});

describe('images', () => {
  const classes = (layers: readonly Layer[], input: readonly number[]) => createOn(FASTEST, { input, layers, loss: 'softmaxCrossEntropy' });
  const flattened = (layer: number, shape: string, features: number) =>
    `layer ${layer} (dense) takes images ${shape} row by row, each for ${features} features: flatten() before it takes each image as a whole`;

  it.each<[string, readonly number[], readonly Layer[], readonly string[]]>([
    ['flattened', [1, 8, 8], [conv2d(2, 3), flatten(), dense(3)], []],
    ['averaged', [1, 8, 8], [conv2d(2, 3), globalAveragePool2d(), dense(3)], []],
    ['not flattened', [1, 8, 8], [conv2d(2, 3), dense(3)], [flattened(1, '[batch, 2, 6, 6]', 6)]],
    [
      'not flattened behind layers that keep their shape',
      [1, 8, 8],
      [conv2d(2, 3, { activation: 'relu' }), maxPool2d(2), batchNorm(), activation('tanh'), dense(3)],
      [flattened(4, '[batch, 2, 3, 3]', 3)],
    ],
    ['of features that no convolution made', [2, 3, 4], [dense(3)], []],
    [
      'with channels last',
      [28, 28, 3],
      [conv2d(4, 3), flatten(), dense(3)],
      ['layer 0 (conv2d) takes an input of [28, 28, 3] for 28 channels of 28 × 3: channels come first, [3, 28, 28]'],
    ],
    ['with channels first', [3, 28, 28], [conv2d(4, 3), flatten(), dense(3)], []],
    ['small ones', [4, 4, 4], [conv2d(4, 3), flatten(), dense(3)], []],
  ])('%s', async (_, input, layers, warnings) => {
    using network = await classes(layers, input);
    expect(said(network)).toEqual(warnings);
  });

  it('with channels last that no window fits', () =>
    expectMessage(
      () => classes([conv2d(4, 3), flatten(), dense(3)], [28, 28, 1]),
      ShapeError,
      'layer 0: conv2d: expected a window of at most 1 elements, got one of 3; its input has shape [batch, 28, 28, 1]; channels come first: [batch, 1, 28, 28]',
    ));

  it('with channels last among the data', async () => {
    using network = await classes([conv2d(4, 3), flatten(), dense(3)], [3, 8, 8]);
    const x = spreadTensor([2, 8, 8, 3]);
    const message = (where: string) => `${where}: expected shape [rows, 3, 8, 8], got [2, 8, 8, 3]; channels come first, not last`;
    await expectMessage(() => network.predict(x), ShapeError, message('predict'));
    await expectMessage(() => network.fit({ x, y: [0, 1] }), ShapeError, message('fit.x'));
  });

  it('that are not flattened, and classes of rows', async () => {
    using network = await classes([conv2d(2, 3), dense(3)], [1, 8, 8]);
    const x = spreadTensor([2, 1, 8, 8]);
    const hint = '; the network gives [2, 6, 3] for a row: flatten() before its last layer makes it one answer';
    await expectMessage(
      () => network.fit({ x, y: [0, 1] }),
      ShapeError,
      `fit.y: expected shape [rows, 2, 6, 3] or class indices of shape [rows, 2, 6], got [2]${hint}`,
    );
    await expectMessage(
      () => network.evaluate({ x, y: spreadTensor([2, 3]) }),
      ShapeError,
      `evaluate.y: expected shape [rows, 2, 6, 3] or class indices of shape [rows, 2, 6], got [2, 3]${hint}`,
    );
  });
});
