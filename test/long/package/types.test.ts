/** The types of the packed package, libraries checked too, in the oldest TypeScript that README names, in the newest and between. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { run } from '../../package/support/runtimes.ts';
import { testWith, tool, tools } from '../support/tools.ts';

const app = inject('app');
const VERSIONS = Object.keys(tools()).flatMap((name) => /^typescript-(.*)$/.exec(name)?.[1] ?? []);
const [OLDEST] = VERSIONS;
const [NEWEST] = VERSIONS.slice(-1);

/** As bundlers resolve, as Node does, and as both did before there were conditions, which the newest TypeScript has given up. */
const RESOLUTIONS = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
  ['esnext', 'node10'],
] as const;

/** Without the page's types, and with them: which of them there are does not depend on how a package is found, so one resolution has both. */
const LIBRARIES = { alone: ['es2022'], withPage: ['es2023', 'dom'] };

const CONSUMER = `import { adam, dense, Network, setWasmSource, xor, type FitOptions, type NetworkOptions } from 'chainrule';
import { Network as Inline } from 'chainrule/inline';
import { readIdx } from 'chainrule/native';
import { loadPredictor } from 'chainrule/predict';
import { digits } from 'chainrule/reference';
import { dense as part, type FitOptions as PageFit, Network as Page, softmaxCrossEntropy } from 'chainrule/train';
import { xor as patterns } from 'chainrule/wasm';

const options: NetworkOptions = { input: [2], layers: [dense(1)], loss: 'halfSquaredError' };
export async function train(): Promise<Inline> {
  const network = await Network.create(options);
  await network.fit(xor(), { epochs: 1, optimizer: adam() });
  return network;
}
export const page = () => Page.create({ input: [2], layers: [part(2)], loss: softmaxCrossEntropy() });
export const predicted = async () => (await loadPredictor('model.predictor')).predict([[0, 1]]).shape;
export type Signal = FitOptions['signal'] | PageFit['signal'];
export const shapes: (readonly number[])[] = [digits().train.x.shape, readIdx('folder', { limit: 1 }).test.x.shape, patterns().x.shape];
setWasmSource({ url: 'chainrule.simd.wasm' });
// @ts-expect-error: the source is an object
setWasmSource('chainrule.simd.wasm');
`;

function configuration(version: string, [module, moduleResolution]: (typeof RESOLUTIONS)[number], lib: readonly string[]) {
  const silence = version.startsWith('6.') ? { ignoreDeprecations: '6.0' } : {};
  // The libraries of TypeScript itself, which take most of the time, are its own to check.
  const checked = { skipLibCheck: false, skipDefaultLibCheck: true };
  const compilerOptions = { noEmit: true, strict: true, target: 'es2022', types: [], lib, module, moduleResolution, ...checked };
  return { compilerOptions: { ...compilerOptions, ...silence }, files: ['types.ts'] };
}

describe.each(VERSIONS)('TypeScript %s', (version) => {
  const resolutions = RESOLUTIONS.filter(([, resolution]) => resolution !== 'node10' || !version.startsWith('7.'));
  for (const resolution of resolutions) {
    const { alone, withPage } = LIBRARIES;
    const libraries = resolution === RESOLUTIONS[0] ? [alone, withPage] : [alone];
    testWith([`typescript-${version}`], `takes the package’s types, resolution ${resolution[1]}, of ${libraries.length} libs`, () => {
      writeFileSync(join(app, 'types.ts'), CONSUMER);
      for (const lib of libraries) {
        const file = join(app, `types-${version}-${resolution[1]}.json`);
        writeFileSync(file, JSON.stringify(configuration(version, resolution, lib)));
        expect(run(app, process.execPath, [tool(`typescript-${version}`, 'bin/tsc'), '-p', file]), lib.join()).toBe('');
      }
    });
  }
});

test('README names the oldest TypeScript that is tried, and the sources are compiled by the newest', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`TypeScript ${OLDEST} or newer`);
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(devDependencies.typescript).toMatch(new RegExp(`^${NEWEST}\\.`));
});
