/** The machine's own limit, measured by the native addon in the same run. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Fused multiply-adds from registers on so many threads, in GFLOP/s; undefined where the addon is not built. */
export function peakGflops(threads: number): number | undefined {
  try {
    return Math.round(require('node-gyp-build')(root).measurePeak(threads));
  } catch {
    return undefined;
  }
}
