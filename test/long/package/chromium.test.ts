import { describe, expect, inject } from 'vitest';
import { openPage } from '../../package/support/browser.ts';
import { expectTrainedOnWasm } from '../../package/support/results.ts';
import { testIn } from '../../package/support/runtimes.ts';

/** A page that draws less often than this is felt to be frozen. */
const LONGEST_GAP_MILLISECONDS = 100;
const FEWEST_FRAMES_PER_SECOND = 10;

describe('the packed package in Chromium, from a static server', () => {
  for (const isolated of [false, true]) {
    testIn(['Chromium'], `trains ${isolated ? 'with' : 'without'} cross-origin isolation, and the page goes on drawing`, async () => {
      const report = await openPage(inject('app'), 'index.html', { isolated });
      expect(report.error).toBeUndefined();
      expect(report.isolated).toBe(isolated);
      await expectTrainedOnWasm(report, isolated ? 2 : 1, 'relaxed-simd128');
      expect(report.wide.reason).toContain(isolated ? 'the fastest backend here' : 'the page is not cross-origin isolated');
      expect(report.longestGap).toBeLessThan(LONGEST_GAP_MILLISECONDS);
      expect(report.frames / report.seconds).toBeGreaterThan(FEWEST_FRAMES_PER_SECOND);
    });
  }

  for (const isolated of [false, true]) {
    testIn(['Chromium'], `trains the same in a worker, ${isolated ? 'with' : 'without'} cross-origin isolation`, async () => {
      expect(await openPage(inject('app'), 'in-worker.html', { isolated })).toEqual({ isolated });
    });
  }

  testIn(['Chromium'], 'trains on one thread where the page’s policy allows no worker, and says so', async () => {
    const policy = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'";
    const report = await openPage(inject('app'), 'index.html', { isolated: true, policy });
    expect(report.error).toBeUndefined();
    await expectTrainedOnWasm(report, 1, 'relaxed-simd128');
    expect(report.wide.reason).toContain('wasm runs on 1 thread of 2 asked for: a helper failed: ');
    expect(report.wide.reason).toContain('worker-src blob:');
  });

  testIn(['Chromium'], 'says that a worker has ended, though the browser does not', async () => {
    const { ended } = (await openPage(inject('app'), 'dying-worker.html')) as unknown as { ended?: string };
    expect(ended).toBe('BackendError: the worker that computes this network has failed: it ended, and the browser does not say why');
  });
});
