import { describe, inject } from 'vitest';
import { expectTrainedOnWasm } from './support/results.ts';
import { binary, run, testIn } from './support/runtimes.ts';

describe('the packed package in Bun', () => {
  testIn(['Bun'], 'trains', async () => {
    await expectTrainedOnWasm(JSON.parse(run(inject('app'), binary('Bun'), ['main.js', 'chainrule'])), 2, 'relaxed-simd128');
  });
});
