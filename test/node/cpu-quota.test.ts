/** Processors that a control group allows, read from files as Linux shows them. */
import { describe, expect, it } from 'vitest';
import { cpuQuota } from '../../src/node/cpu-quota.ts';

const V2 = '30 22 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const V1 =
  '31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n32 30 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset';

interface Case {
  readonly mounts?: string;
  readonly groups?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const CASES: readonly (readonly [string, Case, number | undefined])[] = [
  ['no control groups: macOS, Windows', {}, undefined],
  ['version 2 without a limit', { mounts: V2, groups: '0::/', files: { '/sys/fs/cgroup/cpu.max': 'max 100000\n' } }, undefined],
  [
    'version 2 in a container of its own name space',
    { mounts: V2, groups: '0::/\n', files: { '/sys/fs/cgroup/cpu.max': '200000 100000\n' } },
    2,
  ],
  ['half a processor', { mounts: V2, groups: '0::/\n', files: { '/sys/fs/cgroup/cpu.max': '50000 100000\n' } }, 0.5],
  [
    'version 2, a service of systemd within a slice that allows less',
    {
      mounts: V2,
      groups: '0::/system.slice/train.service\n',
      files: {
        '/sys/fs/cgroup/system.slice/cpu.max': '150000 100000\n',
        '/sys/fs/cgroup/system.slice/train.service/cpu.max': '400000 100000\n',
      },
    },
    1.5,
  ],
  [
    'version 1 without a limit',
    {
      mounts: V1,
      groups: '4:cpuset:/\n3:cpu,cpuacct:/\n',
      files: { '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n' },
    },
    undefined,
  ],
  [
    'version 1 in a container that sees the paths of its host',
    {
      mounts: '31 30 0:28 /docker/4f /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct',
      groups: '3:cpu,cpuacct:/docker/4f\n0::/docker/4f\n',
      files: { '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '300000\n', '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n' },
    },
    3,
  ],
  [
    'both versions side by side, the controller in version 1',
    {
      mounts: `${V1}\n37 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`,
      groups: '3:cpu,cpuacct:/job\n0::/job\n',
      files: { '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': '250000', '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us': '100000' },
    },
    2.5,
  ],
  [
    'a group outside of what is mounted',
    {
      mounts: '30 22 0:27 /docker/4f /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
      groups: '0::/../elsewhere\n',
      files: { '/sys/fs/cgroup/cpu.max': '100000 100000' },
    },
    1,
  ],
  ['a file that says nothing sensible', { mounts: V2, groups: '0::/\n', files: { '/sys/fs/cgroup/cpu.max': '\n' } }, undefined],
];

describe('processors that a control group allows', () => {
  it.each(CASES)('%s', (_, { mounts, groups, files }, expected) => {
    const all: Readonly<Record<string, string | undefined>> = { '/proc/self/mountinfo': mounts, '/proc/self/cgroup': groups, ...files };
    expect(cpuQuota((path) => all[path])).toBe(expected);
  });
});
