/** What examples reach with the native backend, on all of Fashion-MNIST where there is a folder of it: longer than a minute together. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fashionMnist as convolutional } from '../../../examples/convolutional.ts';
import { main as rowByRow } from '../../../examples/row-by-row.ts';
import { fashionMnistFolder } from '../../examples/fashion-mnist-folder.ts';

beforeAll(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.stubEnv('CHAINRULE_BACKEND', 'native');
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it('an LSTM of 128 units that reads the digits row by row reaches 0.88 in twelve epochs', async () => {
  const { accuracy } = await rowByRow(undefined, { epochs: 12 });
  expect(accuracy).toBeGreaterThanOrEqual(0.88);
});

if (fashionMnistFolder) describe('on Fashion-MNIST', () => testOn(fashionMnistFolder as string));

function testOn(folder: string): void {
  it('two convolutions with about 110 000 parameters reach 0.91', async () => {
    const { accuracy, parameters } = await convolutional(folder);
    expect(parameters).toBeLessThan(115_000);
    expect(accuracy).toBeGreaterThanOrEqual(0.91);
  });

  it('an LSTM of 128 units that reads row by row reaches 0.87 in five epochs', async () => {
    const { accuracy } = await rowByRow(folder);
    expect(accuracy).toBeGreaterThanOrEqual(0.87);
  });
}
