/** Counts of what a network has predicted. */

/** What a network has done since it was made, as `statistics` gives it. */
export interface NetworkStatistics {
  readonly predictions: {
    /** Calls of `predict` and `predictAsync` that were answered. */
    readonly calls: number;
    readonly rows: number;
    /** Runs of the compiled prediction: a call of many rows takes several, and a run may answer several calls. */
    readonly batches: number;
    /** Rows of a batch on average; 0 before the first. */
    readonly meanBatch: number;
    /** The time that batches took, on the caller's thread or off it. */
    readonly seconds: number;
  };
  readonly training: {
    /** Steps over the network's life, `progress.step`: those of a loaded file too. While a fit is running, of the weights that the network has. */
    readonly steps: number;
    /** Fits that have ended, those that failed or were aborted too. */
    readonly fits: number;
    /** The time that those fits took. */
    readonly seconds: number;
  };
}

export class Tally {
  #calls = 0;
  #rows = 0;
  #batches = 0;
  #milliseconds = 0;

  answered(calls: number, rows: number, batches: number, milliseconds: number): void {
    this.#calls += calls;
    this.#rows += rows;
    this.#batches += batches;
    this.#milliseconds += milliseconds;
  }

  get predictions(): NetworkStatistics['predictions'] {
    const [calls, rows, batches] = [this.#calls, this.#rows, this.#batches];
    return { calls, rows, batches, meanBatch: batches > 0 ? rows / batches : 0, seconds: this.#milliseconds / 1000 };
  }
}
