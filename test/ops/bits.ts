/**
 * What float32 backends make of every case, to the bit. An op gives the same bits on all of them, whatever its values; one that may fuse
 * multiply-adds does so where it has to keep them apart and where it has to fuse them, and is as accurate as it says where it may do as it likes.
 */
import { createHash } from 'node:crypto';
import type { LocalBackend } from '../../src/backends/backend.ts';
import type { Numerics } from '../../src/backends/numerics.ts';
import { OPS } from '../../src/ops/table.ts';
import { type Assembled, assemble, execute, initialArena, leftBy, openCase } from './case-program.ts';
import { casesOf } from './families.ts';
import { hostileValues, inputValues, type OpCase } from './op-case.ts';
import { largestDifference } from './op-results.ts';

/** What a case is run with. */
export const WAYS = ['its own values', 'hostile values'] as const;

/** A case with what distinguishes its values from those of the op's other cases. */
export interface Numbered {
  readonly test: OpCase;
  readonly seed: number;
}

/** Every case, in the order of the op table. */
export const allCases = (): Numbered[] => OPS.flatMap((op) => casesOf(op).map((test, seed) => ({ test, seed })));

/** The arenas before the runs of a case, way by way. */
export function arenasOf({ test, seed }: Numbered, assembled: Assembled): Float32Array[] {
  const own = inputValues(test, seed);
  return [own, hostileValues(test, own, seed)].map((values) => new Float32Array(initialArena(test, assembled, values, 4)));
}

/** What a backend makes of a case. */
export interface Result {
  /** Digests of what the runs leave, way by way. */
  readonly digests: readonly string[];
  /** Whether the run with its own values leaves anything else than was there. */
  readonly changes: boolean;
  /** Of an op that fuses, how far its own values' result is from that where it need not be reproducible, as its tolerance counts. */
  readonly error: number;
}

export function resultOf(backend: LocalBackend, one: Numbered): Result {
  const { test } = one;
  const assembled = assemble(test);
  const arenas = arenasOf(one, assembled);
  const left = leavings(backend, test, assembled, arenas);
  const error = test.op.fuses ? largestDifference(test, assembled, execute(backend, test, assembled, arenas[0]), left[0]) : 0;
  const changes = left[0].length > arenas[0].length || left[0].some((x, i) => !Object.is(x, arenas[0][i]));
  return { digests: left.map(digestOf), changes, error };
}

/** Of an op that may fuse multiply-adds, digests of what the runs leave where they are fused, way by way; of any other op none. */
export function fusedDigests(backend: LocalBackend, one: Numbered): string[] {
  if (!one.test.op.fuses) return [];
  const assembled = assemble(one.test);
  return leavings(backend, one.test, assembled, arenasOf(one, assembled), 'fused').map(digestOf);
}

/** What the runs leave, way by way; multiply-adds are not fused. */
export function leftByRuns(backend: LocalBackend, one: Numbered): Float32Array[] {
  const assembled = assemble(one.test);
  return leavings(backend, one.test, assembled, arenasOf(one, assembled));
}

function leavings(
  backend: LocalBackend,
  test: OpCase,
  assembled: Assembled,
  arenas: readonly Float32Array[],
  numerics: Numerics = 'separate',
): Float32Array[] {
  const session = openCase(test.op.fuses ? backend.with({ numerics }) : backend, test, assembled);
  const left = arenas.map((arena) => leftBy(session, test, assembled, arena) as Float32Array);
  session.dispose();
  return left;
}

const NAN_BITS = 0x7fc00000;

/** The bits of numbers; any NaN counts as one and the same. */
function bitsOf(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (let i = 0; i < bits.length; i++) if (Number.isNaN(values[i])) bits[i] = NAN_BITS;
  return bits;
}

const digestOf = (values: Float32Array) => createHash('sha1').update(bitsOf(values)).digest('base64');

/** The first element in which a result differs from what is expected. */
export function firstDifference(actual: Float32Array, expected: Float32Array): string {
  const [a, b] = [actual, expected].map(bitsOf);
  const i = b.findIndex((bits, k) => bits !== a[k]);
  return i < 0 ? 'the same' : `element ${i} is ${actual[i]} instead of ${expected[i]}`;
}
