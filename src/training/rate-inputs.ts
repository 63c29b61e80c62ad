/** The inputs of a step's program that hold learning rates. */
import type { Session } from '../backends/backend.ts';
import { learningRateInput } from '../model/graphs.ts';

export class RateInputs {
  #written: readonly number[] = [];

  constructor(readonly session: Session) {}

  /** Puts each group's rate into the arena, where it is not there yet. */
  write(rates: readonly number[]): void {
    if (rates === this.#written) return;
    rates.forEach((rate, group) => {
      const slot = this.session.program.inputs.get(learningRateInput(group));
      if (slot && rate !== this.#written[group]) this.session.write(slot, [rate]);
    });
    this.#written = rates;
  }
}
