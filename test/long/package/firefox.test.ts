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

  testIn(['Firefox'], 'trains the same in a worker', async () => {
    expect(await openPage(inject('app'), 'in-worker.html', { browser: 'Firefox' })).toEqual({ isolated: false });
  });

  testIn(['Firefox'], 'says that a worker has ended, though the browser does not', async () => {
    const { ended } = (await openPage(inject('app'), 'dying-worker.html', { browser: 'Firefox' })) as unknown as { ended?: string };
    expect(ended).toBe('BackendError: the worker that computes this network has failed: it ended, and the browser does not say why');
  });
});
