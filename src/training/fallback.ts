/** The state that a diverging fit leaves the network with: of the states that it published and its start, the one with the lowest loss. */
import type { Snapshot } from '../model/weights.ts';

/** NaN is no better than infinity. */
const finite = (loss: number) => (Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss);

/** A state that nothing changes before it is freed, which is once. */
export interface KeptState extends Snapshot {
  free(): void;
}

/** A state that the network has. */
export interface PublishedState extends Snapshot {
  /** Keeps it as it is now, with the optimiser's state or without: the network's next states come to other memory. */
  keep(hasState: boolean): KeptState;
}

/** A state, and the mean loss of the steps that were taken from it up to the next one published. */
interface Judged {
  readonly state: KeptState;
  readonly loss: number;
}

/**
 * States that the network has left: the start, and the best since, judged by the losses of training. They are kept when the network leaves them, so
 * a fit that publishes nothing before its end keeps none. Where it diverges, these and the last state published are measured.
 */
export class Fallback {
  #start: Judged | undefined;
  #best: Judged | undefined;
  #last: KeptState | undefined;
  #sum = 0;
  #steps = 0;

  /** @param hasState Whether the fit begins with optimiser state. State that has only begun is not worth keeping. */
  constructor(readonly hasState: boolean) {}

  /** A step's loss, which is finite. */
  note(loss: number): void {
    this.#sum += loss;
    this.#steps++;
  }

  /** To be called before another state is published. */
  leave(published: PublishedState): void {
    const loss = this.#steps ? this.#sum / this.#steps : Number.POSITIVE_INFINITY;
    this.#sum = this.#steps = 0;
    if (!this.#start) this.#start = { state: published.keep(this.hasState), loss };
    else if (loss < (this.#best ?? this.#start).loss) {
      this.#best?.state.free();
      this.#best = { state: published.keep(true), loss };
    }
  }

  /** To be called in place of `leave` once training has diverged. */
  leaveLast(published: PublishedState): void {
    if (this.#start) this.#last = published.keep(true);
    else this.leave(published);
  }

  dispose(): void {
    for (const state of this.states) state.free();
    this.#start = this.#best = this.#last = undefined;
  }

  /** The start, the best since and the last, as far as they are known. */
  get states(): readonly KeptState[] {
    return [this.#start?.state, this.#best?.state, this.#last].filter((state) => state !== undefined);
  }

  /**
   * The state to go back to: the start, unless another has a lower loss. `measure` gives the loss of a state over the training data. Where
   * it fails (memory is short), no state is known to be better than the start.
   */
  async choose(measure: (state: Snapshot) => Promise<number>): Promise<Snapshot> {
    const start = this.#start?.state as Snapshot;
    const others = [this.#best?.state, this.#last].filter((state) => state !== undefined);
    let chosen = start;
    try {
      let lowest = others.length ? finite(await measure(start)) : 0;
      for (const state of others) {
        const loss = finite(await measure(state));
        if (loss < lowest) [chosen, lowest] = [state, loss];
      }
    } catch {
      return start;
    }
    return chosen;
  }
}
