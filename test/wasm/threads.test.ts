/** Threads on shared memory change how long a run takes and nothing else: every result is the same bits with any number of them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DataBinding } from '../../src/backends/backend.ts';
import { KERNEL_TABLE, wasmBackend } from '../../src/backends/wasm/backend.ts';
import type { StartHelper } from '../../src/backends/wasm/helper.ts';
import { type ThreadedKernels, WasmMemory } from '../../src/backends/wasm/memory.ts';
import { WasmSession } from '../../src/backends/wasm/session.ts';
import { WasmTeam } from '../../src/backends/wasm/team.ts';
import { hasRelaxedSimd } from '../../src/backends/wasm/variant.ts';
import { BackendError } from '../../src/errors.ts';
import { startHelper } from '../../src/node/start-helper.ts';
import { ACTIVATIONS } from '../../src/ops/functions.ts';
import { type Division, divide } from '../../src/program/divide.ts';
import type { Program } from '../../src/program/format.ts';
import { BATCH, EAGER, prepare, TRAININGS, type Training } from '../native/networks.ts';
import { inAllTranspositions, label, type Shape } from './products.ts';
import { assemble, type Words, whole } from './programs.ts';
import type { RelaxedThreadsResults } from './run-relaxed-threads.ts';

const kernels = (variant: string) => new WebAssembly.Module(readFileSync(new URL(`../../wasm/chainrule.${variant}.wasm`, import.meta.url)));

const module = kernels('simd-threads');
const COUNTS = [2, 3, 7];
const STEPS = 7;
const NO_DATA: DataBinding = { columns: [], rows: 1, batchSize: 1, shuffle: false };

const teamOn = (memory: WasmMemory, start: StartHelper = startHelper) =>
  new WasmTeam(memory, memory.threaded as ThreadedKernels, start, availableParallelism());

const memory = new WasmMemory(module, KERNEL_TABLE);
const team = teamOn(memory);

/** A session with something in its arena; with several threads, the helpers are ready. */
async function open({ program, data, arena }: ReturnType<typeof prepare>, threads = 1): Promise<WasmSession> {
  const division = divide(program, threads, EAGER);
  const session = new WasmSession(memory, program, 11, division && { team, threads, division, element: 1 });
  session.write(0, arena);
  session.bind(data);
  while (division && !team.isReady(threads)) await sleep(1);
  return session;
}

const bits = (session: WasmSession) => new Uint32Array(session.read(0, session.program.arenaSize).buffer);

/** Arena and records after some steps, some of them on the last partial batch. */
async function train(training: Training, threads: number) {
  const prepared = prepare(training);
  const session = await open(prepared, threads);
  session.run(whole(prepared.program, STEPS, prepared.data.batchSize));
  const result = { arena: bits(session), records: session.records(STEPS) };
  session.dispose();
  return result;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('any number of threads', () => {
  it.each(TRAININGS.map((training) => [training.name, training] as const))('%s', async (_, training) => {
    const expected = await train(training, 1);
    expect(expected.records.every((value, i) => i % 2 === 1 || Number.isFinite(value))).toBe(true);
    const runs = vi.spyOn(team, 'run');
    for (const count of COUNTS) expect(await train(training, count)).toEqual(expected);
    expect(runs).toHaveBeenCalledTimes(COUNTS.length);
  });

  it('runs steps on several threads at once', async () => {
    const runs = vi.spyOn(team, 'run');
    const session = await open(prepare(TRAININGS[0]), 2);
    const most = () => Math.max(0, ...runs.mock.results.map(({ value }) => value));
    // A busy machine may keep the helpers from their cores for long.
    const deadline = performance.now() + 20_000;
    while (most() < STEPS && performance.now() < deadline) session.run(whole(session.program, STEPS, BATCH));
    session.dispose();
    expect(most()).toBe(STEPS);
  });

  it('runs a part of a program on one', async () => {
    const prepared = prepare(TRAININGS[0]);
    const [alone, stepped] = [await open(prepared), await open(prepared, 3)];
    alone.run(whole(prepared.program, 1, BATCH));
    const { code } = prepared.program;
    for (let at = 0; at < code.length; at += code[at + 1]) {
      stepped.run({ ...whole(prepared.program, 1, BATCH), from: at, to: at + code[at + 1] });
    }
    expect(bits(stepped)).toEqual(bits(alone));
    alone.dispose();
    stepped.dispose();
  });

  it('serves several sessions in turn, with different numbers of threads', async () => {
    const expected = await train(TRAININGS[4], 1);
    const sessions = await Promise.all([2, 3, 2, 7].map((threads) => open(prepare(TRAININGS[4]), threads)));
    await Promise.all(sessions.map((session) => session.runAsync(whole(session.program, STEPS, BATCH))));
    for (const session of sessions) {
      expect(bits(session)).toEqual(expected.arena);
      session.dispose();
    }
  });

  it('stops when the run is cancelled', async () => {
    const session = await open(prepare(TRAININGS[0]), 2);
    const running = session.runAsync(whole(session.program, 1e6, BATCH));
    setTimeout(() => session.cancel(), 30);
    expect(await running).toBeLessThan(1e6);
    session.dispose();
  });
});

/** σ(A·B + bias) and its operands, on so many threads. */
async function affine({ m, n, k, transposeA, transposeB }: Shape, threads: number): Promise<Uint32Array> {
  const [b, bias, out] = [m * k, m * k + k * n, m * k + k * n + n];
  const sigmoid = ACTIVATIONS.findIndex(({ name }) => name === 'sigmoid');
  const words: Words = ['affine', 0, b, bias, out, 1, m, n, k, 0, 0, transposeA, transposeB, sigmoid, 0];
  const program = assemble(out + m * n, [words], { literals: [0] });
  const arena = Float32Array.from({ length: program.arenaSize }, (_, i) => Math.sin(i * i));
  const session = await open({ program, data: NO_DATA, arena }, threads);
  expect(session.run(whole(program))).toBe(1);
  const result = bits(session);
  session.dispose();
  return result;
}

describe('a share of a product', () => {
  it.each([
    ['few multiplications', 2, 17, 3],
    ['one column', 9, 17, 30],
    ['one column, in several blocks', 9, 17, 300],
    ['one row', 17, 9, 300],
  ])('that is %s has the bits of the whole', async (_, m, n, k) => {
    const runs = vi.spyOn(team, 'run');
    const shapes = inAllTranspositions(m, n, k);
    for (const shape of shapes) expect(await affine(shape, 2), label(shape)).toEqual(await affine(shape, 1));
    expect(runs).toHaveBeenCalledTimes(shapes.length);
  });
});

describe('helpers', () => {
  it('end some time after the last session that had need of them, and begin again', async () => {
    const session = await open(prepare(TRAININGS[0]), 3);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    session.dispose();
    expect(team.helpers).toBeGreaterThan(0);
    vi.runAllTimers();
    vi.useRealTimers();
    expect(team.helpers).toBe(0);
    expect(memory.used).toBe(0);
    const { bytes } = memory;
    expect(await train(TRAININGS[0], 3)).toEqual(await train(TRAININGS[0], 1));
    expect(memory.bytes).toBe(bytes);
  });

  it('let the process end', () => {
    const script = fileURLToPath(new URL('./run-threads.ts', import.meta.url));
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    expect(execFileSync(process.execPath, ['--import', tsx, script], { encoding: 'utf8', timeout: 60_000 })).toBe('together\n');
  });
});

describe('on the kernels for relaxed SIMD', () => {
  const script = fileURLToPath(new URL('./run-relaxed-threads.ts', import.meta.url));
  const flags = [...(hasRelaxedSimd() ? [] : ['--experimental-wasm-relaxed-simd']), '--import', 'tsx'];
  const { alone, two, baseline }: RelaxedThreadsResults = JSON.parse(
    execFileSync(process.execPath, [...flags, script], { encoding: 'utf8', env: { ...process.env, CHAINRULE_BACKEND: 'wasm' } }),
  );

  it('two threads train together, and to the bits that one gives', () => {
    expect(two.isa).toBe('relaxed-simd128');
    expect(two.together).toBeGreaterThan(0);
    expect({ ...two, together: 0 }).toEqual(alone);
  });

  it('training agrees with the other kernels, but for rounding', () => {
    expect(baseline.isa).toBe('simd128');
    expect(two.losses.at(-1)).toBeLessThan(0.5 * two.losses[0]);
    two.losses.forEach((loss, i) => {
      expect(Math.abs(loss / baseline.losses[i] - 1)).toBeLessThan(1e-4);
    });
  });
});

/** A product large enough to be packed, by a backend whose helpers are started so. */
const SIZE = 64;
const ELEMENTS = SIZE * SIZE;
const product = () => assemble(3 * ELEMENTS, [['matmul', 0, ELEMENTS, 2 * ELEMENTS, 1, SIZE, SIZE, SIZE, 0, 0, 0, 0]]);

/** A recurrence of a single row, which the threads compute together. */
const UNITS = 448;
const WEIGHTS = UNITS * UNITS;
const recurrence = () => assemble(WEIGHTS + 4 * UNITS, [['rnn', 0, 2 * UNITS, -1, -1, WEIGHTS + 2 * UNITS, 1, 2, UNITS, 0, 0]]);

function openProduct(own: WasmMemory, ownTeam: WasmTeam, program: Program = product()): WasmSession {
  const shared = { team: ownTeam, threads: 2, division: divide(program, 2, EAGER) as Division, element: 1 };
  const session = new WasmSession(own, program, 1, shared);
  session.write(0, new Float32Array(2 * ELEMENTS).fill(1));
  return session;
}

describe('a helper that', () => {
  it.each([
    ['product', product()],
    ['recurrence', recurrence()],
  ])('fails in the middle of a %s gives an error, not a wait for ever, and the next session runs on one thread', async (_, program) => {
    const own = new WasmMemory(module, KERNEL_TABLE);
    // Its packed panels would lie where there is no memory.
    const ownTeam = teamOn(own, (task, failed) => startHelper({ ...task, workspace: 0xffff0000 }, failed));
    const session = openProduct(own, ownTeam, program);
    while (!ownTeam.isReady(2)) await sleep(1);
    expect(() => session.run(whole(session.program))).toThrow(BackendError);
    expect(() => session.read(0, 1)).toThrow('a helper failed: one of them stopped in the middle of a run');
    await expect(session.runAsync(whole(session.program))).rejects.toThrow(BackendError);
    session.dispose();
    const next = openProduct(own, ownTeam);
    expect(next.run(whole(next.program))).toBe(1);
    expect(next.read(2 * ELEMENTS, ELEMENTS).every((x) => x === SIZE)).toBe(true);
    expect(ownTeam.helpers).toBe(0);
  });

  it('is slow is waited for, though hours go by on the clock', async () => {
    const session = await open(prepare(TRAININGS[0]), 2);
    const deadline = Date.now() + 20_000;
    let time = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 3_600_000));
    // A run reads the clock when it begins, and again where the leader has waited for long enough to sleep.
    let most = 0;
    while (most < 3 && Date.now() < deadline) {
      clock.mockClear();
      expect(session.run(whole(session.program, STEPS, BATCH))).toBe(STEPS);
      most = Math.max(most, clock.mock.calls.length);
      await sleep(2);
    }
    session.dispose();
    expect(most).toBeGreaterThanOrEqual(3);
    expect(team.failure).toBeUndefined();
  });

  it('does not start leaves the program to one thread, and the backend says so', async () => {
    const broken: StartHelper[] = [
      () => {
        throw new Error('no threads left');
      },
      (task, failed) => startHelper({ ...task, memory: undefined as unknown as WebAssembly.Memory }, failed),
    ];
    for (const start of broken) {
      const backend = wasmBackend(module, { start, costs: EAGER }).with({ threads: 2 });
      expect(backend).toMatchObject({ threads: 2, limitation: undefined });
      const program = product();
      const session = backend.openArena(program, 1);
      session.write(0, new Float32Array(2 * ELEMENTS).fill(1));
      for (let i = 0; i < 1000 && !backend.limitation; i++) await sleep(1);
      expect(session.run(whole(program))).toBe(1);
      expect(session.read(2 * ELEMENTS, 1)[0]).toBe(SIZE);
      expect(backend).toMatchObject({ threads: 1, limitation: expect.stringContaining('a helper failed: ') });
      expect(backend.with({ threads: 1 }).limitation).toBeUndefined();
      session.dispose();
    }
  });
});

describe('where there can be no threads, the backend runs on one and says why', () => {
  it('with threads where it can have them', () => {
    const limitation = 'it takes at most 64';
    expect(wasmBackend(module, { start: startHelper }).with({ threads: 1000 })).toMatchObject({ threads: 64, limitation });
  });

  it('because its kernels are the build without', () => {
    expect(wasmBackend(kernels('simd'), { start: startHelper }).with({ threads: 2 })).toMatchObject({
      threads: 1,
      limitation: 'its kernels are those of the build without threads',
    });
  });

  it('because the page is not isolated; kernels that need it are refused', () => {
    vi.stubGlobal('crossOriginIsolated', false);
    try {
      const limitation = expect.stringContaining('the page is not cross-origin isolated');
      expect(wasmBackend(kernels('simd')).with({ threads: 2 })).toMatchObject({ threads: 1, limitation });
      expect(() => wasmBackend(module)).toThrow(/kernels built for threads cannot run here: the page is not cross-origin isolated/);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('because nothing starts threads', () => {
    vi.stubGlobal('Worker', undefined);
    try {
      expect(wasmBackend(module).with({ threads: 2 })).toMatchObject({ threads: 1, limitation: 'this runtime starts no threads' });
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
