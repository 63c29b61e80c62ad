/** Learning rates of a fit's groups. */
import { checkRange, type Numeric } from '../data/finite-numbers.ts';
import { isConstant, rateAt } from '../schedules.ts';
import type { FitSettings } from './fit-settings.ts';
import type { Timeline } from './timeline.ts';

export class LearningRates {
  readonly #bases: readonly number[];
  readonly #isConstant: boolean;
  /** The factor of each rate of the schedule, and the least result. */
  #factor = 1;
  #minimum = 0;

  constructor(
    readonly settings: Pick<FitSettings, 'optimizer' | 'groups' | 'schedule'>,
    readonly timeline: Pick<Timeline, 'at'>,
    readonly numeric: Numeric,
  ) {
    const { optimizer, groups, schedule } = settings;
    this.#bases = [optimizer.learningRate, ...(groups?.list ?? []).map((group) => group.learningRate ?? optimizer.learningRate)];
    this.#isConstant = isConstant(schedule);
  }

  /** Multiplies each rate of the schedule by a factor from now on, down to `minimum`, or to the schedule's rate where that is less. */
  scale(factor: number, minimum: number): void {
    this.#factor = factor;
    this.#minimum = minimum;
  }

  /** Each group's rate at a step. Asked after every epoch, which may be as short as a step. */
  at(step: number): readonly number[] {
    if (this.#isConstant && this.#factor === 1) return this.#bases;
    const progress = this.timeline.at(step);
    return this.#bases.map((base) => {
      const scheduled = rateAt(this.settings.schedule, progress, base);
      const rate = this.#factor === 1 ? scheduled : Math.max(scheduled * this.#factor, Math.min(this.#minimum, scheduled));
      // A schedule's rates may become as small as it likes.
      if (rate > 1) checkRange(`schedule: the rate of step ${step + 1}`, rate, this.numeric);
      return rate;
    });
  }
}
