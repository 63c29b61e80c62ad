/**
 * Multiplies matrices of many shapes through native sessions and prints what came, as JSON. A process of its own, run by gemm.test.ts,
 * because CHAINRULE_ISA counts when the addon is loaded.
 */
import { createHash } from 'node:crypto';
import type { Numerics } from '../../src/backends/numerics.ts';
import { loadNative } from '../../src/node/load-native.ts';
import type { Program } from '../../src/program/format.ts';
import { RandomStream } from '../../src/random/philox.ts';
import { all, assemble } from './programs.ts';

export interface ProductsResult {
  /** The instruction set that ran. */
  readonly isa: string;
  /** The largest error, in units of float32's rounding error of the sum of magnitudes. */
  readonly worst: number;
  /** How many products another run of the session changed. */
  readonly packedDiffers: number;
  /** Of all products. */
  readonly hashes: Readonly<Record<Numerics, string>>;
}

const TRANSPOSITIONS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/** Some that matrix registers multiply by parts, where there are any. */
const LARGE = [
  [200, 120, 128],
  [150, 620, 290],
] as const;

const backend = loadNative();
const random = new RandomStream(3, 0, 0, 0);

let packedDiffers = 0;
const hashes = { separate: createHash('sha256'), fused: createHash('sha256'), fast: createHash('sha256') };

/** Computes one product in every way there is, and returns the largest error. Later runs take B packed. */
function errorOf(m: number, n: number, k: number, transposeA: number, transposeB: number): number {
  const scalars = { batches: 1, m, n, k, transposeA, transposeB };
  const b = m * k;
  const out = b + k * n;
  const parameters = new Map([['b', { offset: b, shape: [k, n] }]]);
  const program = { ...assemble([{ op: 'matmul', at: { a: 0, b, out }, scalars }], out + m * n), parameters };
  const session = backend.openArena(program, 0);
  const values = Float32Array.from({ length: out }, () => random.uniform() - 0.5);
  session.write(0, values);
  session.run(all(program));
  const actual = session.read(out, m * n);
  session.run(all(program));
  session.run(all(program));
  if (Buffer.compare(Buffer.from(actual.buffer), Buffer.from(session.read(out, m * n).buffer))) packedDiffers++;
  session.dispose();
  hashes.fast.update(actual);
  for (const numerics of ['separate', 'fused'] as const) hashes[numerics].update(multiplied(numerics, program, values, out, m * n));
  let worst = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let magnitude = 0;
      for (let p = 0; p < k; p++) {
        const left = values[transposeA ? p * m + i : i * k + p] as number;
        const right = values[b + (transposeB ? j * k + p : p * n + j)] as number;
        sum += left * right;
        magnitude += Math.abs(left * right);
      }
      worst = Math.max(worst, Math.abs(sum - (actual[i * n + j] as number)) / (magnitude * 2 ** -24));
    }
  }
  return worst;
}

function multiplied(numerics: Numerics, program: Program, values: Float32Array, offset: number, length: number): Float32Array {
  const session = backend.with({ numerics }).openArena(program, 0);
  session.write(0, values);
  session.run(all(program));
  const result = session.read(offset, length) as Float32Array;
  session.dispose();
  return result;
}

let worst = 0;
for (const [transposeA, transposeB] of TRANSPOSITIONS) {
  for (let m = 1; m <= 33; m++) {
    for (let n = 1; n <= 33; n++) worst = Math.max(worst, errorOf(m, n, 1 + 2 * ((m + 5 * n) % 17), transposeA, transposeB));
  }
  for (const [m, n, k] of LARGE) worst = Math.max(worst, errorOf(m, n, k, transposeA, transposeB));
}
const result: ProductsResult = {
  ...{ isa: backend.isa, worst, packedDiffers },
  hashes: { separate: hashes.separate.digest('hex'), fused: hashes.fused.digest('hex'), fast: hashes.fast.digest('hex') },
};
console.log(JSON.stringify(result));
