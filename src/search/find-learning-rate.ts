/**
 * The range test of learning rates: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3. The rate grows by the same
 * factor at every step, and the loss of each mini-batch is noted, until it grows beyond all bounds.
 */
import type { DataSet } from '../data/samples.ts';
import { DivergedError, OptionError } from '../errors.ts';
import type { FitOptions } from '../fit-options.ts';
import { asGiven, fraction, integer, numberBetween, readOptions, type TableOf, withDefault } from '../options/table.ts';
import type { Callback } from '../training/events.ts';
import type { History } from '../training/reports.ts';

/** What is asked of a network. */
interface Clonable {
  clone(): Promise<{
    fit(data: never, options?: FitOptions<never>): Promise<History>;
    dispose(): void;
  }>;
}

/** The options of the fit that the test leaves open: all but how long it goes on, and at which rates. */
type TestedFit = Omit<FitOptions<never>, 'epochs' | 'schedule' | 'earlyStopping' | 'validation' | 'restart' | 'onEpoch'>;

export interface FindLearningRateOptions {
  /** The rate of the first step, above 0. Default 1e-6. */
  readonly minimum?: number;
  /** The rate of the last step, above `minimum`. Default 10. */
  readonly maximum?: number;
  /** Steps from the one to the other, at least 10; the data is gone through as often as they take. Default 100. */
  readonly steps?: number;
  /** How much of the loss's moving average each step keeps, from 0 to below 1; the average is corrected for its beginning, as Adam's are. Default 0.9. */
  readonly smoothing?: number;
  /** The test ends once the average is so many times the least it has been; above 1. Default 4. */
  readonly divergence?: number;
  /** The optimiser, the batch size and the other options of the fit that a rate is looked for. */
  readonly fit?: TestedFit;
}

/** The curve of a test, a number for each step taken. */
export interface LearningRateCurve {
  readonly learningRates: Float64Array;
  /** Of each step's mini-batch, before its update. */
  readonly losses: Float64Array;
  /** The moving average of the losses. */
  readonly smoothed: Float64Array;
  /**
   * The rate at which the average falls most steeply against the logarithm of the rate: a rate to train with. Undefined where the loss never falls,
   * or too few steps were taken to tell.
   */
  readonly suggestion: number | undefined;
  /** Whether the fit's signal stopped the test. */
  readonly aborted: boolean;
}

const OPTIONS = {
  minimum: withDefault(numberBetween(0), 1e-6),
  maximum: withDefault(numberBetween(0), 10),
  steps: withDefault(integer(10), 100),
  smoothing: withDefault(fraction, 0.9),
  divergence: withDefault(numberBetween(1), 4),
  fit: withDefault(asGiven<TestedFit>(), {}),
} satisfies TableOf<FindLearningRateOptions>;

const OWN = ['epochs', 'schedule', 'earlyStopping', 'validation', 'restart', 'onEpoch'];

/**
 * Tests learning rates on a copy of a network, which begins with a new optimiser; the network itself stays as it is.
 *
 * @throws OptionError for an unknown or impossible option; what `fit` throws for data that does not fit. A loss that is not finite ends the test.
 */
export async function findLearningRate(
  network: Clonable,
  data: DataSet<unknown, unknown>,
  options: FindLearningRateOptions = {},
): Promise<LearningRateCurve> {
  const { minimum, maximum, steps, smoothing, divergence, fit } = readOptions('findLearningRate', OPTIONS, options);
  if (maximum <= minimum) throw new OptionError(`findLearningRate: expected a maximum above the minimum, ${minimum}, got ${maximum}`);
  const own = Object.keys(Object(fit)).find((name) => OWN.includes(name));
  if (own !== undefined) throw new OptionError(`findLearningRate.fit: expected options without ${own}, which the test decides, got it`);
  // Some steps may be taken beyond the last that counts.
  const curve = new Curve((step) => minimum * (maximum / minimum) ** (Math.min(step, steps - 1) / (steps - 1)), smoothing);
  const watcher: Callback = {
    stepsPerSecond: 'all',
    step({ loss }, control) {
      curve.add(loss);
      if (curve.length === steps || curve.last > divergence * curve.least) control.stop();
    },
  };
  const copy = await network.clone();
  try {
    const { aborted } = await copy.fit(
      data as never,
      {
        ...fit,
        ...{ epochs: steps, restart: true },
        schedule: ({ step }: { readonly step: number }) => curve.rateOf(step),
        callbacks: [watcher, ...(fit.callbacks ?? [])],
      } as FitOptions<never>,
    );
    return curve.read(aborted);
  } catch (error) {
    if (error instanceof DivergedError) return curve.read(false);
    throw error;
  } finally {
    copy.dispose();
  }
}

class Curve {
  readonly #losses: number[] = [];
  readonly #smoothed: number[] = [];
  #average = 0;
  least = Number.POSITIVE_INFINITY;

  constructor(
    readonly rateOf: (step: number) => number,
    readonly smoothing: number,
  ) {}

  get length(): number {
    return this.#losses.length;
  }

  get last(): number {
    return this.#smoothed[this.length - 1];
  }

  add(loss: number): void {
    this.#losses.push(loss);
    this.#average = this.smoothing * this.#average + (1 - this.smoothing) * loss;
    this.#smoothed.push(this.#average / (1 - this.smoothing ** this.length));
    this.least = Math.min(this.least, this.last);
  }

  read(aborted: boolean): LearningRateCurve {
    const learningRates = Float64Array.from(this.#losses, (_, step) => this.rateOf(step));
    const steepest = steepestFall(this.#smoothed);
    return {
      learningRates,
      losses: Float64Array.from(this.#losses),
      smoothed: Float64Array.from(this.#smoothed),
      suggestion: steepest === undefined ? undefined : learningRates[steepest],
      aborted,
    };
  }
}

/** Where a curve falls most, up to its least value, by central differences: steps are even in the logarithm of the rate. */
function steepestFall(values: readonly number[]): number | undefined {
  const end = values.indexOf(Math.min(...values));
  let [place, most]: [number | undefined, number] = [undefined, 0];
  for (let i = 1; i < Math.min(end + 1, values.length - 1); i++) {
    const fall = values[i - 1] - values[i + 1];
    if (fall > most) [place, most] = [i, fall];
  }
  return place;
}
