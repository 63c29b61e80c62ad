/** The callback that writes checkpoints, from which `fit` resumes a run that was killed. */
import { DataError, OptionError } from '../errors.ts';
import { checkMonitor, type Monitor } from '../metrics/monitors.ts';
import { callable, integer, numberBetween, oneOf, optional, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { checkLocation, describe, type FileLocation } from '../options.ts';
import type { Callback, FitControl } from '../training/events.ts';
import type { EpochReport, FitBegin } from '../training/reports.ts';
import { BestSoFar } from './best.ts';
import { CheckpointFolder } from './folder.ts';
import { type RunRecord, recordMetadata, settingsOf } from './run-record.ts';
import { seal, UNSEALED } from './seal.ts';
import { warn } from './warn.ts';
import { Writer } from './writer.ts';

/** One of the three. */
export interface CheckpointInterval {
  /** Steps from one checkpoint to the next at least. It is written where a call to the backend ends, of some milliseconds of steps. */
  readonly steps?: number;
  /** Seconds of training. */
  readonly seconds?: number;
  readonly epochs?: number;
}

export interface CheckpointOptions {
  /** A path or a `file:` URL. It is made where there is none. Each run has one to itself. */
  readonly folder: FileLocation;
  /** Default `{ epochs: 1 }`. */
  readonly every?: CheckpointInterval;
  /** The newest files that stay; older ones are removed once a newer one is on the disk. Default 3. */
  readonly keep?: number;
  /**
   * Keeps the best epoch besides, in `best.safetensors`: by a value of the epochs' reports, or by true, the validation loss where there is validation data,
   * else the loss. Default: no such file.
   */
  readonly best?: true | Monitor;
  /**
   * Whether the fit ends by the error, or goes on, where a file cannot be written: a full disk, a folder that is read-only. A fit that goes on
   * tells `onWarning`, and tries again when the next is due. Default 'stop'.
   */
  readonly onError?: 'stop' | 'continue';
  /** Is told what could not be written. Default: a warning of the process. */
  readonly onWarning?: (message: string) => unknown;
}

type Interval = readonly [unit: keyof CheckpointInterval, count: number];

const EVERY = {
  steps: optional(integer()),
  seconds: optional(numberBetween(0)),
  epochs: optional(integer()),
} satisfies TableOf<CheckpointInterval>;

function checkEvery(where: string, value: unknown): Interval {
  const given = Object.entries(readOptions(where, EVERY, value)).filter(([, count]) => count !== undefined);
  if (given.length === 1) return given[0] as unknown as Interval;
  throw new OptionError(`${where}: expected one of { steps }, { seconds } and { epochs }, got ${describe(Object.keys(value as object))}`);
}

const OPTIONS = {
  folder: required(checkLocation),
  every: withDefault(checkEvery, { epochs: 1 }),
  keep: withDefault(integer(), 3),
  best: optional((where, value) => (value === true ? value : checkMonitor(where, value))),
  onError: withDefault(oneOf(['stop', 'continue']), 'stop'),
  onWarning: withDefault(callable<(message: string) => unknown>(), warn),
} satisfies TableOf<CheckpointOptions>;

/** How often it looks whether one is due. */
const LOOKS_PER_SECOND = 200;

/**
 * A callback that writes checkpoints into a folder while a fit runs: model files that hold all that the run needs to go on, `fit` with `resume`
 * the same bits as without a stop. One is written before the first step, whenever it is due, and at the end, also after an abort; none after an error. List it last:
 * a checkpoint has what the callbacks before it remember of the step.
 *
 * Training waits until the weights are copied into the network, and not for the file. While one is being written, the next waits for its turn:
 * one of an epoch as it is, unless a later epoch takes its place; one of steps or seconds is of the step at which it is begun. A file is written whole or not at all, and is on the disk before an older one is removed.
 *
 * The fit throws OptionError where a layer is a function without a config, which a file cannot hold; DataError where a file cannot be written,
 * unless it is to continue.
 *
 * @throws OptionError for anything unknown or out of range.
 */
export function checkpoint(options: CheckpointOptions): Callback {
  const { folder, every, keep, best, onError, onWarning } = readOptions('checkpoint', OPTIONS, options);
  const [unit, count] = every;
  const search = best === undefined ? undefined : new BestSoFar(best === true ? undefined : best);
  const run = new CheckpointedRun(new CheckpointFolder(folder, keep), every, (error) => {
    if (onError === 'stop' || !(error instanceof DataError)) throw error;
    onWarning(`checkpoint: ${error.message}; the fit goes on`);
  });
  const epoch = (report: EpochReport, control: FitControl) => {
    run.epoch(control, search?.take(report) ?? false, unit === 'epochs' && report.epoch - run.written.epoch >= count);
  };
  return {
    ...(search && {
      name: 'checkpoint',
      prepare: (setup) => search.prepare(setup),
      recall: (memory) => search.recall(memory),
      remember: () => search.memory,
    }),
    begin: (event, control) => run.begin(event, control),
    ...(unit !== 'epochs' && { stepsPerSecond: LOOKS_PER_SECOND, step: (_, control) => run.step(control) }),
    ...((search || unit === 'epochs') && { epoch }),
    async end({ aborted, stoppedEarly, error }, control) {
      if (error !== undefined) await run.abandon();
      else await run.end(control, aborted ? undefined : { isStopped: stoppedEarly });
      if (!aborted && error === undefined) search?.forget();
    },
  };
}

/** The state of the run when the newest checkpoint was begun. */
interface Written {
  readonly epoch: number;
  readonly step: number;
  readonly time: number;
}

/** The kinds of files: the numbered ones, and that of the best epoch alone. */
const [REGULAR, BEST] = ['regular', 'best'];

interface Writing {
  readonly isBeginning?: boolean;
  readonly isBest?: boolean;
  /** Whether it is one of the numbered files. */
  readonly isRegular?: boolean;
  readonly end?: Pick<RunRecord, 'isStopped' | 'epochsDone'>;
}

class CheckpointedRun {
  readonly #writer: Writer;
  #record: Pick<RunRecord, 'epoch' | 'settings'> = { epoch: 0, settings: {} };
  written: Written = { epoch: 0, step: 0, time: 0 };
  /** Steps before the fit. */
  #start = 0;

  constructor(
    readonly folder: CheckpointFolder,
    readonly interval: Interval,
    /** Takes the error of a file, and may throw it. */
    readonly failed: (error: unknown) => void,
  ) {
    this.#writer = new Writer(failed);
  }

  /** The first file is waited for: where it cannot be written, the fit ends before its first step. */
  async begin(event: FitBegin, control: FitControl): Promise<void> {
    const { run } = event;
    if (!run) throw new OptionError('checkpoint: expected a fit, got a trainer: control.save() writes its network');
    this.#record = { epoch: run.epoch, settings: settingsOf(event) };
    this.#start = event.progress.step;
    this.#note(control);
    try {
      await this.folder.open();
    } catch (error) {
      this.failed(error);
    }
    if (!run.resumed) this.#write(control, { isBeginning: true });
    await this.#writer.finish();
  }

  /** At a step that is told of. Returns a promise where one is due. */
  step(control: FitControl): Promise<void> | undefined {
    this.#writer.check();
    return this.#isDue(control) ? this.#publishAndWrite(control) : undefined;
  }

  async #publishAndWrite(control: FitControl): Promise<void> {
    await control.publish();
    this.#write(control);
  }

  /** At the end of an epoch, where the network has its weights. A fit that is about to stop writes at its end: the callbacks that stop it do so but once. */
  epoch(control: FitControl, isBest: boolean, isDue: boolean): void {
    this.#writer.check();
    const isRegular = isDue && !control.isStopping;
    if (isBest || isRegular) this.#write(control, { isBest, isRegular });
  }

  /** @param end How the run came to its end; undefined where it was aborted. One that ended may have gone back to its best epoch since. */
  async end(control: FitControl, end: { readonly isStopped: boolean } | undefined): Promise<void> {
    await this.#writer.finish();
    const { epoch, step } = control.progress;
    if (end && step > this.#start) this.#write(control, { end: { ...end, epochsDone: epoch - this.#record.epoch } });
    else if (step > this.written.step) this.#write(control);
    await this.#writer.finish();
  }

  /** The fit has failed: what is being written is still written. */
  async abandon(): Promise<void> {
    await this.#writer.finish().catch(() => undefined);
  }

  #isDue({ progress }: FitControl): boolean {
    if (this.#writer.isBusy(REGULAR)) return false;
    const [unit, count] = this.interval;
    return unit === 'steps' ? progress.step - this.written.step >= count : performance.now() - this.written.time >= 1000 * count;
  }

  #note({ progress: { epoch, step } }: FitControl): void {
    this.written = { epoch, step, time: performance.now() };
  }

  /** Copies the network as it is now, and has it written. */
  #write(control: FitControl, { isBeginning = false, isBest = false, isRegular = true, end }: Writing = {}): void {
    const { step } = control.progress;
    const made = control.toBytes({ ...UNSEALED, ...recordMetadata({ ...this.#record, isBeginning, ...end }) });
    // Where another file is being written, nobody waits for it yet.
    made.catch(() => undefined);
    if (isRegular) this.#note(control);
    this.#writer.start(isRegular ? REGULAR : BEST, async () => {
      const bytes = await made;
      await seal(bytes);
      if (isRegular) await this.folder.add(bytes, step);
      if (isBest) await this.folder.setBest(bytes);
    });
  }
}
