/** What the tests of loggers share: a network that learns, and a folder for what they write. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Callback, type DataSet, dense, type FitOptions, type Network } from 'chainrule';
import { afterEach, beforeEach } from 'vitest';
import { createOn, FASTEST, spreadTensor } from '../support/networks.ts';

/** Forty rows: five steps an epoch of eight, four of ten. */
export const data: DataSet = { x: spreadTensor([40, 4]), y: Array.from({ length: 40 }, (_, i) => i % 3) };

export const createNetwork = (): Promise<Network> =>
  createOn(FASTEST, { input: [4], layers: [dense(8, { activation: 'relu' }), dense(3)], loss: 'softmaxCrossEntropy', seed: 1 });

/** Fits a new network with these callbacks. */
export async function fitWith(callbacks: readonly Callback[], options: FitOptions = {}) {
  using network = await createNetwork();
  return await network.fit(data, { epochs: 3, batchSize: 8, ...options, callbacks });
}

/** The path of a file in a folder that is there for one test. */
export function inFolder(): (name: string) => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainrule-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return (name) => join(folder, name);
}

/** A callback that passes time at every step. */
export const slowly = (milliseconds: number): Callback => ({
  stepsPerSecond: 'all',
  step: () => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});

/** For tests of what is written of epochs alone: no step is due. */
export const NO_STEPS = { stepsPerSecond: 1e-6 } as const;
