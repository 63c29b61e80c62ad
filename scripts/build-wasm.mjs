/** Compiles assembly/ to wasm/. Does nothing where the output is newer than everything it is made from. Given an output, compiles that. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Warning 112, v128 in exported signatures, is about modules' exports; the kernels' exports stay inside.
const OPTIONS = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--importMemory', '--disableWarning', '112'];
/** The most that 32 bits address: a host may give less. */
const PAGES = ['--initialMemory', '1', '--maximumMemory', '65536'];
const INSTRUCTION_SETS = [
  { name: 'simd', features: ['simd'] },
  { name: 'relaxed', features: ['simd', 'relaxed-simd'] },
];
const VARIANTS = INSTRUCTION_SETS.flatMap(({ name, features }) => [
  { output: `wasm/chainrule.${name}.wasm`, entry: 'assembly/index.ts', features, options: [] },
  {
    output: `wasm/chainrule.${name}-threads.wasm`,
    entry: 'assembly/threaded.ts',
    features: [...features, 'threads'],
    options: ['--sharedMemory', ...PAGES],
  },
]);

/** The optimiser that the compiler itself uses: the same instance, so that pass arguments reach it. */
async function optimizer() {
  const path = createRequire(import.meta.resolve('assemblyscript/asc')).resolve('binaryen');
  return (await import(pathToFileURL(path).href)).default;
}

/** The calls by which AssemblyScript reads and writes fields: always inlined, or every field would cost a call. */
const ACCESSOR = /#[gs]et:/;

/**
 * Keeps the optimiser from folding every kernel into its one caller, the dispatch switch, which would become a single function of
 * 40 KB that engines compile late and badly. What is marked @inline is inlined before, by AssemblyScript itself.
 */
function keepFunctions(binaryen) {
  return {
    afterCompile(module) {
      const functions = Array.from(
        { length: module.getNumFunctions() },
        (_, i) => binaryen.getFunctionInfo(module.getFunctionByIndex(i)).name,
      );
      for (const name of functions.filter((name) => name.startsWith('assembly/') && !ACCESSOR.test(name))) {
        binaryen.setPassArgument('no-inline', name);
        module.runPasses(['no-inline']);
      }
    },
  };
}

/** `--converge` ends with a round that gained nothing, and remarks on it every time. */
const DIAGNOSTICS = { write: (text) => text.startsWith('Last converge was suboptimal') || process.stderr.write(text) };

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function inputs() {
  const sources = readdirSync(join(root, 'assembly'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, 'assembly', name));
  return [...sources, fileURLToPath(import.meta.url), join(root, 'package.json')];
}

/** Compiles beside the output and renames, so that a program reading it never sees half a file. */
async function compile({ output, entry, features, options }) {
  const { default: asc } = await import('assemblyscript/asc');
  const partial = `${output}.${process.pid}.partial`;
  const { error } = await asc.main(
    [entry, '--outFile', partial, ...OPTIONS, ...options, ...features.flatMap((feature) => ['--enable', feature])],
    { stdout: process.stdout, stderr: DIAGNOSTICS, baseDir: root, transforms: [keepFunctions(await optimizer())] },
  );
  if (error) throw error;
  renameSync(join(root, partial), join(root, output));
  console.log(`built ${output}, ${statSync(join(root, output)).size} bytes`);
}

/** A process of its own for each variant, as many at a time as there are cores: the compiler keeps the one it runs in to itself. */
async function compileAll(variants) {
  const waiting = [...variants];
  const compileNext = async () => {
    for (let variant = waiting.shift(); variant; variant = waiting.shift()) {
      const [status] = await once(fork(fileURLToPath(import.meta.url), [variant.output]), 'exit');
      if (status !== 0) process.exitCode = 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
}

const [only] = process.argv.slice(2);
if (only) {
  try {
    await compile(VARIANTS.find(({ output }) => output === only));
  } catch (error) {
    console.error(`${relative(process.cwd(), join(root, only))} could not be built: ${error.message}`);
    process.exitCode = 1;
  }
} else {
  const newest = Math.max(...inputs().map(modified));
  mkdirSync(join(root, 'wasm'), { recursive: true });
  await compileAll(VARIANTS.filter(({ output }) => modified(join(root, output)) <= newest));
}
