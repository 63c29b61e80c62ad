// Compiles the kernels, the interpreter and the session, without Node: under AddressSanitizer and UndefinedBehaviorSanitizer to
// build/sanitizer/driver, or with `thread` as argument under ThreadSanitizer to build/thread-sanitizer/driver. Only what changed is
// compiled again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
const forThreads = process.argv[2] === 'thread';
const output = join(root, 'build', forThreads ? 'thread-sanitizer' : 'sanitizer');
const compiler = process.env.CXX ?? 'g++';

const checks = forThreads ? 'thread' : 'address,undefined,float-cast-overflow';
const sanitizers = [`-fsanitize=${checks}`, '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-g', '-pthread'];
const common = ['-std=c++17', '-O1', '-ffp-contract=off', '-Wall', '-Wextra', ...sanitizers];
const avx2 = ['-mavx2', '-mfma'];
const avx512 = ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma'];

/** Source by source, the flags of its own: as in binding.gyp. */
const sources = new Map([
  ['isa/scalar.cpp', []],
  ...(process.arch === 'x64'
    ? [
        ['isa/avx2.cpp', avx2],
        ['isa/avx512.cpp', avx512],
      ]
    : []),
  ...(process.arch === 'arm64' ? [['isa/neon.cpp', []]] : []),
  ['cpu.cpp', []],
  ...['barrier', 'interpreter', 'packed_operands', 'pool', 'session', 'thread_code', 'workspace'].map((name) => [`${name}.cpp`, []]),
  ['sanitize/driver.cpp', []],
]);

mkdirSync(output, { recursive: true });
// Test files run side by side and each wants the driver: one compiles, the others wait for it.
const lock = join(output, 'lock');
while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
process.on('exit', () => rmSync(lock, { recursive: true, force: true }));
const newestSource = newest(native);
const objects = [...sources].map(([source, flags]) => {
  const object = join(output, `${source.replace('/', '-')}.o`);
  if (modified(object) < newestSource) compile([...common, ...flags, '-c', join(native, source), '-o', object]);
  return object;
});
const driver = join(output, 'driver');
if (modified(driver) < newestSource) compile([...sanitizers, ...objects, '-o', driver]);

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

function compile(args) {
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
