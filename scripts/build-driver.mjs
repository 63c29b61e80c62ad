// Compiles the kernels, the interpreter and the session, without Node, into build/driver-KIND/driver, for each KIND given:
//   memory   under AddressSanitizer and UndefinedBehaviorSanitizer; the addon, too: build/driver-memory/chainrule.node
//   thread   under ThreadSanitizer
//   arm64    as they are, for 64-bit ARM: elsewhere by a cross compiler, and static, for an emulator
// Only what changed is compiled again, on all cores.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
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
/** The products by parts run on any AVX-512. */
const emulated = '-DCHAINRULE_EMULATED_MATRIX_REGISTERS';
const cross = { compiler: 'aarch64-linux-gnu-g++', arch: 'arm64' };

/**
 * How a kind is compiled. Compiling takes longer than all that the drivers are asked for, so no more is optimised than pays for itself:
 * nothing under AddressSanitizer, whose checks in unrolled tiles keep an optimiser busy for minutes. Kernels without vectors, which run longest,
 * are compiled as fast where they are optimised under ThreadSanitizer.
 */
const KINDS = {
  memory: { ...host, flags: [...sanitize('address,undefined,float-cast-overflow'), seenByAddress, '-O0', '-fPIC', emulated], addon: true },
  thread: { ...host, flags: [...sanitize('thread'), '-O0', emulated], ofSet: { scalar: ['-O1'] } },
  arm64: isArm ? { ...host, flags: ['-O2'] } : { ...cross, flags: ['-O2', '-static'] },
};

const COMMON = ['-std=c++17', '-Wall', '-Wextra', '-pthread'];
/** Kernels have the flags that ship: src/codegen/instruction-sets.ts. */
const { kernelFlags, sets } = JSON.parse(readFileSync(join(native, 'generated', 'instruction_sets.json'), 'utf8'));

/** Source by source, the flags of its own; the later -O counts. */
const sourcesFor = ({ arch, ofSet }) => [
  ...sets
    .filter(({ architecture }) => architecture === undefined || architecture === arch)
    .map(({ name, flags }) => [`isa/${name}.cpp`, [...kernelFlags, ...flags, ...(ofSet?.[name] ?? [])]]),
  ...['barrier', 'cpu', 'finite', 'interpreter', 'packed_operands', 'pool', 'priority', 'session', 'thread_code', 'workspace'].map(
    (name) => [`${name}.cpp`, []],
  ),
];
const DRIVER = [['driver/driver.cpp', []]];
/** What the addon has besides. */
const addonSources = () => [
  ...['addon', 'csv_object', 'pending_job'].map((name) => [
    `${name}.cpp`,
    ['-DNAPI_VERSION=8', ...includesOfNode().map((folder) => `-I${folder}`)],
  ]),
  ...['csv_lines', 'peak', 'training_thread'].map((name) => [`${name}.cpp`, []]),
];

/** The headers of Node, where it was installed with them or where node-gyp has put them, and those of node-addon-api. */
function includesOfNode() {
  const gyp = join(root, 'build', 'config.gypi');
  const fetched = existsSync(gyp) ? /"nodedir": "(.*)"/.exec(readFileSync(gyp, 'utf8'))?.[1] : undefined;
  const candidates = [dirname(dirname(process.execPath)), ...(fetched ? [fetched] : [])].map((folder) => join(folder, 'include', 'node'));
  const headers = candidates.find((folder) => existsSync(join(folder, 'node_api.h')));
  if (!headers) throw new Error(`no node_api.h in ${candidates.join(', ')}: run npm run build:native`);
  return [headers, createRequire(import.meta.url)('node-addon-api').include_dir.replaceAll('"', '')];
}

for (const kind of process.argv.slice(2)) await build(kind, KINDS[kind]);

async function build(kind, how) {
  const { compiler, flags, addon } = how;
  const output = join(root, 'build', `driver-${kind}`);
  mkdirSync(output, { recursive: true });
  // Test files run side by side and each wants the driver: one compiles, the others wait for it.
  const lock = join(output, 'lock');
  while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  try {
    const all = [...COMMON, ...flags];
    const newestSource = newest(native);
    const objectOf = (source) => join(output, `${source.replace('/', '-')}.o`);
    const common = sourcesFor(how);
    const own = addon ? addonSources() : [];
    const stale = [...common, ...DRIVER, ...own].filter(([source]) => modified(objectOf(source)) < newestSource);
    const compile = async () => {
      for (let next = stale.shift(); next; next = stale.shift()) {
        const [source, ofItsOwn] = next;
        await run(compiler, [...all, ...ofItsOwn, '-c', join(native, source), '-o', objectOf(source)]);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, compile));
    const link = async (sources, name, ...options) => {
      const file = join(output, name);
      const objects = sources.map(([source]) => objectOf(source));
      if (modified(file) < newestSource) await run(compiler, [...all, ...options, ...objects, '-o', file]);
    };
    await link([...common, ...DRIVER], 'driver');
    if (addon) await link([...common, ...own], 'chainrule.node', '-shared');
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
