/** An LSTM that reads images row by row, on all of Fashion-MNIST: CI has it, another machine may not. */
import { adam, dense, lstm, readIdx, reshape } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { fashionMnistFolder } from '../examples/fashion-mnist-folder.ts';
import { BACKENDS } from '../support/backends.ts';
import { createOn } from '../support/networks.ts';

const TIMEOUT = 120_000;

describe('an LSTM over the rows of Fashion-MNIST', () => {
  it('has its images on CI', () => {
    if (process.env.CI) expect(fashionMnistFolder).toBeDefined();
  });

  if (fashionMnistFolder && BACKENDS.some(({ name }) => name === 'native')) {
    const folder = fashionMnistFolder;
    it(
      'reaches 87 % in 5 epochs',
      async () => {
        const { train, test } = readIdx(folder);
        const layers = [reshape([28, 28]), lstm(128), dense(10)];
        using network = await createOn('native', { input: [784], layers, loss: 'softmaxCrossEntropy', seed: 1 });
        await network.fit(train, { epochs: 5, batchSize: 64, optimizer: adam({ learningRate: 3e-3 }) });
        const { accuracy } = await network.evaluate(test);
        expect(accuracy).toBeGreaterThanOrEqual(0.87);
      },
      TIMEOUT,
    );
  }
});
