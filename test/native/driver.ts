/**
 * Native sessions in another process, native/driver/: under sanitizers, or built for another processor and emulated.
 *
 * Commands go to its stdin, answers come from its stdout; all are little-endian float64, sizes and values alike:
 *
 *     (on start)                                                                       → tableHash programVersion
 *     0 open    id  codeLength divisionLength literalCount arenaElements maximumRows seed threads numerics scratch
 *                   packableCount code… division… literals… (word rows columns transposed) each → problem
 *     1 write   id  offset length bits…
 *     2 read    id  offset length                                                      → bits…
 *     3 bind    id  columns rows batchSize shuffle, (width length values…) each           → problem
 *     4 run     id  from to repeats epoch batch rows                                    → problem, then repeats done
 *     5 records id  length                                                             → records…
 *     6 dispose id
 *
 * Bits are those of float32 elements, as integers from 0: as float64 some elements would lose bits of theirs.
 *
 * A problem is what a session refuses something with: the number of its bytes and these; 0 where all is well, and only then
 * something follows. Commands that are none end the driver.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstNotFinite } from '../../src/backends/finite.ts';
import type { NativeAddon, NativeSession } from '../../src/backends/native.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isArm = process.arch === 'arm64';

/** How a driver is built: with the sanitizers of memory and undefined operations, with that of threads, or for 64-bit ARM. */
export type DriverKind = 'memory' | 'thread' | 'arm64';

/** What a machine needs to build a driver of a kind, and to run it. */
const TOOLS: Readonly<Record<DriverKind, readonly string[]>> = {
  memory: ['g++'],
  thread: ['g++'],
  arm64: isArm ? ['g++'] : ['aarch64-linux-gnu-g++', 'qemu-aarch64-static'],
};

/** ThreadSanitizer drops a race whose earlier access its history no longer holds: of a thread that ran ahead, say. This is the longest. */
const ENVIRONMENT = { TSAN_OPTIONS: 'history_size=7' };

const COMMAND = { open: 0, write: 1, read: 2, bind: 3, run: 4, records: 5, dispose: 6 };

export function onPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, command)));
}

/** Whether this machine can build and run that driver. */
export function canDrive(kind: DriverKind): boolean {
  return process.platform === 'linux' && TOOLS[kind].every(onPath);
}

/** Compiles the driver where it is missing or stale: a minute of two cores for the longest, the first time. */
export function buildDriver(kind: DriverKind): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'build-driver.mjs'), kind], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** Numbers, and lists of numbers, one after the other. */
export function encode(parts: readonly (number | ArrayLike<number>)[]): Float64Array {
  const lists = parts.map((part) => (typeof part === 'number' ? [part] : part));
  const words = new Float64Array(lists.reduce((length, list) => length + list.length, 0));
  let at = 0;
  for (const list of lists) {
    words.set(list, at);
    at += list.length;
  }
  return words;
}

/** A driver that runs, asked synchronously: its pipes are named ones, opened at both ends before it starts. */
export class Driver {
  readonly tableHash: number;
  readonly programVersion: number;
  readonly #toDriver: number;
  readonly #fromDriver: number;
  readonly #errors: number;
  #sessions = 0;

  constructor(
    kind: DriverKind,
    readonly isa: string,
  ) {
    const folder = mkdtempSync(join(tmpdir(), 'chainrule-driver-'));
    const [commands, answers] = ['commands', 'answers'].map((name) => join(folder, name));
    execFileSync('mkfifo', [commands, answers]);
    // Opening for both never waits for another end; it is closed once both are there, so that either side sees the other one end.
    const both = [commands, answers].map((path) => openSync(path, 'r+'));
    const stdin = openSync(commands, 'r');
    const stdout = openSync(answers, 'w');
    this.#toDriver = openSync(commands, 'w');
    this.#fromDriver = openSync(answers, 'r');
    this.#errors = openSync(join(folder, 'errors'), 'w+');
    rmSync(folder, { recursive: true });
    const file = join(root, 'build', `driver-${kind}`, 'driver');
    const [program, ...args] = kind === 'arm64' && !isArm ? ['qemu-aarch64-static', file, isa] : [file, isa];
    const env = { ...process.env, ...ENVIRONMENT };
    spawn(program, args, { env, stdio: [stdin, stdout, this.#errors] }).unref();
    for (const end of [...both, stdin, stdout]) closeSync(end);
    [this.tableHash, this.programVersion] = this.receive(2);
  }

  /** A number for a new session. */
  nextSession(): number {
    return ++this.#sessions;
  }

  tell(command: keyof typeof COMMAND, session: number, ...rest: readonly (number | ArrayLike<number>)[]): void {
    const words = encode([COMMAND[command], session, ...rest]);
    const bytes = new Uint8Array(words.buffer);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#toDriver, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') this.#fail();
      throw error;
    }
  }

  /** Tells, and waits for an answer of `length` numbers. */
  ask(length: number, ...command: Parameters<Driver['tell']>): Float64Array {
    this.tell(...command);
    return this.receive(length);
  }

  /** Tells what a session may refuse. Throws an Error where it does. */
  propose(...command: Parameters<Driver['tell']>): void {
    const [length] = this.ask(1, ...command);
    if (length > 0) throw new Error(new TextDecoder().decode(Uint8Array.from(this.receive(length))));
  }

  /** Ends the driver and waits for it. Throws where it complained: sanitizers report some things only at the end. */
  close(): void {
    closeSync(this.#toDriver);
    while (readSync(this.#fromDriver, new Uint8Array(1)) > 0);
    const complaints = this.#complaints();
    closeSync(this.#fromDriver);
    closeSync(this.#errors);
    if (complaints) throw new Error(`the driver complained: ${complaints}`);
  }

  /** The next numbers of an answer. Throws with the driver's own words where it has ended. */
  receive(length: number): Float64Array {
    const words = new Float64Array(length);
    const bytes = new Uint8Array(words.buffer);
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(this.#fromDriver, bytes, at, bytes.length - at, null);
      if (count === 0) this.#fail();
      at += count;
    }
    return words;
  }

  #fail(): never {
    throw new Error(`the driver ended: ${this.#complaints()}`);
  }

  #complaints(): string {
    const bytes = new Uint8Array(fstatSync(this.#errors).size);
    readSync(this.#errors, bytes, 0, bytes.length, 0);
    return new TextDecoder().decode(bytes);
  }
}

/** The driver's kernels as an addon: `nativeBackend` makes a backend of it. */
export function driverAddon(driver: Driver): NativeAddon {
  const { tableHash, programVersion, isa } = driver;
  class Session extends DriverSession {
    constructor(...args: ConstructorParameters<NativeAddon['Session']>) {
      super(driver, ...args);
    }
  }
  return {
    tableHash,
    programVersion,
    isa,
    isas: [isa],
    multipliesBfloat16: false,
    measurePeak: () => 0,
    firstNotFinite: (values) => firstNotFinite(values, 4),
    alignedStart: () => 0,
    slackBytes: 0,
    Session,
  };
}

type Binding = [rows: number, batchSize: number, shuffle: boolean, before?: number];

class DriverSession implements NativeSession {
  readonly #driver: Driver;
  readonly #id: number;
  #columns: Float32Array[] = [];
  /** Sends the columns. */
  #bind: () => void = () => undefined;
  /** Whether they have changed since then. */
  #isFilled = false;
  /** What lies at the arena's start for others to see, too: sent to the driver before each run, and fetched after it. */
  #shared: Float32Array | undefined;

  constructor(driver: Driver, ...args: ConstructorParameters<NativeAddon['Session']>) {
    const [code, literals, arenaElements, maximumRows, seed, threads, division, numerics, packable, scratch, shared] = args;
    this.#driver = driver;
    this.#id = driver.nextSession();
    const sizes = [code.length, division.length, literals.length, arenaElements, maximumRows];
    const settings = [seed, threads, numerics, scratch];
    driver.propose('open', this.#id, sizes, settings, packable.length / 4, code, division, literals, packable);
    this.#shared = shared;
  }

  share(shared: Float32Array): void {
    this.#shared = shared;
  }

  write(offset: number, values: Float32Array): void {
    this.#driver.tell('write', this.#id, offset, values.length, bitsOf(values));
  }

  read(offset: number, out: Float32Array): void {
    bitsOf(out).set(this.#driver.ask(out.length, 'read', this.#id, offset, out.length));
  }

  bind(columns: readonly (Float32Array | null)[], widths: readonly number[], ...rest: Binding): void {
    const [rows, batchSize, shuffle, before = -1] = rest;
    this.#columns = columns.map((column, i) => column ?? new Float32Array(rows * widths[i]));
    this.#bind = () => {
      const data = this.#columns.flatMap((column, i) => [widths[i], column.length, column]);
      this.#driver.propose('bind', this.#id, columns.length, [rows, batchSize, Number(shuffle), before], ...data);
    };
    this.#bind();
  }

  fill(column: number, start: number, values: Float32Array): void {
    this.#columns[column].set(values, start);
    this.#isFilled = true;
  }

  run(...[from, to, repeats, epoch, batch, rows, offset, values]: Parameters<NativeSession['run']>): number {
    if (offset !== undefined && values) this.write(offset, values);
    return this.#run([from, to, repeats, epoch, batch, rows]);
  }

  #run(request: readonly number[]): number {
    if (this.#isFilled) this.#bind();
    this.#isFilled = false;
    if (this.#shared) this.write(0, this.#shared);
    this.#driver.propose('run', this.#id, request);
    const [done] = this.#driver.receive(1);
    if (this.#shared) this.read(0, this.#shared);
    return done;
  }

  /** In place: nothing else happens until it is done. */
  async runAsync(...request: Parameters<NativeSession['runAsync']>): Promise<number> {
    return this.#run(request);
  }

  async copyAsync(offsets: readonly number[], outs: readonly Float32Array[]): Promise<number> {
    for (const [i, out] of outs.entries()) this.read(offsets[i], out);
    return outs.every((out) => firstNotFinite(out, 4) < 0) ? 1 : 0;
  }

  giveWay(): void {}

  cancel(): void {}

  records(out: Float64Array): void {
    out.set(this.#driver.ask(out.length, 'records', this.#id, out.length));
  }

  dispose(): void {
    this.#driver.tell('dispose', this.#id);
  }
}
