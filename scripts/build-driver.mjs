// Compiles the kernels, the interpreter and the session, without Node, into build/driver-KIND/driver, for each KIND given:
//   memory   under AddressSanitizer and UndefinedBehaviorSanitizer
//   thread   under ThreadSanitizer, the scalar kernels alone: how threads share work is the same for all
//   arm64    as they are, for 64-bit ARM: elsewhere by a cross compiler, and static, for an emulator
// Only what changed is compiled again, on all cores.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');

/** Reports need lines and nothing else of the debugging information, which takes a third of the compiler's time. */
const sanitize = (checks) => [`-fsanitize=${checks}`, '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-g1'];
/** Of undefined operations, those that AddressSanitizer reports by itself. */
const seenByAddress = '-fno-sanitize=null,object-size';
const isArm = process.arch === 'arm64';
const host = { compiler: process.env.CXX ?? 'g++', arch: process.arch };
const cross = { compiler: 'aarch64-linux-gnu-g++', arch: 'arm64' };

/**
 * How a kind is compiled. Compiling takes longer than all that the drivers are asked for, so no more is optimised than pays for itself:
 * nothing under AddressSanitizer, whose checks in unrolled tiles keep an optimiser busy for minutes.
 */
const KINDS = {
  memory: { ...host, flags: [...sanitize('address,undefined,float-cast-overflow'), seenByAddress, '-O0'] },
  thread: { ...host, arch: 'any', flags: [...sanitize('thread'), '-O1', '-DCHAINRULE_SCALAR_ONLY'] },
  arm64: isArm ? { ...host, flags: ['-O2'] } : { ...cross, flags: ['-O2', '-static'] },
};

const common = ['-std=c++17', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math', '-Wall', '-Wextra', '-pthread'];
const avx2 = ['-mavx2', '-mfma'];
const avx512 = ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma'];

/** Source by source, the flags of its own: as in binding.gyp. The longest to compile come first; of no arch, the portable ones alone. */
const sourcesFor = (arch) => [
  ...(arch === 'x64'
    ? [
        ['isa/avx512.cpp', avx512],
        ['isa/avx2.cpp', avx2],
        ['isa/amx.cpp', avx512],
      ]
    : []),
  ...(arch === 'arm64' ? [['isa/neon.cpp', []]] : []),
  ['isa/scalar.cpp', []],
  ['cpu.cpp', []],
  ...['barrier', 'interpreter', 'packed_operands', 'pool', 'session', 'thread_code', 'workspace'].map((name) => [`${name}.cpp`, []]),
  ['driver/driver.cpp', []],
];

for (const kind of process.argv.slice(2)) await build(kind, KINDS[kind]);

async function build(kind, { compiler, arch, flags }) {
  const output = join(root, 'build', `driver-${kind}`);
  mkdirSync(output, { recursive: true });
  // Test files run side by side and each wants the driver: one compiles, the others wait for it.
  const lock = join(output, 'lock');
  while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  try {
    const all = [...common, ...flags];
    const newestSource = newest(native);
    const objectOf = (source) => join(output, `${source.replace('/', '-')}.o`);
    const sources = sourcesFor(arch);
    const stale = sources.filter(([source]) => modified(objectOf(source)) < newestSource);
    const compile = async () => {
      for (let next = stale.shift(); next; next = stale.shift()) {
        const [source, own] = next;
        await run(compiler, [...all, ...own, '-c', join(native, source), '-o', objectOf(source)]);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, compile));
    const driver = join(output, 'driver');
    const objects = sources.map(([source]) => objectOf(source));
    if (modified(driver) < newestSource) await run(compiler, [...all, ...objects, '-o', driver]);
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

/** Rejects with an Error where the compiler is missing or fails. */
function run(compiler, args) {
  return new Promise((resolve, reject) => {
    const fail = (reason) => reject(new Error(`${compiler} failed: ${reason}`));
    const child = spawn(compiler, args, { stdio: 'inherit' });
    child.on('error', ({ message }) => fail(message));
    child.on('close', (status) => (status === 0 ? resolve() : fail(`exit status ${status}`)));
  });
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When anything below the folder last changed. */
function newest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => modified(join(entry.parentPath, entry.name))));
}
