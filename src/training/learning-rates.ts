/** Learning rates of a fit's groups, and what the network remembers of how far training came. */
import { checkRange, type Numeric } from '../data/finite-numbers.ts';
import type { Monitor } from '../metrics/monitors.ts';
import type { OptimizerState, Snapshot } from '../model/weights.ts';
import { isConstant, isWatching, type PlateauState, rateAt, type ScheduleConfig, watchPlateau } from '../schedules.ts';
import { defaultMonitor, type FitPlan } from './fit-options.ts';
import type { EpochReport } from './reports.ts';

/** Learning rates of all groups through a fit, and what the network remembers of how far it came. */
export class LearningRates {
  readonly #bases: readonly number[];
  readonly #isConstant: boolean;
  /** What reduceOnPlateau remembers. */
  plateau: PlateauState | undefined;

  constructor(
    readonly plan: FitPlan,
    readonly before: OptimizerState | undefined,
    readonly numeric: Numeric,
  ) {
    const { learningRate } = plan.optimizer;
    this.#bases = [learningRate, ...(plan.groups ?? []).map((group) => group.learningRate ?? learningRate)];
    this.plateau = this.isWatching ? before?.schedule : undefined;
    this.#isConstant = isConstant(plan.schedule);
  }

  get isWatching(): boolean {
    return isWatching(this.plan.schedule);
  }

  /** Asked after every epoch, which may be as short as a step. */
  at(iteration: number, stepsPerEpoch: number): readonly number[] {
    if (this.#isConstant) return this.#bases;
    const step = (this.before?.steps ?? 0) + iteration;
    const epoch = (this.before?.epochs ?? 0) + Math.floor(iteration / stepsPerEpoch);
    return this.#bases.map((base) => {
      const rate = rateAt(this.plan.schedule, { step, epoch }, base, this.plateau);
      // Towards zero a schedule may go as far as it likes.
      if (rate > 1) checkRange(`schedule: the rate of step ${step + 1}`, rate, this.numeric);
      return rate;
    });
  }

  watch(report: EpochReport): void {
    const schedule = this.plan.schedule as ScheduleConfig;
    const monitor = (schedule.monitor as Monitor | undefined) ?? defaultMonitor(this.plan);
    const value = report[monitor];
    if (value !== undefined) this.plateau = watchPlateau(schedule, monitor, value, this.plateau);
  }

  stateAfter({ state, iteration }: Snapshot, stepsPerEpoch: number): OptimizerState {
    return {
      type: this.plan.optimizer.type,
      values: new Map([...(this.before?.values ?? []), ...state]),
      steps: (this.before?.steps ?? 0) + iteration,
      epochs: (this.before?.epochs ?? 0) + Math.ceil(iteration / stepsPerEpoch),
      schedule: this.plateau,
    };
  }
}
