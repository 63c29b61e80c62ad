// Compiles the kernels, the interpreter and the session, without Node, under AddressSanitizer and UndefinedBehaviorSanitizer:
// build/sanitizer/driver. Only what changed is compiled again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
const output = join(root, 'build', 'sanitizer');
const compiler = process.env.CXX ?? 'g++';

const sanitizers = ['-fsanitize=address,undefined,float-cast-overflow', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-g'];
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
  ['session.cpp', []],
  ['workspace.cpp', []],
  ['sanitize/driver.cpp', []],
]);

mkdirSync(output, { recursive: true });
const newestSource = newest(native);
const objects = [...sources].map(([source, flags]) => {
  const object = join(output, `${source.replace('/', '-')}.o`);
  if (modified(object) < newestSource) compile([...common, ...flags, '-c', join(native, source), '-o', object]);
  return object;
});
const driver = join(output, 'driver');
if (modified(driver) < newestSource) compile([...sanitizers, ...objects, '-o', driver]);

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
