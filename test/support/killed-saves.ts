/** A process that saves again and again is killed, again and again: what is left is always a whole file, the last one saved or the next. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect } from 'vitest';
import { writeBytes } from '../../src/node/files.ts';
import { contents } from './numbered-contents.ts';

const SAVES = fileURLToPath(new URL('save-repeatedly.ts', import.meta.url));

/** The script as one file that starts without a compiler: starting takes longer than what is tested. */
function bundled(folder: string): string {
  const outfile = join(folder, 'save-repeatedly.mjs');
  buildSync({ entryPoints: [SAVES], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return outfile;
}

export interface Killed {
  /** Saves that the process had acknowledged when it was killed. */
  readonly acknowledged: number;
  /** Files that the process left unfinished beside its own. */
  readonly unfinished: number;
}

/**
 * Kills so many processes that save to one path, each at another moment after it has begun: the first half after a save that it said it had
 * finished, the others whenever. Checks the file after each.
 */
export async function killSavingProcesses(kills: number): Promise<Killed[]> {
  const scripts = mkdtempSync(join(tmpdir(), 'chainrule-saving-'));
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-killed-'));
  const script = bundled(scripts);
  const path = join(folder, 'model');
  const results: Killed[] = [];
  let standing = 0;
  try {
    await writeBytes(path, contents(standing));
    for (let kill = 0; kill < kills; kill++) {
      const before = standing;
      const last = await killAfter(script, path, before + 1, kill % 2 === 0 ? 1 + (kill % 5) : 0, (kill * 7) % 23);
      standing = numberOf(readFileSync(path));
      expect(standing, `kill ${kill}`).toBeGreaterThanOrEqual(last);
      expect(standing, `kill ${kill}`).toBeLessThanOrEqual(last + 1);
      results.push({ acknowledged: last - before, unfinished: readdirSync(folder).length - 1 });
    }
    await writeBytes(path, contents(standing + 1));
    expect(readdirSync(folder)).toEqual(['model']);
    return results;
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(scripts, { recursive: true });
  }
}

/** Which contents these are; fails where they are not whole. */
function numberOf(bytes: Uint8Array): number {
  const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  expect(Buffer.compare(bytes, contents(number)), `the file of save ${number} is whole`).toBe(0);
  return number;
}

/** Starts a process that saves, waits for so many acknowledged saves and then so many milliseconds, kills it; the last save it acknowledged. */
async function killAfter(script: string, path: string, first: number, saves: number, milliseconds: number): Promise<number> {
  const child = spawn(process.execPath, [script, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  let acknowledged = first - 1;
  await new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line !== 'begins') acknowledged = Number(line);
      if (acknowledged >= first - 1 + saves) setTimeout(resolve, milliseconds);
    });
    child.once('close', resolve);
  });
  child.kill('SIGKILL');
  await closed;
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}
