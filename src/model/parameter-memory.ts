/** Memory of a network's parameters, which several may use: the network, predictions under way, a fit that may go back to them. */
import type { SharedElements } from '../backends/backend.ts';

export class ParameterMemory {
  #users = 1;

  /** For its first user. */
  constructor(readonly elements: SharedElements) {}

  /** Whether others than its first user use it. */
  get isShared(): boolean {
    return this.#users > 1;
  }

  /** To be called by a further user, who releases it in the end. */
  use(): this {
    this.#users++;
    return this;
  }

  /** Once for each user; the last one frees it. */
  release(): void {
    if (--this.#users === 0) this.elements.dispose();
  }
}
