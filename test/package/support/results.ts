/** What training must give, in whichever runtime. */
import * as chainrule from 'chainrule';
import { expect } from 'vitest';
import { train } from '../programs/train.js';

/** What programs/train.js returns. */
export interface Trained {
  readonly xor: readonly number[];
  /** Of the kernels that trained XOR. */
  readonly isa: string;
  readonly backend: string;
  readonly reason: string;
  readonly accuracy: number;
  readonly model: number;
  /** Of the network that asked for two threads. */
  readonly wide: { readonly threads: number; readonly reason: string; readonly model: number; readonly stepsTogether: number };
}

/**
/**
 * That XOR was learnt on the kernels named, by default those that every engine has, the digits too, and a larger network on so many threads
 * of two; the models of both have the bits that they have when this process trains them from the sources.
 */
export async function expectTrainedOnWasm(result: Trained, threads: 1 | 2, isa: 'simd128' | 'relaxed-simd128' = 'simd128'): Promise<void> {
  expect(result).toMatchObject({ xor: [0, 1, 1, 0], backend: 'wasm', isa, wide: { threads } });
  if (threads > 1) expect(result.wide.stepsTogether).toBeGreaterThan(0);
  expect(result.accuracy).toBeGreaterThan(0.9);
  const expected = await train(chainrule, 'wasm');
  expect([result.model, result.wide.model]).toEqual([expected.model, expected.wide.model]);
}
