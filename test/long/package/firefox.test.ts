import { describe, expect, inject } from 'vitest';
import { openPage } from '../../package/support/browser.ts';
import { expectTrainedOnWasm } from '../../package/support/results.ts';
import { testIn } from '../../package/support/runtimes.ts';

describe('the packed package in Firefox, from a static server', () => {
  for (const isolated of [false, true]) {
    testIn(['Firefox'], `trains ${isolated ? 'with' : 'without'} cross-origin isolation`, async () => {
      const report = await openPage(inject('app'), 'index.html', { isolated, browser: 'Firefox' });
      expect(report.error).toBeUndefined();
      expect(report.isolated).toBe(isolated);
      await expectTrainedOnWasm(report, isolated ? 2 : 1, report.isa as 'simd128');
    });
  }
});
