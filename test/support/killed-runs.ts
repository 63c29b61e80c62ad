/** Runs whose process is killed again and again, and started again: each goes on from a whole checkpoint and ends with the bits of a run that nobody killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Chance } from './randomness.ts';

const TRAINS = fileURLToPath(new URL('train-with-checkpoints.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/bundled/node.js', import.meta.url));
/** The most milliseconds from when a process is about to train, or from its first checkpoint, to its kill. */
const LONGEST = { whenever: 250, afterCheckpoint: 120 };

export interface Killed {
  readonly kills: number;
  /** Kills of processes that went on from a checkpoint of another. */
  readonly ofResumed: number;
  /** Temporary files that kills left. */
  readonly unfinished: number;
  /** Runs that came to their end. */
  readonly ended: number;
}

/** The data of runs: tensors, or a dataset that is read row by row. */
export type RunData = 'tensors' | 'stream';

export async function killTrainingProcesses(kills: number, epochs: number, data: RunData, chance: Chance): Promise<Killed> {
  if (!existsSync(BUILT)) throw new Error(`no ${BUILT}: run npm run build`);
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-killed-runs-'));
  const result = { kills: 0, ofResumed: 0, unfinished: 0, ended: 0 };
  try {
    const expected = (await train(join(folder, 'whole'), epochs, data)).ended;
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    for (let run = 0; ; run++) {
      const own = join(folder, `run-${run}`);
      for (;;) {
        const before = checkpoints(own).length;
        // The last run is let come to its end.
        const { ended, warnings } = await train(own, epochs, data, result.kills < kills ? killsOf(result.kills, chance) : undefined);
        expect(warnings, 'no checkpoint was damaged').toEqual([]);
        if (ended !== undefined) {
          expect(ended, `run ${run} after ${result.kills} kills in all`).toBe(expected);
          expect(
            readdirSync(own).filter((name) => name.startsWith('.')),
            'temporary files at the end',
          ).toEqual([]);
          result.ended++;
          break;
        }
        result.kills++;
        if (before > 0) result.ofResumed++;
        if (existsSync(own) && readdirSync(own).some((name) => name.startsWith('.'))) result.unfinished++;
      }
      if (result.kills >= kills) return result;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Kill {
  /** Whether the process first writes a checkpoint besides that of its beginning. */
  readonly afterCheckpoint: boolean;
  readonly milliseconds: number;
}

/** Every second process is killed after a checkpoint, so that runs get on however slow the machine is. */
function killsOf(number: number, chance: Chance): Kill {
  const afterCheckpoint = number % 2 === 0;
  return { afterCheckpoint, milliseconds: chance.between(0, LONGEST[afterCheckpoint ? 'afterCheckpoint' : 'whenever']) };
}

/** Checkpoints of a folder but for that of the beginning. */
const checkpoints = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => /^checkpoint-\d+-step-[1-9]/.test(name)) : [];

/** Resolves once a folder has a checkpoint that is not among those named, or the process is done. */
async function untilCheckpoint(folder: string, before: readonly string[], child: ChildProcess): Promise<void> {
  while (child.exitCode === null && checkpoints(folder).every((name) => before.includes(name))) await sleep(3);
}

/** Runs a process that trains, and kills it where asked to. The checksum of the network where it came to its end. */
async function train(
  folder: string,
  epochs: number,
  data: RunData,
  kill?: Kill,
): Promise<{ ended: string | undefined; warnings: string[] }> {
  const child = spawn(process.execPath, [TRAINS, folder, String(epochs), data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const before = checkpoints(folder);
  const end = async ({ afterCheckpoint, milliseconds }: Kill) => {
    if (afterCheckpoint) await untilCheckpoint(folder, before, child);
    await sleep(milliseconds);
    child.kill('SIGKILL');
  };
  let ended: string | undefined;
  const warnings: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const [what, value] = line.split('\t');
    if (what === 'begins' && kill) void end(kill);
    if (what === 'ended') ended = value;
    if (what === 'warning') warnings.push(value);
  });
  await closed;
  if (ended === undefined) expect(child.signalCode, 'how a process ended that was not done').toBe('SIGKILL');
  return { ended, warnings };
}
