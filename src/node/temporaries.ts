/** Names of temporary files, and the removal of those that a killed process left. */
import { readlinkSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** `.chainrule-MACHINE-PROCESS-RANDOM.tmp`. */
const NAME = /^\.chainrule-(.+)-(\d+)-[0-9a-f]{12}\.tmp$/;

/** Longest host name in a file's name. */
const HOST_CHARACTERS = 64;

/** A unique name that tells which process writes the file. */
export function temporaryName(): string {
  return `.chainrule-${machine() ?? 'unknown'}-${process.pid}-${randomHex()}.tmp`;
}

/** 12 digits. By the runtime's own `crypto`: node:crypto takes milliseconds to load. */
const randomHex = () => Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString('hex');

/** Removes a folder's temporary files of processes of this machine that have ended. Files that cannot be listed or removed stay. */
export async function removeLeftovers(folder: string): Promise<void> {
  const here = machine();
  if (here === undefined) return;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, where, pid] = NAME.exec(name) ?? [];
    const path = join(folder, name);
    if (where === here && (await isLeft(path, Number(pid)).catch(() => false))) await rm(path, { force: true }).catch(() => undefined);
  }
}

async function isLeft(path: string, pid: number): Promise<boolean> {
  const stats = await lstat(path);
  if (!stats.isFile()) return false;
  // A file older than this process is an earlier one's of the same number: in a container every run has the same.
  return pid === process.pid ? stats.mtimeMs < processStart() - CLOCK_STEPS : !isRunning(pid);
}

/** Milliseconds that a file's time may lie before the clock's. */
const CLOCK_STEPS = 1000;

const processStart = () => Date.now() - 1000 * process.uptime();

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Tells machines and containers apart whose processes may have one number and write to one folder: the host's name and, on Linux, the
 * namespace that processes are numbered in. Undefined where a program may not know.
 */
function machine(): string | undefined {
  try {
    const host = hostname()
      .replace(/[^\w.-]/g, '_')
      .slice(0, HOST_CHARACTERS);
    const namespace = process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid').replace(/\D/g, '') : '';
    return `${host}.${namespace}`;
  } catch {
    return undefined;
  }
}
