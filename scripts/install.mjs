// Builds the native addon, and never fails: without a compiler chainrule runs on WebAssembly. Prints one line either way.
// `npm install` runs it, and `npm test` (through `npm run build:native`), so it does nothing where nothing changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(root, 'package.json'));
const addonFile = join(root, 'build', 'Release', 'chainrule.node');
const logFile = join(root, 'build', 'install.log');
const configuredFile = join(root, 'build', 'configured');
/** Why there is no addon, for src/node/load-native.ts to tell: package managers hide what an install script prints. */
const reasonFile = join(root, 'build', 'not-built.txt');

/** Why there is no addon, in words for the one line. */
class Unbuildable extends Error {}

try {
  if (!loadsPrebuilt()) console.log(`chainrule: native addon built (${build().join(', ')})`);
  rmSync(reasonFile, { force: true });
} catch (error) {
  rmSync(addonFile, { force: true });
  const [reason] = String(error instanceof Error ? error.message : error).split('\n');
  console.log(`chainrule: native addon not built (${reason}); WebAssembly will be used`);
  keepReason(`it was not built when chainrule was installed: ${reason}`);
}

/** A folder that cannot be written to keeps no reason, and the install still does not fail. */
function keepReason(reason) {
  try {
    mkdirSync(dirname(reasonFile), { recursive: true });
    writeFileSync(reasonFile, `${reason}\n`);
  } catch {}
}

/** Whether the package came with a binary that this machine and this Node can load. */
function loadsPrebuilt() {
  if (!existsSync(join(root, 'prebuilds'))) return false;
  process.env.PREBUILDS_ONLY = '1';
  try {
    require('node-gyp-build')(root);
    return true;
  } catch {
    return false;
  }
}

/** Configures where needed, builds, loads the result; returns the instruction sets it offers. */
function build() {
  const nodeGyp = findNodeGyp();
  if (process.platform !== 'win32') requireTools();
  mkdirSync(dirname(logFile), { recursive: true });
  writeFileSync(logFile, '');
  const configuration = fingerprint();
  if (!isConfigured(configuration)) {
    rmSync(configuredFile, { force: true });
    run(nodeGyp, ['configure', ...headers()]);
    writeFileSync(configuredFile, configuration);
  }
  run(nodeGyp, ['build', '--jobs=max']);
  return loadedIsas();
}

/** The package's own, the package manager's, one that is installed for everything, or that of the npm which came with Node. */
function findNodeGyp() {
  try {
    return require.resolve('node-gyp/bin/node-gyp.js');
  } catch {
    const bundled = join('npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
    const prefix = dirname(dirname(process.execPath));
    const places = [
      process.env.npm_config_node_gyp,
      scriptOnPath('node-gyp'),
      join(prefix, 'lib', 'node_modules', bundled),
      join(dirname(process.execPath), 'node_modules', bundled),
    ];
    const found = places.find((place) => place && existsSync(place));
    if (!found) throw new Unbuildable('node-gyp was not found, install it (npm install --global node-gyp)');
    return found;
  }
}

/** A command that is a script for Node; a shim of another kind says nothing of where the script lies. */
function scriptOnPath(command) {
  const links = folders().map((folder) => join(folder, command));
  return links
    .filter((link) => existsSync(link))
    .map((link) => realpathSync(link))
    .find((file) => file.endsWith('.js'));
}

/** node-gyp itself says neither briefly nor early what it misses. */
function requireTools() {
  const compiler = process.env.CXX ?? ['g++', 'c++', 'clang++'].find(onPath);
  if (!compiler) throw new Unbuildable('no C++ compiler was found, install one (g++ or clang)');
  process.env.CXX = compiler;
  if (!onPath('make')) throw new Unbuildable('make was not found, install it');
  if (!['python3', 'python'].some(onPath) && !process.env.PYTHON) throw new Unbuildable('Python was not found, install it');
}

function onPath(command) {
  return folders().some((folder) => existsSync(join(folder, command)));
}

/** Where commands are looked for. */
function folders() {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean);
}

/** Node's own headers, where they lie beside its binary: then nothing is downloaded. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? [`--nodedir=${prefix}`] : [];
}

/** What the build files depend on. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['binding.gyp', 'native/generated/instruction_sets.gypi']) hash.update(readFileSync(join(root, file)));
  return hash.update(JSON.stringify([process.version, process.arch, process.execPath, root, process.env.CXX])).digest('hex');
}

function isConfigured(configuration) {
  if (!existsSync(join(root, 'build', 'config.gypi')) || !existsSync(configuredFile)) return false;
  return readFileSync(configuredFile, 'utf8') === configuration;
}

function run(nodeGyp, args) {
  const { error, status, stdout, stderr } = spawnSync(process.execPath, [nodeGyp, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const output = `${stdout ?? ''}${stderr ?? ''}`;
  writeFileSync(logFile, output, { flag: 'a' });
  if (error) throw new Unbuildable(error.message);
  if (status === 0) return;
  const [, reason] = /error: (.*)/i.exec(output) ?? [];
  throw new Unbuildable(`the build failed: ${reason?.trim() ?? `node-gyp ${args[0]} exited with ${status}`}, see build/install.log`);
}

function loadedIsas() {
  // A forced instruction set is the running program's affair, not the build's.
  delete process.env.CHAINRULE_ISA;
  try {
    return require(addonFile).isas;
  } catch (error) {
    throw new Unbuildable(`it was built but does not load: ${error.message}`);
  }
}
