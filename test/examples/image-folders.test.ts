/** The examples that need an MNIST-format folder, on the first images of Fashion-MNIST; left out where it is not on this machine. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main as fashionMnist } from '../../examples/fashion-mnist.ts';
import { main as twoLayerNetwork } from '../../examples/two-layer-network.ts';
import { fashionMnistFolder } from './fashion-mnist-folder.ts';

describe.skipIf(!fashionMnistFolder)('examples on Fashion-MNIST', () => {
  const folder = fashionMnistFolder as string;

  beforeAll(() => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });

  it('fashion-mnist learns from a sample', async () => {
    const { accuracy, answers } = await fashionMnist(folder, { epochs: 3, limit: 1000 });
    expect(accuracy).toBeGreaterThan(0.65);
    expect(answers).toHaveLength(1000);
  });

  it('two-layer-network: the gradient is right, and training improves on chance', async () => {
    // 60 steps instead of 9600: a longer step makes up for some of them.
    const { maxRelativeError, trainAccuracy, testAccuracy } = await twoLayerNetwork(folder, { epochs: 6, learningRate: 0.5, limit: 1000 });
    expect(maxRelativeError).toBeLessThan(1e-6);
    expect(trainAccuracy).toHaveLength(6);
    expect(testAccuracy.at(-1)).toBeGreaterThan(0.3);
  });
});
