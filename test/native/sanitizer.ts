/** Runs cases through the native kernels under AddressSanitizer and UndefinedBehaviorSanitizer, or under ThreadSanitizer. */

import type { DataBinding, RunRequest } from '../../src/backends/backend.ts';
import type { NativeAddon } from '../../src/backends/native.ts';
import { NUMERICS } from '../../src/backends/numerics.ts';
import { toWords } from '../../src/backends/words.ts';
import { BEGINNING } from '../../src/clock.ts';
import { INSTRUCTION_SETS } from '../../src/codegen/instruction-sets.ts';
import type { Division } from '../../src/program/divide.ts';
import type { Program } from '../../src/program/format.ts';
import type { Packable } from '../../src/program/packable.ts';
import { scratchFloats } from '../../src/program/scratch.ts';
import { buildDriver, canDrive, Driver, driverAddon } from './driver.ts';
import { availableIsas } from './programs.ts';

/** Which sanitizers a driver is built with: those of memory and of undefined operations, or the one of threads. */
export type Sanitizer = 'memory' | 'thread';

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

/** Whether this machine can build the drivers. */
export function canSanitize(): boolean {
  return canDrive('memory');
}

/** The instruction sets that the drivers run here: this machine's, and products by parts on any AVX-512. */
export function sanitizedIsas(): readonly string[] {
  const isas = availableIsas();
  return isas.includes('avx512') && !isas.includes('amx') ? ['amx', ...isas] : isas;
}

/**
 * Of those the fastest with registers of each size, for what does not depend on single instructions: how threads divide a kernel, and how
 * the addon is called, depend on what a vector holds, and on matrix registers, which the fastest has.
 */
export function isasOfEachWidth(): readonly string[] {
  const registersOf = (isa: string) => INSTRUCTION_SETS.find(({ name }) => name === isa)?.registers;
  const isas = sanitizedIsas();
  return isas.filter((isa, i) => isas.findIndex((other) => registersOf(other) === registersOf(isa)) === i);
}

/** Compiles the driver where it is missing or stale: a minute of two cores for the longest, the first time. */
export function buildSanitizer(sanitizer: Sanitizer = 'memory'): void {
  buildDriver(sanitizer);
}

/** Kernels of an instruction set in a process that sanitizers watch. */
export interface SanitizedKernels {
  /** The arena after the run. Throws with the sanitizer's report at a bad access or undefined operation, which ends the process. */
  run(one: SanitizedCase): Float32Array;
  /** Ends the process. Throws with what is reported at its end. */
  close(): void;
}

export function openSanitized(isa: string, sanitizer: Sanitizer = 'memory'): SanitizedKernels {
  const driver = new Driver(sanitizer, isa);
  const addon = driverAddon(driver);
  return { run: (one) => runCase(addon, one), close: () => driver.close() };
}

/** The arenas after the runs. Throws with the sanitizer's report at the first bad access or undefined operation. */
export function runSanitized(cases: readonly SanitizedCase[], isa = 'scalar', sanitizer: Sanitizer = 'memory'): Float32Array[] {
  const kernels = openSanitized(isa, sanitizer);
  const arenas = cases.map((one) => kernels.run(one));
  kernels.close();
  return arenas;
}

function runCase(addon: NativeAddon, { program, seed, arena, data, request, threads, packable }: SanitizedCase): Float32Array {
  const { code, literals, arenaSize, maximumRows } = program;
  const { from, to, repeats, clock = BEGINNING, rows } = request;
  const { count, division } = threads ?? { count: 1, division: new Int32Array(0) };
  const session = new addon.Session(
    code,
    literals,
    arenaSize,
    maximumRows,
    seed,
    count,
    division,
    NUMERICS.indexOf('fast'),
    packable ?? new Int32Array(0),
    scratchFloats(program),
  );
  session.write(0, Float32Array.from(arena));
  if (data) {
    const columns = data.columns.map((column) => toWords(column.data));
    const widths = data.columns.map(({ width }) => width);
    session.bind(columns, widths, data.rows, data.batchSize, data.shuffle);
  }
  session.run(from, to, repeats, clock.epoch, clock.batch, rows);
  const after = new Float32Array(arenaSize);
  session.read(0, after);
  session.dispose();
  return after;
}
