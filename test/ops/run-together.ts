/** Runs the cases on the instruction set that CHAINRULE_ISA names, and prints by mode and number of threads what they made. */
import { createRequire } from 'node:module';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { EAGER } from '../native/networks.ts';
import { addonFile } from '../native/programs.ts';
import { COUNTS, resultOf, togetherCases } from './together-cases.ts';

/** Digests of all cases, by mode and by number of threads. */
export type TogetherResults = Record<'fast' | 'reproducible', Record<string, string[]>>;

const backend = nativeBackend(createRequire(import.meta.url)(addonFile) as NativeAddon, EAGER);
const cases = togetherCases();
async function digests(reproducible: boolean): Promise<Record<string, string[]>> {
  const results: Record<string, string[]> = {};
  for (const threads of COUNTS) {
    const threaded = backend.with({ threads, reproducible });
    results[threads] = await Promise.all(cases.map((one) => resultOf(threaded.openArena(one.program, 1), one)));
  }
  return results;
}

const results: TogetherResults = { fast: await digests(false), reproducible: await digests(true) };
process.stdout.write(JSON.stringify(results));
