/** Every op at the size at which it is measured: with two threads the bits of one, and on native those of WebAssembly. */
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../../src/backends/backend.ts';
import { loadWasmFile } from '../../../src/node/load-wasm.ts';
import { OPS } from '../../../src/ops/table.ts';
import { resultOf } from '../../ops/bits.ts';
import { describeCase } from '../../ops/op-case.ts';
import { typicalOf } from '../../ops/typical.ts';
import { BACKENDS } from '../../support/backends.ts';

const native = BACKENDS.find(({ name }) => name === 'native') as LocalBackend;
const wasm = await loadWasmFile();

describe('native has the bits of WebAssembly with one thread and with two, and fuses within the tolerance of the op:', () => {
  for (const op of OPS) {
    const test = typicalOf(op);
    it(describeCase(test), () => {
      const { digests, changes } = resultOf(wasm.with({ threads: 1 }), { test, seed: 1 });
      expect(changes, 'it writes something').toBe(true);
      for (const threads of [1, 2]) {
        const made = resultOf(native.with({ threads }), { test, seed: 1 });
        expect(made.digests, `${threads} threads`).toEqual(digests);
        expect(made.error, `${threads} threads: the error of what is fused`).toBeLessThanOrEqual(op.tolerance);
      }
    });
  }
});
