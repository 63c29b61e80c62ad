/** What training must give, in whichever runtime. */
import * as chainrule from 'chainrule';
import { expect } from 'vitest';
import { train } from '../programs/train.js';

/** What programs/train.js returns. */
export interface Trained {
  readonly xor: readonly number[];
  readonly backend: string;
  readonly reason: string;
  readonly accuracy: number;
  readonly model: number;
  /** Of the network that asked for two threads. */
  readonly wide: { readonly threads: number; readonly reason: string; readonly model: number; readonly stepsTogether: number };
}

/**
 * That XOR and the digits were learnt on WASM, and a larger network on so many threads of two; the models have the bits that they have
 * when this process trains them from the sources.
 */
export async function expectTrainedOnWasm(result: Trained, threads: 1 | 2): Promise<void> {
  expect(result).toMatchObject({ xor: [0, 1, 1, 0], backend: 'wasm', wide: { threads } });
  if (threads > 1) expect(result.wide.stepsTogether).toBeGreaterThan(0);
  expect(result.accuracy).toBeGreaterThan(0.9);
  const expected = await train(chainrule, 'wasm');
  expect([result.model, result.wide.model]).toEqual([expected.model, expected.wide.model]);
}
