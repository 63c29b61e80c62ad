/** In a page, whatever takes long is cut up: its longest task is a small part of it, however fast the machine is. */
import { expect } from 'vitest';
import { measureInChromium } from '../../../bench/event-loop/chromium.ts';
import { testIn } from '../../package/support/runtimes.ts';

/** Of these calls, the longest task may take such a share. What copies all weights of the larger network in one turn has more of it. */
const LARGEST_SHARES: Readonly<Record<string, number>> = {
  create: 0.5,
  'fit, 8 steps': 0.25,
  evaluate: 0.25,
  diagnose: 0.5,
  predictAsync: 0.25,
};
/** Or so many milliseconds: a call that a fast machine ends within a few slices is not cut up much. */
const FEW_SLICES = 60;

for (const isolated of [false, true]) {
  testIn(['Chromium'], `calls leave the event loop its turns ${isolated ? 'with' : 'without'} threads`, async () => {
    const figures = await measureInChromium({ isolated, threads: isolated ? 2 : 1, repeats: 3 });
    for (const [call, share] of Object.entries(LARGEST_SHARES)) {
      const measured = figures.filter((figure) => figure.call === call);
      expect(measured.length, call).toBeGreaterThan(0);
      for (const { network, longest, total } of measured) {
        expect(longest, `${network}: ${call}, of ${total} ms`).toBeLessThan(Math.max(share * total, FEW_SLICES));
      }
    }
    const [written] = figures.filter(({ call }) => call === 'toBytesAsync');
    const [atOnce] = figures.filter(({ call }) => call === 'toBytes');
    expect(written.longest).toBeLessThan(0.8 * atOnce.total);
  });
}
