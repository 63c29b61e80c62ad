/** Predictions that wait for their turn off the caller's thread: what waits while one batch is computed is the next one. */
import type { Elements } from '../backends/backend.ts';
import type { PreparedSamples } from '../data/samples.ts';
import { slices } from '../event-loop/slices.ts';

/** Predictions of more rows than this are made in pieces. */
export const LARGEST_BATCH = 256;

/** After so many requests that came alone, the event loop turns for one in `RARELY`. */
const PATIENCE = 16;
const RARELY = 64;

/** The part of the network that computes. */
export interface Answering {
  /** The most rows of several requests that are computed together; 1 where each is computed alone. */
  readonly together: number;
  /** The predictions of each head, for each of the requests. */
  answer(batch: readonly PreparedSamples[], probabilities: boolean): Promise<readonly Elements[][]>;
}

interface Request {
  readonly samples: Promise<PreparedSamples>;
  readonly probabilities: boolean;
  /** The samples once they are prepared. */
  ready: PreparedSamples | undefined;
  resolve(predictions: Elements[]): void;
  reject(error: unknown): void;
}

export class Requests {
  readonly #network: Answering;
  /** In the order of the calls. */
  readonly #waiting: Request[] = [];
  #together: number | undefined;
  #isServing = false;
  /** Batches of one request since the last of several. */
  #alone = 0;

  constructor(network: Answering) {
    this.#network = network;
  }

  /** Takes a turn now, though the samples may be ready later. Nobody else uses them. Their error is the request's alone. */
  add(samples: Promise<PreparedSamples>, probabilities: boolean): Promise<Elements[]> {
    return new Promise((resolve, reject) => {
      // Where the network cannot be traced, the first request says so, and none waits.
      this.#together ??= this.#network.together;
      const request: Request = { samples, probabilities, ready: undefined, resolve, reject };
      this.#waiting.push(request);
      samples.then(
        (ready) => {
          request.ready = ready;
        },
        (error: unknown) => {
          this.#waiting.splice(this.#waiting.indexOf(request), 1);
          reject(error);
        },
      );
      if (!this.#isServing) this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#waiting.length > 0) {
      // A fit in this process takes no further steps before the batch is answered.
      const release = slices.hurry();
      try {
        await this.#serveBatch(release);
      } finally {
        release();
      }
    }
    this.#isServing = false;
  }

  /** A caller that awaits each answer alone does not wait for a turn each time: that takes longer than a small prediction. */
  get #expectsOthers(): boolean {
    return this.#alone < PATIENCE || this.#alone % RARELY === 0;
  }

  /** @param release Called where the batch takes so long that nobody should wait for it. */
  async #serveBatch(release: () => void): Promise<void> {
    const together = this.#together as number;
    // Requests that have arrived by now are read in this turn of the event loop: short batches are computed on this thread, where nothing
    // arrives meanwhile.
    if (together > 1 && this.#expectsOthers) await slices.turn();
    const first = this.#waiting.at(0);
    if (first && !first.ready) {
      release();
      await first.samples.catch(() => undefined);
    }
    const batch = this.#nextBatch(together);
    if (rowsOf(batch) > together) release();
    this.#alone = batch.length > 1 ? 0 : this.#alone + 1;
    await this.#answer(batch);
  }

  /** Requests from the first on, as many as are ready and fit. The first one is whole, whatever its size. */
  #nextBatch(together: number): Request[] {
    const [first] = this.#waiting;
    let count = 0;
    let rows = 0;
    for (const { ready, probabilities } of this.#waiting) {
      if (!ready || probabilities !== first.probabilities || (count > 0 && rows + ready.rows > together)) break;
      count++;
      rows += ready.rows;
    }
    return this.#waiting.splice(0, count);
  }

  async #answer(batch: readonly Request[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const samples = batch.map(({ ready }) => ready as PreparedSamples);
      const answers = await this.#network.answer(samples, batch[0].probabilities);
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i]);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

const rowsOf = (batch: readonly Request[]) => batch.reduce((rows, { ready }) => rows + (ready?.rows ?? 0), 0);
