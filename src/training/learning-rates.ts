/** Learning rates of a fit's groups. */
import { checkRange, type Numeric } from '../data/finite-numbers.ts';
import { isConstant, rateAt } from '../schedules.ts';
import type { FitSettings } from './fit-settings.ts';
import type { Timeline } from './timeline.ts';

export class LearningRates {
  readonly #bases: readonly number[];
  readonly #isConstant: boolean;
  /** What each rate of the schedule is multiplied by, and the least that makes of it. */
  #factor = 1;
  #minimum = 0;

  constructor(
    readonly settings: Pick<FitSettings, 'optimizer' | 'groups' | 'schedule'>,
    readonly timeline: Pick<Timeline, 'at'>,
    readonly numeric: Numeric,
  ) {
    const { optimizer, groups, schedule } = settings;
    this.#bases = [optimizer.learningRate, ...(groups ?? []).map((group) => group.learningRate ?? optimizer.learningRate)];
    this.#isConstant = isConstant(schedule);
  }

  /** From now on each rate of the schedule times a factor, but no less than `minimum`, or than the schedule says where that is less. */
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
      // Towards zero a schedule may go as far as it likes.
      if (rate > 1) checkRange(`schedule: the rate of step ${step + 1}`, rate, this.numeric);
      return rate;
    });
  }
}
