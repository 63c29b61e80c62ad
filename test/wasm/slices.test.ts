/** Runs that give the event loop its turns: in the middle of a step, and of an instruction, with the bits of a run in one go. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { adam, conv2d, dense, flatten, maxPool2d, reshape } from 'chainrule';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KERNEL_TABLE } from '../../src/backends/wasm/backend.ts';
import { type RunPart, type ThreadedKernels, WasmMemory } from '../../src/backends/wasm/memory.ts';
import { WasmSession } from '../../src/backends/wasm/session.ts';
import { WasmTeam } from '../../src/backends/wasm/team.ts';
import { startHelper } from '../../src/node/start-helper.ts';
import { type Division, divide, divideLong } from '../../src/program/divide.ts';
import { BATCH, EAGER, prepare, TRAININGS, type Training } from '../native/networks.ts';
import { whole } from './programs.ts';

const kernels = (variant: string) => new WebAssembly.Module(readFileSync(new URL(`../../wasm/chainrule.${variant}.wasm`, import.meta.url)));

const plain = new WasmMemory(kernels('simd'), KERNEL_TABLE);
const shared = new WasmMemory(kernels('simd-threads'), KERNEL_TABLE);
const team = new WasmTeam(shared, shared.threaded as ThreadedKernels, startHelper, availableParallelism());

/** A whole epoch of three mini-batches, the last of them smaller, and a step more. */
const STEPS = 4;

const convolutional: Training = {
  name: 'convolutions',
  layers: [
    dense(72),
    reshape([2, 6, 6]),
    conv2d(20, 3, { padding: 'same', activation: 'relu' }),
    conv2d(18, 3),
    maxPool2d(2),
    flatten(),
    dense(5),
  ],
  loss: 'softmaxCrossEntropy',
  form: 'classes',
  optimizer: adam(),
};
const NAMES = ['adam ', 'dropout', 'attention true', 'recurrent'];
const TOGETHER = ['adam ', 'convolutions'];
const trainings = [...TRAININGS.filter(({ name }) => NAMES.includes(name)), convolutional];

async function open(training: Training, threads: number): Promise<WasmSession> {
  const { program, arena, data } = prepare(training);
  const runs =
    threads === 1
      ? { division: divideLong(program, 0), element: 1, threads }
      : { division: divide(program, threads, EAGER) as Division, element: 1, threads, team };
  const session = new WasmSession(threads === 1 ? plain : shared, program, 11, runs);
  session.write(0, arena);
  session.bind(data);
  while (threads > 1 && !team.isReady(threads)) await sleep(1);
  return session;
}

function results(session: WasmSession) {
  const { arenaSize } = session.program;
  return { arena: new Uint32Array(session.read(0, arenaSize).buffer), records: session.records(STEPS) };
}

let time = performance.now();

/** A clock by which 20 ms go by between two looks. It never goes back, from one test to the next neither. */
function slowClock(): void {
  vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 20;
    return time;
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a run in slices has the bits of one in one go', () => {
  it.each(trainings.map((training) => [training.name, training] as const))('%s', async (name, training) => {
    // Threads that meet so often take long where they share a core.
    const counts = TOGETHER.includes(name) ? [1, 2] : [1];
    const atOnce = await open(training, 1);
    atOnce.run(whole(atOnce.program, STEPS, BATCH));
    const expected = results(atOnce);
    atOnce.dispose();
    const parts = vi.spyOn(plain as { runPart: RunPart }, 'runPart');
    const together = vi.spyOn(team, 'run');
    slowClock();
    for (const threads of counts) {
      const sliced = await open(training, threads);
      expect(await sliced.runAsync(whole(sliced.program, STEPS, BATCH))).toBe(STEPS);
      expect(results(sliced), `${threads} threads`).toEqual(expected);
      sliced.dispose();
    }
    const part = expect.any(Number);
    expect(parts.mock.calls.length).toBeGreaterThan(STEPS);
    if (counts.length > 1) expect(together).toHaveBeenCalledWith(part, 2, expect.objectContaining({ repeats: 1 }), 1, part);
  });
});

describe('between two parts of a step', () => {
  const immediate = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('the event loop turns', async () => {
    const session = await open(trainings[0], 1);
    slowClock();
    // The first step tells how long one takes.
    await session.runAsync(whole(session.program, 1, BATCH));
    let ended = false;
    const running = session.runAsync(whole(session.program, 1, BATCH, { epoch: 0, batch: 1 })).then(() => {
      ended = true;
    });
    let turns = 0;
    for (; !ended; turns++) await immediate();
    await running;
    // By the slow clock a step takes 20 ms, and bits of it at most 4.
    expect(turns).toBeGreaterThanOrEqual(5);
    session.dispose();
  });

  it('a run that is cancelled finishes its step', async () => {
    const session = await open(trainings[0], 1);
    slowClock();
    const running = session.runAsync(whole(session.program, STEPS, BATCH));
    for (let i = 0; i < 8; i++) await immediate();
    session.cancel();
    expect(await running).toBe(2);
    session.dispose();
  });

  it('a session that is disposed of touches its memory no more', async () => {
    const session = await open(trainings[0], 1);
    slowClock();
    const running = session.runAsync(whole(session.program, STEPS, BATCH));
    for (let i = 0; i < 5; i++) await immediate();
    session.dispose();
    const after = plain.floats(plain.allocate(1 << 20, 'what comes next'), 1 << 18).fill(7);
    await running;
    expect(after.every((value) => value === 7)).toBe(true);
  });
});
