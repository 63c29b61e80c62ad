/** Long work on the only thread there is, cut into slices so that the event loop turns between them. */
import { nextTask } from '../tasks.ts';

/** Milliseconds a slice should take: short enough for a browser to keep drawing. */
const SLICE_MILLISECONDS = 12;
/** How many times longer than the one before a slice may be. */
const LARGEST_GROWTH = 8;

/**
 * Calls `work(done, count)` for consecutive runs of 0 … repeats − 1 until all are done or `stopped()`; returns how many were. The
 * first slice is a single repeat and starts at once; the others are sized by the time that the one before took.
 */
export async function runInSlices(repeats: number, work: (done: number, count: number) => void, stopped: () => boolean): Promise<number> {
  let done = 0;
  for (let count = 1; done < repeats && !stopped(); ) {
    if (done > 0) await nextTask();
    if (stopped()) break;
    count = Math.min(count, repeats - done);
    const start = performance.now();
    work(done, count);
    done += count;
    count = nextCount(count, performance.now() - start);
  }
  return done;
}

/** Where the clock stands still (as it does in some runtimes while code runs), slices only grow. */
function nextCount(count: number, milliseconds: number): number {
  const growth = Math.min(LARGEST_GROWTH, SLICE_MILLISECONDS / milliseconds);
  return Math.max(1, Math.floor(count * growth));
}
