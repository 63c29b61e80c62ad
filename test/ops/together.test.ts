/** Ops whose units threads compute together, meeting in the kernel: the same bits with any number of threads, on every instruction set. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { KERNEL_TABLE } from '../../src/backends/wasm/backend.ts';
import { type ThreadedKernels, WasmMemory } from '../../src/backends/wasm/memory.ts';
import { WasmSession } from '../../src/backends/wasm/session.ts';
import { WasmTeam } from '../../src/backends/wasm/team.ts';
import { startHelper } from '../../src/node/start-helper.ts';
import { divide, divideLong, TOGETHER } from '../../src/program/divide.ts';
import { instructions, type Program } from '../../src/program/format.ts';
import { EAGER } from '../native/networks.ts';
import { availableIsas } from '../native/programs.ts';
import type { TogetherResults } from './run-together.ts';
import { COUNTS, resultOf, togetherCases } from './together-cases.ts';

const child = fileURLToPath(new URL('run-together.ts', import.meta.url));
const cases = togetherCases();
const memory = new WasmMemory(
  new WebAssembly.Module(readFileSync(new URL('../../wasm/chainrule.simd-threads.wasm', import.meta.url))),
  KERNEL_TABLE,
);
const team = new WasmTeam(memory, memory.threaded as ThreadedKernels, startHelper, availableParallelism());

async function onWasm(threads: number, how: 'run' | 'runAsync' = 'run'): Promise<string[]> {
  const results: string[] = [];
  for (const one of cases) {
    const division = divide(one.program, threads, EAGER) ?? divideLong(one.program, 0);
    const session = new WasmSession(memory, one.program, 1, { team: threads > 1 ? team : undefined, threads, division, element: 1 });
    while (threads > 1 && !team.isReady(threads)) await sleep(1);
    results.push(await resultOf(session, one, how));
  }
  return results;
}

/** Each in a process of its own: an addon chooses once. */
function onNative(isa: string): TogetherResults {
  const env = { ...process.env, CHAINRULE_ISA: isa };
  return JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', child], { env, encoding: 'utf8' }));
}

/** The ops of a program's instructions that are divided so. */
function together(program: Program, threads: number): string[] {
  const division = divide(program, threads, EAGER);
  return [...instructions(program)].filter(({ at }) => (division?.[at] ?? 0) & TOGETHER).map(({ op }) => op.name);
}

const byName = (digests: readonly string[]) => Object.fromEntries(cases.map(({ name }, i) => [name, digests[i]]));

describe('an instruction whose units threads compute together', () => {
  const alone = onWasm(1).then(byName);

  it('is divided that way, for any number of threads', () => {
    const cells = ['rnn', 'lstm', 'gru'].flatMap((cell) => [cell, `${cell}Gradient`]).sort();
    for (const threads of COUNTS.slice(1)) {
      for (const { name, program, data } of cases) {
        const ops = [...new Set(together(program, threads))].sort();
        expect(ops, name).toEqual(data ? cells : [name.split(' ')[0]]);
      }
    }
  });

  it.each(COUNTS.slice(1))('has on WebAssembly the bits of one thread with %s', async (threads) => {
    expect(byName(await onWasm(threads))).toEqual(await alone);
  });

  it.each([1, 2])('has the same bits in slices, parts of its rows, with %s', async (threads) => {
    let time = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (time += 20));
    expect(byName(await onWasm(threads, 'runAsync'))).toEqual(await alone);
    vi.restoreAllMocks();
  });

  it.each(availableIsas())('has on %s the bits of one thread, and of WebAssembly where it is reproducible', async (isa) => {
    const { fast, reproducible } = onNative(isa);
    for (const [threads, digests] of Object.entries(fast)) expect(byName(digests), threads).toEqual(byName(fast[1]));
    for (const [threads, digests] of Object.entries(reproducible)) expect(byName(digests), threads).toEqual(await alone);
  });
});
