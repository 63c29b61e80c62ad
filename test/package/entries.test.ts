/** The entries and types of the packed package, and what publint and are-the-types-wrong say of them. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { expectTrainedOnWasm } from './support/results.ts';
import { binary, run, testIn } from './support/runtimes.ts';

const app = inject('app');
const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (...args: string[]) => run(app, process.execPath, args);

describe('entries of the packed package', () => {
  test.each([
    ['chainrule/wasm', 2],
    ['chainrule/inline', 1],
  ] as const)('%s trains on WASM', async (entry, threads) => {
    await expectTrainedOnWasm(JSON.parse(node('main.js', entry)), threads);
  });

  test('chainrule/reference trains on the reference', () => {
    expect(JSON.parse(node('main.js', 'chainrule/reference'))).toMatchObject({ xor: [0, 1, 1, 0], backend: 'reference' });
  });

  test('every entry of Node exports the same', async () => {
    const [all, ...others] = ['chainrule', 'chainrule/wasm', 'chainrule/native'].map((entry) =>
      node('--input-type=module', '--eval', `console.log(Object.keys(await import('${entry}')).join())`),
    );
    expect(all).toContain('readIdx');
    expect(others).toEqual([all, all]);
  });

  test('errors of all entries of Node are of the same classes, and a backend that one brings is there for all', () => {
    const program = `const all = [];
for (const entry of ['', '/inline', '/reference', '/native', '/wasm']) all.push(await import('chainrule' + entry));
console.log(all.every(({ OptionError, Network }) => OptionError === all[0].OptionError && Network === all[0].Network));
const { backend } = await all[2].Network.create({ input: [1], layers: [all[1].dense(1)], loss: 'meanSquaredError', backend: 'wasm' });
console.log(backend.name);`;
    expect(node('--input-type=module', '--eval', program).split('\n').slice(0, 2)).toEqual(['true', 'wasm']);
  });

  test('an import reads a handful of files, on which its time depends', () => {
    expect(filesOfImport(join(app, 'node_modules/chainrule/dist/bundled/node.js')).size).toBeLessThan(20);
  });

  test('chainrule/native falls back on nothing', () => {
    expect(() => node('main.js', 'chainrule/native')).toThrow(/BackendError: .*the native addon could not be loaded/);
  });

  test('every entry can be required, so none awaits at its top level', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };
    const entries = Object.keys(exports).filter((name) => !name.includes('*'));
    const files = filesIn(exports).filter((file) => file.endsWith('.js'));
    const asked = [...entries.map((name) => `chainrule${name.slice(1)}`), ...files.map((file) => `./node_modules/chainrule/${file}`)];
    expect(asked.length).toBeGreaterThan(10);
    node('--no-warnings', '--eval', asked.map((name) => `require('${name}');`).join('\n'), '--input-type=commonjs');
  });
});

describe('files of the packed package', () => {
  test('no script speaks of a source map, whose sources are not in the package', () => {
    const folder = join(app, 'node_modules/chainrule');
    const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|mjs|map)$/.test(name));
    expect(scripts.length).toBeGreaterThan(50);
    const mapped = scripts.filter(
      (name) => name.endsWith('.map') || /^\/\/# sourceMappingURL=/m.test(readFileSync(join(folder, name), 'utf8')),
    );
    expect(mapped).toEqual([]);
  });

  test('the command line may be run', () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(statSync(join(root, bin.chainrule)).mode & 0o111).toBe(0o111);
  });

  test('old resolvers find the entry that runs everywhere, and the types of Node’s', () => {
    const { main, types, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect([main, types]).toEqual([exports['.'].default.default, exports['.'].node.types]);
  });
});

describe('types of the packed package', () => {
  test.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'bundler'],
  ])('serve a program, module %s', (module, moduleResolution) => {
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--types',
      '',
      '--module',
      module,
      '--moduleResolution',
      moduleResolution,
    ];
    const program = `consumer-${moduleResolution}.ts`;
    writeFileSync(join(app, program), CONSUMER);
    expect(node(join(root, 'node_modules/typescript/bin/tsc'), ...options, program)).toBe('');
  });

  testIn(['attw'], 'are right for ES modules, says are-the-types-wrong', () => {
    node(binary('attw'), inject('tarball'), '--profile', 'esm-only');
  });
});

describe('the packed package', () => {
  testIn(['publint'], 'has nothing that publint minds', () => {
    expect(node(binary('publint'), inject('tarball'), '--strict')).toContain('All good!');
  });
});

/** A script, and all that it imports from beside it. */
function filesOfImport(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*"(\.[^"]+)"/g))
    filesOfImport(join(dirname(file), name), found);
  return found;
}

/** All file names in the conditions of `exports`. */
function filesIn(conditions: unknown): string[] {
  return typeof conditions === 'string' ? [conditions] : Object.values(conditions as object).flatMap(filesIn);
}

const CONSUMER = `import { adam, Network, setWasmSource, type NetworkOptions } from 'chainrule';
import { Network as Inline } from 'chainrule/inline';
import { readIdx } from 'chainrule/native';
import { dense } from 'chainrule/reference';
import { xor } from 'chainrule/wasm';
import module from 'chainrule/wasm/chainrule.simd.wasm';

setWasmSource({ module });
const options: NetworkOptions = { input: [2], layers: [dense(1)], loss: 'halfSquaredError' };
const network: Inline = await Network.create(options);
await network.fit(xor(), { epochs: 1, optimizer: adam() });
readIdx('folder', { limit: 1 }).train.x.shape satisfies readonly number[];
// @ts-expect-error: the source is an object
setWasmSource('chainrule.simd.wasm');
export {};
`;
