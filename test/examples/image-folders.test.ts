/** The examples that learn images, on the digits that come with the package, and where there is one on a folder of Fashion-MNIST. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fashionMnist as convolutional } from '../../examples/convolutional.ts';
import { main as fashionMnist } from '../../examples/fashion-mnist.ts';
import { main as rowByRow } from '../../examples/row-by-row.ts';
import { main as twoLayerNetwork } from '../../examples/two-layer-network.ts';
import { BACKENDS } from '../support/backends.ts';
import { fashionMnistFolder } from './fashion-mnist-folder.ts';

beforeAll(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe('examples on the digits', () => {
  it('fashion-mnist learns', async () => {
    const { accuracy, answers } = await fashionMnist(undefined, { epochs: 20 });
    expect(accuracy).toBeGreaterThan(0.93);
    expect(answers).toHaveLength(359);
  });

  it('row-by-row learns', async () => {
    const { accuracy } = await rowByRow(undefined, { epochs: 4 });
    expect(accuracy).toBeGreaterThan(0.6);
  });

  it('two-layer-network: the gradient is right, and training learns', async () => {
    const { maxRelativeError, testAccuracy } = await twoLayerNetwork(undefined, { epochs: 16, learningRate: 1 });
    expect(maxRelativeError).toBeLessThan(1e-6);
    expect(testAccuracy.at(-1)).toBeGreaterThan(0.6);
  });
});

if (fashionMnistFolder) describe('examples on Fashion-MNIST', () => testOn(fashionMnistFolder as string));

function testOn(folder: string): void {
  it('fashion-mnist learns from a sample', async () => {
    const { accuracy, answers } = await fashionMnist(folder, { epochs: 3, limit: 1000 });
    expect(accuracy).toBeGreaterThan(0.65);
    expect(answers).toHaveLength(1000);
  });

  it('convolutional learns from a sample', async () => {
    const { accuracy } = await convolutional(folder, { epochs: 3, limit: 1000 });
    expect(accuracy).toBeGreaterThan(0.6);
  });

  it('row-by-row learns from a sample', async () => {
    // The reference takes minutes for what the others do in seconds: there it is only run.
    if (process.env.CHAINRULE_BACKEND === 'reference') return void (await rowByRow(folder, { epochs: 1, limit: 64 }));
    const { accuracy } = await rowByRow(folder, { epochs: 3, limit: 1000 });
    expect(accuracy).toBeGreaterThan(0.5);
  });

  it('two-layer-network: the gradient is right, and training improves on chance', async () => {
    // 60 steps instead of 9600: a longer step makes up for some of them.
    const { maxRelativeError, trainAccuracy, testAccuracy } = await twoLayerNetwork(folder, { epochs: 6, learningRate: 0.5, limit: 1000 });
    expect(maxRelativeError).toBeLessThan(1e-6);
    expect(trainAccuracy).toHaveLength(6);
    expect(testAccuracy.at(-1)).toBeGreaterThan(0.3);
  });

  if (BACKENDS.some(({ name }) => name === 'native')) {
    it('fashion-mnist on all images reaches the published accuracy of its network, 0.871', async () => {
      vi.stubEnv('CHAINRULE_BACKEND', 'native');
      const { accuracy } = await fashionMnist(folder, { epochs: 15 });
      vi.unstubAllEnvs();
      expect(accuracy).toBeGreaterThanOrEqual(0.871);
    });
  }
}
