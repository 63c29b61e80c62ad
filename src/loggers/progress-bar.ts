/** The progress of a fit: one line that is redrawn on a terminal, plain lines elsewhere. */
import { OptionError } from '../errors.ts';
import { type Check, optional, readOptions, type TableOf } from '../options/table.ts';
import { describe } from '../options.ts';
import type { Callback } from '../training/events.ts';
import type { EpochReport, FitBegin } from '../training/reports.ts';
import { lastEpochOf, loggerCallback } from './run-log.ts';

/** The used part of `process.stdout`. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  /** The width of the terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBarOptions {
  /** Default `process.stderr`. */
  readonly stream?: ProgressStream;
}

const checkStream: Check<ProgressStream> = (where, value) => {
  if (typeof value === 'object' && value !== null && typeof (value as Partial<ProgressStream>).write === 'function')
    return value as ProgressStream;
  throw new OptionError(`${where}: expected a stream with write(text), got ${describe(value)}`);
};

const OPTIONS = { stream: optional(checkStream) } satisfies TableOf<ProgressBarOptions>;

const WIDEST_BAR = 24;
const NARROWEST_BAR = 4;
/** The width of a terminal that does not tell. */
const COLUMNS = 80;
const CLEAR_TO_END = '\x1b[K';

/** Redraws a second. */
const ON_TERMINALS = { rate: 10, epochs: { atFirst: 1, rate: 10 } };
/** A line every ten seconds within an epoch. Of epochs a hundred, and from then on one a second. */
const ELSEWHERE = { rate: 0.1, epochs: { atFirst: 100, rate: 1 } };

/**
 * A callback that shows the progress of a fit: epoch, loss, accuracies, samples a second. On a terminal it is one line, redrawn ten times a
 * second at most and never wider than the terminal. Elsewhere it is a line an epoch, and within long epochs one every ten seconds; after a hundred
 * epochs at most one a second. The last epoch is always shown.
 *
 * @throws OptionError for an unknown option, or a stream that cannot be written to.
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  const { stream = process.stderr } = readOptions('progressBar', OPTIONS, options);
  return loggerCallback({
    ...(stream.isTTY ? ON_TERMINALS : ELSEWHERE),
    open(begin) {
      const line = new ProgressLine(stream, begin);
      return {
        step({ step, epoch, loss }, { progress }, meter) {
          const { samplesPerSecond } = meter.speed(progress);
          line.show({ step, epoch, share: line.shareOf(progress.batch), loss, speed: samplesPerSecond });
        },
        epoch(report, { progress }) {
          line.note(report);
          const { epoch, loss, seconds } = report;
          const speed = begin.data && seconds > 0 ? begin.data.rows / seconds : undefined;
          line.show({ step: progress.step, epoch, share: 1, loss, speed });
        },
        end: () => line.end(),
      };
    },
  });
}

interface Shown {
  readonly step: number;
  readonly epoch: number;
  /** The part of the epoch that is done. */
  readonly share: number;
  readonly loss: number;
  /** Samples a second. */
  readonly speed: number | undefined;
}

class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #begin: FitBegin;
  /** What the last epoch reached, in words. */
  #reached = '';
  #isDrawn = false;

  constructor(stream: ProgressStream, begin: FitBegin) {
    this.#stream = stream;
    this.#begin = begin;
  }

  /** The part of its epoch that is done when so many mini-batches of it are; none are where the next begins. */
  shareOf(batches: number): number {
    const { data, settings } = this.#begin;
    return data && batches > 0 ? batches / Math.ceil(data.rows / settings.batchSize) : 1;
  }

  note({ accuracy, validationAccuracy, validationLoss }: EpochReport): void {
    const validation =
      validationAccuracy === undefined ? validationLoss && `loss ${validationLoss.toFixed(4)}` : percent(validationAccuracy);
    this.#reached = `${accuracy === undefined ? '' : `  accuracy ${percent(accuracy)}`}${validation ? `  validation ${validation}` : ''}`;
  }

  show(shown: Shown): void {
    const start = this.#counted(shown);
    const figures = this.#figures(shown);
    if (this.#stream.isTTY) this.#draw(start, shown.share, figures);
    else this.#stream.write(`${start}${shown.share < 1 ? `  ${Math.floor(100 * shown.share)} %` : ''}${figures}\n`);
  }

  /** Ends the redrawn line, so that the next output starts on a new one. */
  end(): void {
    if (this.#isDrawn) this.#stream.write('\n');
  }

  #draw(start: string, share: number, figures: string): void {
    const columns = (this.#stream.columns || COLUMNS) - 1;
    const bar = Math.max(NARROWEST_BAR, Math.min(WIDEST_BAR, columns - start.length - figures.length - 2));
    const full = Math.round(share * bar);
    const line = `${start}  ${'█'.repeat(full)}${'░'.repeat(bar - full)}${figures}`;
    // A line longer than the terminal is wide would wrap, and only its last part be redrawn.
    this.#stream.write(`\r${line.slice(0, columns)}${CLEAR_TO_END}`);
    this.#isDrawn = true;
  }

  #counted({ step, epoch }: Shown): string {
    const last = lastEpochOf(this.#begin);
    if (Number.isNaN(last)) return `step ${step}`;
    const total = String(last);
    return `epoch ${String(epoch).padStart(total.length)}/${total}`;
  }

  #figures({ loss, speed }: Shown): string {
    const samples = speed === undefined ? '' : `  ${Math.round(speed).toLocaleString('en')} samples/s`;
    return `  loss ${loss.toFixed(4)}${this.#reached}${samples}`;
  }
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
