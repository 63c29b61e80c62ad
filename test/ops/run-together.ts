/** Runs the cases on the instruction set that CHAINRULE_ISA names, and prints by mode and number of threads what they made. */
import { createRequire } from 'node:module';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import type { Numerics } from '../../src/backends/numerics.ts';
import { EAGER } from '../native/networks.ts';
import { addonFile } from '../native/programs.ts';
import { FAST_COUNTS, REPRODUCIBLE_COUNTS, resultOf, togetherCases } from './together-cases.ts';

/** Digests of all cases, by mode and by number of threads. */
export type TogetherResults = Record<'fast' | 'reproducible', Record<string, string[]>>;

const backend = nativeBackend(createRequire(import.meta.url)(addonFile) as NativeAddon, EAGER);
const cases = togetherCases();
async function digests(numerics: Numerics, counts: readonly number[]): Promise<Record<string, string[]>> {
  const results: Record<string, string[]> = {};
  for (const threads of counts) {
    const threaded = backend.with({ threads, numerics });
    results[threads] = await Promise.all(cases.map((one) => resultOf(threaded.openArena(one.program, 1), one)));
  }
  return results;
}

// What is reproducible is compared with WebAssembly, what is fast with one thread: each number of threads in one of the two.
const results: TogetherResults = { fast: await digests('fast', FAST_COUNTS), reproducible: await digests('separate', REPRODUCIBLE_COUNTS) };
process.stdout.write(JSON.stringify(results));
