import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { Elements, OwnThreads } from '../../src/backends/backend.ts';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { BackendError, StateError } from '../../src/errors.ts';
import { loadNative } from '../../src/node/load-native.ts';
import { TABLE_HASH } from '../../src/ops/numbers.generated.ts';
import { PROGRAM_VERSION } from '../../src/program/format.ts';
import { addonFile, all, assemble, expectAddon, products } from './programs.ts';

/** Repeats of `products` that take seconds: many times what a test waits for. */
const MANY = 1e6;

describe('an addon built from another op table', () => {
  const addon = { tableHash: TABLE_HASH, programVersion: PROGRAM_VERSION, isa: 'scalar', isas: ['scalar'] } as unknown as NativeAddon;

  test('is refused, with what to do', () => {
    const refused = (difference: object) => () => nativeBackend({ ...addon, ...difference });
    expect(refused({ tableHash: TABLE_HASH ^ 1 })).toThrow(BackendError);
    expect(refused({ tableHash: TABLE_HASH ^ 1 })).toThrow(/another op table.*npm run build/);
    expect(refused({ programVersion: PROGRAM_VERSION + 1 })).toThrow(/another op table/);
    expect(refused({})).not.toThrow();
  });
});

if (expectAddon) {
  describe('a native session', () => {
    const backend = loadNative();
    const scaled = () => assemble([{ op: 'scale', at: { x: 0, out: 16 }, scalars: { size: 4, factor: 3, count: 1 } }], 32);

    test('names its backend and instruction set', () => {
      expect(backend).toMatchObject({ name: 'native', elementBytes: 4, threads: 1 });
      expect(['amx', 'avx512bf16', 'avx512', 'avx2', 'neon', 'scalar']).toContain(backend.isa);
    });

    test('writes, runs and reads', () => {
      const program = scaled();
      const session = backend.openArena(program, 0);
      session.write(0, [1, 2, 3, 4]);
      expect(session.run(all(program, { repeats: 3 }))).toBe(3);
      expect([...session.read(16, 5)]).toEqual([3, 6, 9, 12, 0]);
      session.dispose();
    });

    test('starts zeroed, with the program’s constants in place', () => {
      const session = backend.openArena({ ...scaled(), constants: [{ offset: 2, values: Float64Array.of(7, 8) }] }, 0);
      expect([...session.read(0, 5)]).toEqual([0, 0, 7, 8, 0]);
      session.dispose();
    });

    test('refuses arguments out of range, and works on', () => {
      const program = scaled();
      const session = backend.openArena(program, 0);
      expect(() => session.write(30, [1, 2, 3])).toThrow(/at most 2 elements from offset 30, got 3/);
      expect(() => session.write(-1, [1])).toThrow(/offset: expected an integer from 0 to 32, got -1/);
      expect(() => session.read(33, 1)).toThrow(/offset/);
      expect(() => session.run(all(program, { to: 3 }))).toThrow(/whole instructions/);
      expect(() => session.run(all(program, { from: 7, to: 0 }))).toThrow(/whole instructions/);
      expect(() => session.run(all(program, { repeats: -1 }))).toThrow(/repeats/);
      expect(() => session.run(all(program, { repeats: 0.5 }))).toThrow(/repeats/);
      expect(() => session.run(all(program, { rows: 65 }))).toThrow(/at most 64 rows, got 65/);
      expect(() => session.run(all(program, { clock: { epoch: Number.NaN, batch: 0 } }))).toThrow(/epoch/);
      expect(session.run(all(program))).toBe(1);
      session.dispose();
    });

    test('refuses code that it could not interpret', () => {
      const program = scaled();
      const changed = (word: number, value: number) => ({ ...program, code: program.code.with(word, value) });
      expect(() => backend.openArena(changed(0, 9999), 0)).toThrow(/code word 0: expected an op id/);
      expect(() => backend.openArena(changed(1, 0), 0)).toThrow(/instruction of 7 words, got 0/);
      expect(() => backend.openArena(changed(2, 32), 0)).toThrow(/word 2 is out of range: 32/);
      expect(() => backend.openArena(changed(2, -1), 0)).toThrow(/word 2 is out of range: -1/);
      expect(() => backend.openArena(changed(5, 1), 0)).toThrow(/word 5 is out of range: 1/);
      expect(() => backend.openArena({ ...program, code: program.code.slice(0, 6) }, 0)).toThrow(/cut short/);
    });

    test('refuses records that no memory could hold, and places that are none', () => {
      const recorded = (scalars: Record<string, number>) => assemble([{ op: 'record', at: { x: 0 }, scalars }], 32);
      expect(() => backend.openArena(recorded({ at: 2 ** 27, after: 0, size: 1 }), 0)).toThrow(/at most 134217728 numbers, got 134217729/);
      expect(() => backend.openArena(recorded({ at: -1, after: 0, size: 1 }), 0)).toThrow(/code word 0: expected a place in the record/);
      expect(() => backend.openArena(recorded({ at: 0, after: 1, size: 1 }), 0)).toThrow(/expected a place in the record/);
    });

    test('refuses data that the program’s gathers do not find', () => {
      const gathers = assemble([{ op: 'beginStep' }, { op: 'gather', at: { out: 0 }, scalars: { column: 0, size: -2, width: 2 } }], 128);
      const session = backend.openArena(gathers, 0);
      const data = (length: number, width: number, batchSize = 2) => ({
        columns: [{ data: new Float32Array(length), width }],
        ...{ rows: 3, batchSize, shuffle: true },
      });
      expect(() => session.run(all(gathers))).toThrow(/no data is bound/);
      expect(() => session.bind(data(6, 3))).toThrow(/3 rows of 3 values, got 6 values/);
      expect(() => session.bind(data(9, 3))).toThrow(/column 0 with 2 values a row/);
      expect(() => session.bind(data(6, 2, 65))).toThrow(/at most 64 rows, got 65/);
      session.bind(data(6, 2));
      expect(session.run(all(gathers, { repeats: 4 }))).toBe(4);
      expect(() => session.run(all(gathers, { from: 2, rows: 4 }))).toThrow(/after the mini-batch/);
      session.dispose();
    });

    test('reads arrays that throw, or that take their own elements’ memory away', () => {
      const { code, literals, arenaSize } = scaled();
      const { Session } = createRequire(import.meta.url)(addonFile) as NativeAddon;
      const session = new Session(code, literals, arenaSize, 64, 0, 1, new Int32Array(0), 2, new Int32Array(0), 0);
      const columns = [new Float32Array(64), new Float32Array(64)];
      const bindAfter = (read: () => void) => {
        const array = Object.defineProperty([...columns], 1, { get: () => read() ?? columns[1] });
        session.bind(array, [1, 1], 64, 64, true);
      };
      const fail = () => {
        throw new Error('on purpose');
      };
      expect(() => bindAfter(fail)).toThrow('on purpose');
      expect(() => bindAfter(() => void structuredClone(columns[0], { transfer: [columns[0].buffer] }))).toThrow(
        /64 rows of 1 values, got 0/,
      );
      session.dispose();
    });

    test('refuses every call once it is disposed, and disposes twice', () => {
      const program = scaled();
      const session = backend.openArena(program, 0);
      session.dispose();
      session.dispose();
      session.cancel();
      expect(() => session.read(0, 1)).toThrow(StateError);
      expect(() => session.run(all(program))).toThrow(StateError);
    });

    test('reports an arena that does not fit into memory', () => {
      const program = { ...scaled(), arenaSize: 2 ** 31 };
      expect(() => backend.openArena(program, 0)).toThrow(BackendError);
    });

    test.each([2 ** 50, Number.MAX_SAFE_INTEGER])('reports records of %d repeats that do not fit into memory', (repeats) => {
      const recorded = assemble([{ op: 'record', at: { x: 0 }, scalars: { at: 2 ** 12 - 1, after: 0, size: 1 } }], 32);
      const session = backend.openArena(recorded, 0);
      expect(() => session.records(1)).toThrow(/at most 0 elements/);
      expect(() => session.run(all(recorded, { repeats }))).toThrow(/not enough memory: could not allocate \d+ bytes for the records/);
      expect(session.run(all(recorded, { repeats: 3 }))).toBe(3);
      session.dispose();
    });
  });

  describe('a native run off the thread', () => {
    const backend = loadNative();

    test('leaves the event loop free, stops when cancelled, and can be run again', async () => {
      const program = products();
      const session = backend.openArena(program, 0);
      let ticks = 0;
      const timer = setInterval(() => ++ticks === 5 && session.cancel(), 5);
      const done = await session.runAsync(all(program, { repeats: MANY }));
      clearInterval(timer);
      expect(ticks).toBeGreaterThanOrEqual(5);
      expect(done).toBeGreaterThan(0);
      expect(done).toBeLessThan(MANY);
      expect(await session.runAsync(all(program, { repeats: 10 }))).toBe(10);
      session.dispose();
    });

    test('copies places while the event loop turns, and tells whether all of them are finite', async () => {
      const length = 2 ** 15 + 3;
      const program = { ...products(), arenaSize: 2 * length };
      const session = backend.openArena(program, 0);
      const values = Float32Array.from({ length }, (_, i) => i);
      session.write(length, values);
      const place = (offset: number, values: Elements) => [{ offset, shape: [values.length] }, values] as const;
      const copyFinite = session.ownThreads?.copyFinite as NonNullable<OwnThreads['copyFinite']>;
      const [all, some] = [new Float32Array(length), new Float32Array(5)];
      const copying = copyFinite([place(length, all), place(length + 7, some)]);
      expect(() => session.read(0, 1)).toThrow(StateError);
      await expect(copyFinite([])).rejects.toThrow(StateError);
      expect([await copying, all, [...some]]).toEqual([true, values, [7, 8, 9, 10, 11]]);
      session.write(2 * length - 1, [Number.NaN]);
      expect(await copyFinite([place(length, all)])).toBe(false);
      expect(await copyFinite([place(length, some)])).toBe(true);
      for (const offset of [2 * length - 4, 2 * length + 1, -1, 0.5])
        await expect(copyFinite([place(offset, some)]), String(offset)).rejects.toThrow(/^outs|^offsets/);
      await expect(copyFinite([place(0, new Float64Array(1))])).rejects.toThrow('outs: expected Float32Arrays');
      const last = copyFinite([place(length, all)]);
      session.dispose();
      await last;
    });

    test.runIf(existsSync('/proc/self/task'))('gives way to other threads of the process where it is told to', async () => {
      /** How much each thread of the process gives way to others. */
      const niceness = () =>
        readdirSync('/proc/self/task').map((id) =>
          Number(readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ')[1].split(' ')[16]),
        );
      const [own] = niceness();
      const lowered = () => niceness().filter((nice) => nice === Math.min(own + 10, 19)).length;
      const before = lowered();
      const run = async (givesWay: boolean) => {
        const session = backend.openArena(products(), 0);
        if (givesWay) session.ownThreads?.giveWay();
        const running = session.runAsync(all(session.program, { repeats: MANY }));
        await new Promise((resolve) => setTimeout(resolve, 20));
        const seen = lowered() - before;
        session.cancel();
        await running;
        session.dispose();
        return seen;
      };
      expect([await run(false), await run(true), await run(false)]).toEqual([0, 1, 0]);
    });

    test('allows no other call meanwhile', async () => {
      const program = products();
      const session = backend.openArena(program, 0);
      const running = session.runAsync(all(program, { repeats: MANY }));
      expect(() => session.read(0, 1)).toThrow(StateError);
      expect(() => session.write(0, [1])).toThrow(StateError);
      expect(() => session.run(all(program))).toThrow(StateError);
      await expect(session.runAsync(all(program))).rejects.toThrow(StateError);
      session.cancel();
      expect(await running).toBeLessThan(MANY);
      session.dispose();
    });

    test('ends when its session is disposed', async () => {
      const program = products();
      const session = backend.openArena(program, 0);
      const running = session.runAsync(all(program, { repeats: MANY }));
      session.dispose();
      expect(await running).toBeLessThan(MANY);
    });

    test('rejects what run would refuse', async () => {
      const program = products();
      const session = backend.openArena(program, 0);
      await expect(session.runAsync(all(program, { to: 1 }))).rejects.toThrow(/whole instructions/);
      expect(await session.runAsync(all(program))).toBe(1);
      session.dispose();
    });

    test('keeps the process alive while it is pending, and not after', () => {
      const script = `${openInPlainJavaScript()}
        session.runAsync(0, code.length, 20000, 0, 0, 1).then((done) => console.log(done));`;
      const output = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 20_000 });
      expect(output).toBe('20000\n');
    });
  });

  describe('native in a worker', () => {
    test('runs a program', async () => {
      const done = await firstMessage(`${openInPlainJavaScript()}
        session.runAsync(0, code.length, 7, 0, 0, 1).then((done) => require('node:worker_threads').parentPort.postMessage(done));`);
      expect(done.message).toBe(7);
      await done.worker.terminate();
    });

    test('survives being terminated while it trains', async () => {
      for (let i = 0; i < 5; i++) {
        const { worker } = await firstMessage(`${openInPlainJavaScript()}
          session.runAsync(0, code.length, ${MANY}, 0, 0, 1);
          require('node:worker_threads').parentPort.postMessage('running');`);
        expect(await worker.terminate()).toBe(1);
      }
    });
  });
}

/** `session` and `code` of `products()`, in a script that needs nothing but the addon. */
function openInPlainJavaScript(): string {
  const { code, arenaSize } = products();
  return `const addon = require(${JSON.stringify(addonFile)});
    const code = Int32Array.of(${code.join()});
    const session = new addon.Session(code, new Float64Array(0), ${arenaSize}, 1, 0, 1, new Int32Array(0), 2, new Int32Array(0), 0);`;
}

async function firstMessage(script: string): Promise<{ worker: Worker; message: unknown }> {
  const worker = new Worker(script, { eval: true });
  const message = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { worker, message };
}
