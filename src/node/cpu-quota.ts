/**
 * The share of the processor's time that a control group leaves a process, as containers are limited (`docker run --cpus 2`, Kubernetes'
 * `limits`). Node knows of it from 22.12 on; threads beyond it are put to sleep in the middle of a step, and all others wait for them.
 */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** The text of a file; undefined where it is missing or may not be read. */
export type ReadText = (path: string) => string | undefined;

/** The place of a hierarchy of control groups, and the group at that place. */
interface Mount {
  readonly root: string;
  readonly point: string;
}

/**
 * The limit in processors: the least of the process's group and the groups around it; undefined without a limit. Control groups of version
 * 2 (`cpu.max`) and 1 (`cpu.cfs_quota_us`).
 */
export function cpuQuota(read: ReadText = readText): number | undefined {
  const mounts = lines(read('/proc/self/mountinfo'));
  const quotas = lines(read('/proc/self/cgroup')).flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === '') return quotasAround(group, mountOf(mounts, 'cgroup2'), (folder) => quotaOfVersion2(read, folder));
    if (!controllers?.split(',').includes('cpu')) return [];
    return quotasAround(group, mountOf(mounts, 'cgroup', 'cpu'), (folder) => quotaOfVersion1(read, folder));
  });
  return quotas.length ? Math.min(...quotas) : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function lines(text = ''): string[] {
  return text.split('\n').filter(Boolean);
}

/** Fields of /proc/self/mountinfo: proc_pid_mountinfo(5). */
function mountOf(mounts: readonly string[], type: string, controller?: string): Mount | undefined {
  for (const line of mounts) {
    const [before, after = ''] = line.split(' - ');
    const [, , , root, point] = before.split(' ');
    const [fileSystem, , options = ''] = after.split(' ');
    if (fileSystem === type && (!controller || options.split(',').includes(controller))) return { root, point };
  }
  return undefined;
}

/** The quotas of a group and of all around it that can be seen from here. */
function quotasAround(group: string, mount: Mount | undefined, quotaOf: (folder: string) => number | undefined): number[] {
  if (!mount) return [];
  const inside = posix.relative(mount.root, group);
  // A group outside of the mount: the mount then shows the process's own group as its root.
  const parts = inside.startsWith('..') ? [] : inside.split('/').filter(Boolean);
  const folders = Array.from({ length: parts.length + 1 }, (_, depth) => posix.join(mount.point, ...parts.slice(0, depth)));
  return folders.map(quotaOf).filter((quota) => quota !== undefined);
}

/** `max 100000` or `150000 100000`: microseconds of a period. */
function quotaOfVersion2(read: ReadText, folder: string): number | undefined {
  const [quota, period] = (read(posix.join(folder, 'cpu.max')) ?? '').split(' ');
  return ratio(quota, period);
}

/** −1 microseconds of a period are no limit. */
function quotaOfVersion1(read: ReadText, folder: string): number | undefined {
  return ratio(read(posix.join(folder, 'cpu.cfs_quota_us')), read(posix.join(folder, 'cpu.cfs_period_us')));
}

function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const value = Number(quota) / Number(period);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
