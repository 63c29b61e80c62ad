/**
 * Runs cases through the native kernels under AddressSanitizer and UndefinedBehaviorSanitizer, or under ThreadSanitizer.
 *
 * The format, mirrored in native/sanitize/driver.cpp: a file of little-endian float64, sizes and values alike, case after case:
 *
 *     codeLength literalCount arenaElements maximumRows seed threads packableCount   code… (division… if threads > 1) literals…
 *     (word rows columns transposed) for each packable operand   arena…
 *     columns, and unless it is 0:   rows batchSize shuffle stepBase epochBase   (width values…) for each column
 *     from to repeats iteration rows
 *
 * The results are the arenas after the runs, in order, as float64 too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataBinding, RunRequest } from '../../src/backends/backend.ts';
import type { Division } from '../../src/program/divide.ts';
import type { Program } from '../../src/program/format.ts';
import type { Packable } from '../../src/program/packable.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Which sanitizers a driver is built with: those of memory and of undefined operations, or the one of threads. */
export type Sanitizer = 'memory' | 'thread';

const driver = (sanitizer: Sanitizer) => join(root, 'build', sanitizer === 'thread' ? 'thread-sanitizer' : 'sanitizer', 'driver');

/** One run of one program in an arena of its own. */
export interface SanitizedCase {
  readonly program: Pick<Program, 'code' | 'literals' | 'arenaSize' | 'maximumRows'>;
  readonly seed: number;
  /** `arenaSize` values. Put what must not be overrun last: the memory behind the arena is poisoned. */
  readonly arena: ArrayLike<number>;
  readonly data?: DataBinding;
  readonly request: RunRequest;
  /** More than one: how they divide the program. */
  readonly threads?: { readonly count: number; readonly division: Division };
  /** What may be kept packed; none if not given. It is where the request repeats. */
  readonly packable?: Packable;
}

/** Whether this machine can build the driver. */
export function canSanitize(): boolean {
  if (process.platform !== 'linux') return false;
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, 'g++')));
}

/** Compiles the driver where it is missing or stale: half a minute the first time. */
export function buildSanitizer(sanitizer: Sanitizer = 'memory'): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'build-sanitizer.mjs'), sanitizer], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The arenas after the runs. Throws with the sanitizer's report at the first bad access or undefined operation. */
export function runSanitized(cases: readonly SanitizedCase[], isa = 'scalar', sanitizer: Sanitizer = 'memory'): Float32Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-sanitizer-'));
  try {
    const input = join(folder, 'cases');
    const output = join(folder, 'results');
    writeFileSync(input, encodeCases(cases));
    const { status, stderr } = spawnSync(driver(sanitizer), [isa, input, output], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the sanitized run failed: ${stderr}`);
    return decodeResults(cases, readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The file of cases. */
export function encodeCases(cases: readonly SanitizedCase[]): Uint8Array {
  return new Uint8Array(Float64Array.from(cases.flatMap(encodeCase)).buffer);
}

function encodeCase({ program, seed, arena, data, request, threads, packable = new Int32Array(0) }: SanitizedCase): number[] {
  const { code, literals, arenaSize, maximumRows } = program;
  const { from, to, repeats, iteration, rows } = request;
  return [
    ...[code.length, literals.length, arenaSize, maximumRows, seed, threads?.count ?? 1, packable.length / 4, ...code],
    ...[...(threads?.division ?? []), ...literals, ...packable, ...Array.from(arena)],
    ...(data ? encodeData(data) : [0]),
    ...[from, to, repeats, iteration, rows],
  ];
}

function encodeData({ columns, rows, batchSize, shuffle, stepBase, epochBase }: DataBinding): number[] {
  return [
    ...[columns.length, rows, batchSize, Number(shuffle), stepBase, epochBase],
    ...columns.flatMap(({ data, width }) => [width, ...data.subarray(0, rows * width)]),
  ];
}

function decodeResults(cases: readonly SanitizedCase[], bytes: Buffer): Float32Array[] {
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  return cases.map(({ program }) => {
    const arena = Float32Array.from(values.subarray(at, at + program.arenaSize));
    at += program.arenaSize;
    return arena;
  });
}
