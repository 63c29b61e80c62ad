/** The machine's own limit: multiply-adds that touch nothing but registers. */
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

/** So many sums that the next multiply-add need not wait for the last. */
const SUMS = 12;
const ROUNDS = 20_000;
const MILLISECONDS = 30;

const each = (line: (i: number) => string) => Array.from({ length: SUMS }, (_, i) => line(i)).join('\n');

/** Each sum tends to 1. */
const source = (multiplyAdd: (sum: string) => string) => `
export function multiplyRegisters(rounds: i32): f32 {
  const half = f32x4.splat(0.5);
  ${each((i) => `let sum${i} = f32x4.splat(${i});`)}
  for (let round = 0; round < rounds; round++) {
    ${each((i) => `sum${i} = ${multiplyAdd(`sum${i}`)};`)}
  }
  ${each((i) => (i > 0 ? `sum0 = f32x4.add(sum0, sum${i});` : ''))}
  return f32x4.extract_lane(sum0, 0);
}`;

/** The same in WebAssembly, on one thread: fused where relaxed vectors are there, else a product and a sum. */
export async function wasmPeakGflops(isRelaxed: boolean): Promise<number> {
  const text = source((sum) => (isRelaxed ? `f32x4.relaxed_madd(${sum}, half, half)` : `f32x4.add(f32x4.mul(${sum}, half), half)`));
  // Loaded where it is needed: the compiler takes twenty seconds to load, which every other benchmark would wait for.
  const { default: asc } = await import('assemblyscript/asc');
  const features = isRelaxed ? ['simd', 'relaxed-simd'] : ['simd'];
  const { binary, error } = await asc.compileString(text, { optimizeLevel: 3, runtime: 'stub', enable: features });
  if (!binary) throw error ?? new Error('the measurement did not compile');
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>);
  const multiplyRegisters = instance.exports.multiplyRegisters as (rounds: number) => number;
  let least = Number.POSITIVE_INFINITY;
  for (const end = performance.now() + MILLISECONDS; performance.now() < end; ) {
    const began = performance.now();
    multiplyRegisters(ROUNDS);
    least = Math.min(least, performance.now() - began);
  }
  return Math.round((ROUNDS * SUMS * 4 * 2) / least / 1e6);
}
