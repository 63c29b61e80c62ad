import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject } from 'vitest';
import { expectTrainedOnWasm, type Trained } from './support/results.ts';
import { run, testIn } from './support/runtimes.ts';
import { answerOfWorker } from './support/workerd.ts';

/** Before Workers had MessageChannel and FinalizationRegistry, and after. */
const COMPATIBILITY_DATES = ['2023-07-01', '2026-11-01'];

const answer = (name: string, date = COMPATIBILITY_DATES[0]) => answerOfWorker(inject('app'), name, date);

describe('the packed package in a Cloudflare Worker', () => {
  for (const date of COMPATIBILITY_DATES) {
    testIn(['workerd', 'esbuild'], `trains, compatibility date ${date}`, async () => {
      await expectTrainedOnWasm((await answer('worker', date)) as Trained, 1, 'relaxed-simd128');
    });
  }

  testIn(['workerd', 'esbuild'], 'trains as the README says', async () => {
    const [, program] = /```js\n(.*?)```/s.exec(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')) ?? [];
    writeFileSync(join(inject('app'), 'worker-readme.js'), program);
    expect(((await answer('worker-readme')) as number[]).map(Math.round)).toEqual([0, 1, 1, 0]);
  });

  testIn(['workerd', 'esbuild'], 'says what to do where the Worker imports no module', async () => {
    expect(await answer('worker-no-module')).toEqual({
      name: 'BackendError',
      message: expect.stringContaining("import module from 'chainrule/wasm/chainrule.simd.wasm' and setWasmSource({ module })"),
    });
  });

  testIn(['workerd', 'esbuild'], 'says what to do where the kernels would have to be compiled', async () => {
    expect(await answer('worker-inline')).toEqual({ name: 'BackendError', message: expect.stringContaining('setWasmSource({ module })') });
  });
});

describe('chainrule/predict in a Cloudflare Worker', () => {
  beforeAll(() => {
    run(inject('app'), process.execPath, ['predictor-module.js', 'worker-predictor.js']);
  });

  for (const date of COMPATIBILITY_DATES) {
    testIn(['workerd', 'esbuild'], `predicts as its network, compatibility date ${date}`, async () => {
      const { network, predictor } = (await answer('worker-predict', date)) as Record<string, number[]>;
      expect(network).toHaveLength(6);
      for (const [i, value] of predictor.entries()) expect(value).toBeCloseTo(network[i], 6);
      expect(predictor).toHaveLength(6);
    });
  }

  testIn(['workerd', 'esbuild'], 'says what to do where it is given no kernels', async () => {
    expect(await answer('worker-predict-no-module')).toEqual({
      name: 'BackendError',
      message: expect.stringContaining('give loadPredictor its `kernels`'),
    });
  });
});
