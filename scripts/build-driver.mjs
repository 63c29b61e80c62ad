// Compiles the kernels, the interpreter and the session, without Node, into build/driver-KIND/driver, for each KIND given:
//   memory   under AddressSanitizer and UndefinedBehaviorSanitizer
//   thread   under ThreadSanitizer
//   arm64    as they are, for 64-bit ARM: elsewhere by a cross compiler, and static, for an emulator
// Only what changed is compiled again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');

const sanitize = (checks) => [`-fsanitize=${checks}`, '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-g', '-O1'];
const isArm = process.arch === 'arm64';
const host = { compiler: process.env.CXX ?? 'g++', arch: process.arch };

/** How a kind is compiled. */
const KINDS = {
  memory: { ...host, flags: sanitize('address,undefined,float-cast-overflow') },
  thread: { ...host, flags: sanitize('thread') },
  arm64: { compiler: isArm ? host.compiler : 'aarch64-linux-gnu-g++', arch: 'arm64', flags: ['-O2', ...(isArm ? [] : ['-static'])] },
};

const common = ['-std=c++17', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math', '-Wall', '-Wextra', '-pthread'];
const avx2 = ['-mavx2', '-mfma'];
const avx512 = ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma'];

/** Source by source, the flags of its own: as in binding.gyp. */
const sourcesFor = (arch) => [
  ['isa/scalar.cpp', []],
  ...(arch === 'x64'
    ? [
        ['isa/avx2.cpp', avx2],
        ['isa/avx512.cpp', avx512],
      ]
    : []),
  ...(arch === 'arm64' ? [['isa/neon.cpp', []]] : []),
  ['cpu.cpp', []],
  ...['barrier', 'interpreter', 'packed_operands', 'pool', 'session', 'thread_code', 'workspace'].map((name) => [`${name}.cpp`, []]),
  ['driver/driver.cpp', []],
];

for (const kind of process.argv.slice(2)) build(kind, KINDS[kind]);

function build(kind, { compiler, arch, flags }) {
  const output = join(root, 'build', `driver-${kind}`);
  mkdirSync(output, { recursive: true });
  // Test files run side by side and each wants the driver: one compiles, the others wait for it.
  const lock = join(output, 'lock');
  while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  try {
    const all = [...common, ...flags];
    const newestSource = newest(native);
    const objects = sourcesFor(arch).map(([source, own]) => {
      const object = join(output, `${source.replace('/', '-')}.o`);
      if (modified(object) < newestSource) run(compiler, [...all, ...own, '-c', join(native, source), '-o', object]);
      return object;
    });
    const driver = join(output, 'driver');
    if (modified(driver) < newestSource) run(compiler, [...all, ...objects, '-o', driver]);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** False while another process holds the lock; one left behind by a process that was killed is taken over. */
function take(folder) {
  const minutes = 10;
  try {
    if (modified(folder) && Date.now() - modified(folder) > minutes * 60_000) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

function run(compiler, args) {
  const { error, status } = spawnSync(compiler, args, { stdio: 'inherit' });
  if (error || status !== 0) throw new Error(`${compiler} failed: ${error?.message ?? `exit status ${status}`}`);
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When anything below the folder last changed. */
function newest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => modified(join(entry.parentPath, entry.name))));
}
