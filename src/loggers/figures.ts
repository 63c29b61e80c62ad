/** The figures that loggers add to what a fit tells: speed, memory, the event loop's delay. */
import type { Progress } from '../clock.ts';
import { perfHooks } from '../node/builtins.ts';
import type { Diagnosis } from '../training/diagnosis-report.ts';
import type { FitBegin } from '../training/reports.ts';

/** Over the two intervals between figures that came last, in milliseconds. */
export interface EventLoopDelay {
  readonly mean: number;
  readonly p99: number;
  readonly maximum: number;
}

/** The speed of the steps since the figures before, all that happened between them included. */
export interface Speed {
  readonly stepMilliseconds?: number;
  /** Absent for a trainer's steps. */
  readonly samplesPerSecond?: number;
}

export interface ProcessFigures {
  /** The resident set of the process, workers and native memory included. */
  readonly memoryBytes: number;
  /** By how much timers came late; absent where the runtime does not measure it, or no timer ran. */
  readonly eventLoopDelay?: EventLoopDelay;
}

/** How often delays are sampled. A sample has this time in it. */
const SAMPLING_MILLISECONDS = 10;
/** Figures of the process are looked at again after this time. */
const FRESH_MILLISECONDS = 50;

type DelayMonitor = ReturnType<typeof import('node:perf_hooks').monitorEventLoopDelay>;

/** Measures one fit, from its beginning to `stop`. */
export class Meter {
  readonly #delays = Delays.start();
  #last: { readonly time: number; readonly progress: Progress };
  #process: ProcessFigures | undefined;
  #processTime = Number.NEGATIVE_INFINITY;

  constructor(readonly begin: FitBegin) {
    this.#last = { time: performance.now(), progress: begin.progress };
  }

  speed(progress: Progress): Speed {
    const time = performance.now();
    const { time: before, progress: from } = this.#last;
    const steps = progress.step - from.step;
    if (steps <= 0) return {};
    this.#last = { time, progress };
    const samples = samplesBetween(this.begin, from, progress);
    return {
      stepMilliseconds: (time - before) / steps,
      ...(samples !== undefined && { samplesPerSecond: (1000 * samples) / (time - before) }),
    };
  }

  process(): ProcessFigures {
    const now = performance.now();
    if (this.#process && now - this.#processTime < FRESH_MILLISECONDS) return this.#process;
    const eventLoopDelay = this.#delays?.read();
    this.#process = { memoryBytes: process.memoryUsage.rss(), ...(eventLoopDelay && { eventLoopDelay }) };
    this.#processTime = now;
    return this.#process;
  }

  stop(): void {
    this.#delays?.stop();
  }
}

/** The rows that training has seen between two times; undefined for a trainer. */
function samplesBetween({ data, settings }: FitBegin, from: Progress, to: Progress): number | undefined {
  if (!data) return undefined;
  // Only the last mini-batch of an epoch has fewer rows, and after it `batch` is 0.
  return (to.epoch - from.epoch) * data.rows + (to.batch - from.batch) * settings.batchSize;
}

/**
 * Samples the event loop's delay by two monitors, read and reset in turn: a reset loses the interval that it falls into, which the other has.
 */
class Delays {
  #next: DelayMonitor;
  #other: DelayMonitor;

  private constructor() {
    this.#next = startedMonitor();
    this.#other = startedMonitor();
  }

  /** Undefined where the runtime does not measure delays. */
  static start(): Delays | undefined {
    try {
      return new Delays();
    } catch {
      return undefined;
    }
  }

  /** Undefined without a sample. */
  read(): EventLoopDelay | undefined {
    const monitor = this.#next;
    [this.#next, this.#other] = [this.#other, monitor];
    const delay = { mean: late(monitor.mean), p99: late(monitor.percentile(99)), maximum: late(monitor.max) };
    const hasSamples = Number.isFinite(monitor.mean);
    monitor.reset();
    return hasSamples ? delay : undefined;
  }

  stop(): void {
    this.#next.disable();
    this.#other.disable();
  }
}

function startedMonitor(): DelayMonitor {
  const monitor = perfHooks().monitorEventLoopDelay({ resolution: SAMPLING_MILLISECONDS });
  monitor.enable();
  return monitor;
}

const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - SAMPLING_MILLISECONDS);

/** √Σ(∂loss/∂w)² over all parameters, before clipping. */
export function gradientNorm({ layers }: Diagnosis): number {
  return Math.hypot(...layers.flatMap(({ parameters }) => parameters.map((parameter) => parameter.gradientNorm)));
}
