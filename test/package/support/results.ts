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
}

/**
 * That XOR was learnt on the kernels named, by default those that every engine has, and the digits too: their model has the bits that it has
 * when this process trains it from the sources.
 */
export async function expectTrainedOnWasm(result: Trained, isa: 'simd128' | 'relaxed-simd128' = 'simd128'): Promise<void> {
  expect(result).toMatchObject({ xor: [0, 1, 1, 0], backend: 'wasm', isa });
  expect(result.accuracy).toBeGreaterThan(0.9);
  expect(result.model).toBe((await train(chainrule, 'wasm')).model);
}
