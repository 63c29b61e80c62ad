/** The events of a fit, and the callbacks that are told of them. Events are plain data; callbacks are told in the order of their list. */

import type { Progress } from '../clock.ts';
import type { DataSet } from '../data/samples.ts';
import type { HasSource } from '../datasets/source.ts';
import { ChainruleError, FormatError, OptionError } from '../errors.ts';
import { isPromise, settled } from '../event-loop/promises.ts';
import type { Work } from '../event-loop/slices.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { Monitor, Monitored } from '../metrics/monitors.ts';
import type { CallbackMemory } from '../model/training-state.ts';
import type { Snapshot } from '../model/weights.ts';
import { checkFunction, checkIdentifier, checkNumber, describe, type FileLocation } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import type { Diagnosis } from './diagnosis-report.ts';
import type { EpochReport, FitBegin, FitEnd, Measurements, StepReport } from './reports.ts';

/** The control handle: a callback's access to the fit that it watches. */
export interface FitControl {
  /** The progress of training after the step or epoch that the callback is told of. */
  readonly progress: Progress;
  /** The learning rate of each group at the last step. The first is that of parameters in no group. */
  readonly learningRates: readonly number[];
  /** Ends the fit here, as its last epoch would. */
  stop(): void;
  /** Whether a callback has asked for that. */
  readonly isStopping: boolean;
  /** Gives the network the weights of this step or epoch: `predict` and `save` have them from then on. At the end of an epoch it has them. */
  publish(): Promise<void>;
  /** Copies of the network's parameters, as they were last published. */
  weights(): Map<string, Tensor>;
  /** Writes a model file of the network as it was last published. A fit of the network in that file continues from there. */
  save(location: FileLocation): Promise<void>;
  /**
   * The bytes of that file, of the network as it is when called, made in slices while the fit goes on.
   *
   * @param metadata Further entries of the file's metadata: text by name.
   */
  toBytes(metadata?: Readonly<Record<string, string>>): Promise<Uint8Array>;
  /**
   * From the next epoch on, multiplies the schedule's rates by a factor, down to `minimum` (default 0) at the least, or to the schedule's
   * rate where that is less. A further call replaces the factor.
   */
  scaleLearningRates(factor: number, minimum?: number): void;
  /** A copy of all that training changes, as it was last published; in the memory of another snapshot where one is given. */
  snapshot(memory?: Snapshot): Snapshot;
  /** Gives the network that state, at the end of a fit. A fit that continues starts from it. */
  restore(snapshot: Snapshot): void;
  /** Notes that an epoch is the best so far: `History.bestEpoch`. */
  noteBest(epoch: number): void;
}

/** The means with which a callback prepares itself. */
export interface FitSetup {
  /**
   * The values that reports of epochs can be monitored by, by their names. Callbacks add what they measure.
   */
  readonly monitors: Map<Monitor, Monitored>;
  /**
   * An evaluation of other data with the published weights, and the values that reports have of it. Throws DataError or ShapeError where the data does not fit.
   */
  evaluation(
    where: string,
    data: DataSet<unknown, unknown> | HasSource,
  ): Work<{ readonly monitors: readonly Monitored[]; evaluate(): Promise<Evaluation> }>;
  /** Diagnoses of the step that comes next, at each group's learning rate. */
  diagnosis(): Work<{ diagnose(learningRates: readonly number[]): Promise<Diagnosis> }>;
}

/**
 * A watcher of a fit. Each method is optional. A promise that one returns is awaited until the fit's signal aborts; that of `end` to its end.
 * An error that one throws ends the fit with the weights of that step.
 */
export interface Callback {
  /** The name under which its memory is kept, in model files too. Unique among the callbacks of a fit. Default: it remembers nothing. */
  readonly name?: string;
  /** The most steps a second that `step` is called for: a number above 0, or 'all' steps. Default 10. */
  readonly stepsPerSecond?: number | 'all';
  /** Checks and opens what it needs, before anything is changed. A generator does so in slices. */
  prepare?(setup: FitSetup): Work<void> | void;
  /** Takes back its memory of an earlier fit that this one continues. Called before `begin`. */
  recall?(memory: CallbackMemory): void;
  /** The memory that `recall` will be given. Asked for whenever the network is saved. */
  remember?(): CallbackMemory | undefined;
  begin?(event: FitBegin, control: FitControl): unknown;
  step?(report: StepReport, control: FitControl): unknown;
  /** Called at the end of an epoch, before any callback's `epoch`. Returns further measurements for the report. */
  measure?(control: FitControl): Measurements | Promise<Measurements>;
  epoch?(report: EpochReport, control: FitControl): unknown;
  /** Whenever the network has been given other weights. */
  published?(progress: Progress, control: FitControl): unknown;
  /** Called at the end, also after an abort or an error. A promise is awaited even then: what the callback has to write is written. */
  end?(event: FitEnd, control: FitControl): unknown;
}

const METHODS = ['prepare', 'recall', 'remember', 'begin', 'step', 'measure', 'epoch', 'published', 'end'] as const;

/** Throws OptionError for a value that is no list of callbacks. */
export function checkCallbacks(where: string, callbacks: unknown): readonly Callback[] {
  if (!Array.isArray(callbacks)) throw new OptionError(`${where}: expected a list of callbacks, got ${describe(callbacks)}`);
  return Array.from(callbacks as readonly Callback[], (callback, i) => checkCallback(`${where}[${i}]`, callback));
}

function checkCallback(where: string, callback: Callback): Callback {
  if (typeof callback !== 'object' || callback === null || !METHODS.some((method) => callback[method]))
    throw new OptionError(`${where}: expected an object with some of ${METHODS.join(', ')}, got ${describe(callback)}`);
  for (const method of METHODS) if (callback[method] !== undefined) checkFunction(`${where}.${method}`, callback[method]);
  const { name, stepsPerSecond: rate = DEFAULT_RATE } = callback;
  if (name !== undefined) checkIdentifier(`${where}.name`, name);
  if (rate !== 'all') checkNumber(`${where}.stepsPerSecond`, rate, 0, Number.POSITIVE_INFINITY, { open: true });
  return callback;
}

/** Default steps a second. */
const DEFAULT_RATE = 10;

/** A callback that is told of some steps, and the time of the next. */
interface Rated {
  readonly callback: Callback;
  readonly milliseconds: number;
  due: number;
}

export class Events {
  readonly #everyStep: readonly Callback[];
  readonly #someSteps: readonly Rated[];
  readonly watchesEpochs: boolean;

  /** Throws OptionError where two callbacks have one name. */
  constructor(
    readonly callbacks: readonly Callback[],
    readonly signal: GlobalAbortSignal | undefined,
    where = 'fit',
  ) {
    const names = callbacks.flatMap(({ name }) => name ?? []);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw new OptionError(`${where}.callbacks: expected callbacks of different names, got two of '${twice}'`);
    const ofSteps = callbacks.filter(({ step }) => step);
    this.#everyStep = ofSteps.filter(({ stepsPerSecond }) => stepsPerSecond === 'all');
    const now = performance.now();
    this.#someSteps = ofSteps.flatMap((callback) => {
      const { stepsPerSecond = DEFAULT_RATE } = callback;
      if (stepsPerSecond === 'all') return [];
      const milliseconds = 1000 / stepsPerSecond;
      return [{ callback, milliseconds, due: now + milliseconds }];
    });
    this.watchesEpochs = callbacks.some(({ measure, epoch }) => measure || epoch);
  }

  get watchesEveryStep(): boolean {
    return this.#everyStep.length > 0;
  }

  /** Whether some callback is to be told of a step by now. */
  isStepDue(now: number): boolean {
    for (const { due } of this.#someSteps) if (now >= due) return true;
    return false;
  }

  /** Those to be told of a step that ends now. */
  listenersOfStep(now: number): readonly Callback[] {
    if (!this.isStepDue(now)) return this.#everyStep;
    return [...this.#everyStep, ...this.#dueBy(now)];
  }

  /** Tells the callbacks of every step. Returns a promise if there is something to wait for. */
  everyStep(report: StepReport, control: FitControl): Promise<void> | undefined {
    return this.#inTurn(this.#everyStep, (callback) => callback.step?.(report, control));
  }

  /** Tells the callbacks that are due. */
  async someStep(report: StepReport, control: FitControl, now: number): Promise<void> {
    for (const callback of this.#dueBy(now)) await settled(callback.step?.(report, control), this.signal);
  }

  /** The callbacks of some steps that are due, each told before the next is looked for. */
  *#dueBy(now: number): Generator<Callback> {
    for (const rated of this.#someSteps) {
      if (now < rated.due) continue;
      rated.due = now + rated.milliseconds;
      yield rated.callback;
    }
  }

  /** Has all of them prepare themselves, in their order. */
  *prepare(setup: FitSetup): Work<void> {
    for (const callback of this.callbacks) {
      const work = callback.prepare?.(setup);
      if (work) yield* work;
    }
  }

  /** Gives each callback its memory. Throws FormatError for a memory that its callback refuses. */
  recall(memories: ReadonlyMap<string, CallbackMemory> | undefined): void {
    for (const callback of this.callbacks) {
      const memory = callback.name === undefined ? undefined : memories?.get(callback.name);
      if (memory) recall(callback, memory);
    }
  }

  async measure(control: FitControl): Promise<Measurements> {
    const found: Measurements = {};
    for (const callback of this.callbacks) Object.assign(found, await callback.measure?.(control));
    return found;
  }

  async tell<Event>(what: 'begin' | 'epoch' | 'published' | 'end', event: () => Event, control: FitControl): Promise<void> {
    const listeners = this.callbacks.filter((callback) => callback[what]);
    if (listeners.length === 0) return;
    const told = event();
    const signal = what === 'end' ? undefined : this.signal;
    for (const callback of listeners)
      await settled((callback[what] as (event: Event, control: FitControl) => unknown).call(callback, told, control), signal);
  }

  /** The memories of all callbacks, by their names. */
  memories(): Map<string, CallbackMemory> {
    return new Map(
      this.callbacks.flatMap((callback) => {
        const memory = callback.name === undefined ? undefined : callback.remember?.();
        return callback.name !== undefined && memory ? [[callback.name, memory] as const] : [];
      }),
    );
  }

  /** Calls at once until a callback returns a promise. */
  #inTurn(callbacks: readonly Callback[], call: (callback: Callback) => unknown): Promise<void> | undefined {
    for (const [i, callback] of callbacks.entries()) {
      const given = call(callback);
      if (isPromise(given)) return this.#rest(given, callbacks.slice(i + 1), call);
    }
    return undefined;
  }

  async #rest(first: PromiseLike<unknown>, callbacks: readonly Callback[], call: (callback: Callback) => unknown): Promise<void> {
    await settled(first, this.signal);
    for (const callback of callbacks) await settled(call(callback), this.signal);
  }
}

function recall(callback: Callback, memory: CallbackMemory): void {
  try {
    callback.recall?.(memory);
  } catch (error) {
    if (!(error instanceof ChainruleError) || error instanceof FormatError) throw error;
    throw new FormatError(`what ${callback.name} remembers: ${error.message}`, { cause: error });
  }
}
