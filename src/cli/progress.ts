/** The progress of training: one line that is rewritten on a terminal, a plain line an epoch elsewhere. */
import type { EpochReport, StepReport } from '../index.node.ts';

/** The used part of `process.stdout`. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressPlan {
  readonly epochs: number;
  readonly batchSize: number;
  /** Samples of an epoch. */
  readonly rows: number;
}

const REDRAW_MILLISECONDS = 100;
const WIDEST_BAR = 24;
const NARROWEST_BAR = 4;
/** The width of a terminal that does not tell. */
const COLUMNS = 80;
const CLEAR_TO_END = '\x1b[K';

export const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

export class Progress {
  readonly #stepsPerEpoch: number;
  readonly #start = performance.now();
  #lastDraw = Number.NEGATIVE_INFINITY;
  #lossSum = 0;
  #accuracy = '';

  constructor(
    readonly output: Output,
    readonly plan: ProgressPlan,
  ) {
    this.#stepsPerEpoch = Math.ceil(plan.rows / plan.batchSize);
  }

  /** For `fit`'s onStep. */
  readonly step = ({ step, loss }: StepReport): void => {
    if (!this.output.isTTY) return;
    const inEpoch = (step - 1) % this.#stepsPerEpoch;
    this.#lossSum = inEpoch === 0 ? loss : this.#lossSum + loss;
    const now = performance.now();
    if (now - this.#lastDraw < REDRAW_MILLISECONDS) return;
    this.#lastDraw = now;
    const epoch = Math.ceil(step / this.#stepsPerEpoch);
    const share = (inEpoch + 1) / this.#stepsPerEpoch;
    const samples = (epoch - 1 + share) * this.plan.rows;
    this.#draw(epoch, share, this.#lossSum / (inEpoch + 1), (1000 * samples) / (now - this.#start));
  };

  /** For `fit`'s onEpoch. */
  readonly epoch = (report: EpochReport): void => {
    const { epoch, loss, accuracy, validationAccuracy, seconds } = report;
    this.#accuracy = [accuracy, validationAccuracy]
      .map((share, i) => (share === undefined ? '' : `  ${['train', 'test'][i]} ${percent(share)}`))
      .join('');
    const speed = this.plan.rows / seconds;
    if (this.output.isTTY) this.#draw(epoch, 1, loss, speed);
    else this.output.write(`${this.#counted(epoch)}${this.#figures(loss, speed)}\n`);
  };

  /** Ends the rewritten line, so that the next output starts on a new one. */
  finish(): void {
    if (this.output.isTTY) this.output.write('\n');
  }

  #draw(epoch: number, share: number, loss: number, speed: number): void {
    const columns = (this.output.columns || COLUMNS) - 1;
    const counted = this.#counted(epoch);
    const figures = this.#figures(loss, speed);
    const room = columns - counted.length - figures.length - 2;
    const bar = Math.max(NARROWEST_BAR, Math.min(WIDEST_BAR, room));
    const full = Math.round(share * bar);
    const line = `${counted}  ${'█'.repeat(full)}${'░'.repeat(bar - full)}${figures}`;
    // A line longer than the terminal is wide would wrap, and only its last part be rewritten.
    this.output.write(`\r${line.slice(0, columns)}${CLEAR_TO_END}`);
  }

  #counted(epoch: number): string {
    const total = String(this.plan.epochs);
    return `epoch ${String(epoch).padStart(total.length)}/${total}`;
  }

  #figures(loss: number, speed: number): string {
    return `  loss ${loss.toFixed(4)}${this.#accuracy}  ${Math.round(speed).toLocaleString('en')} samples/s`;
  }
}
