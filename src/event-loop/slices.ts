/** Long work on a thread that has an event loop, cut into slices so that whatever waits there gets its turn between them. */

/** Milliseconds a slice should take: half of a page's frame. */
export const SLICE_MILLISECONDS = 8;
/**
 * Elements that are gone through between two looks at the clock: a fraction of a millisecond where they are copied or compared, about one
 * where a function is called for each.
 */
export const PIECE = 2 ** 17;

/**
 * Work that may be left for a while wherever it yields, and comes to a result. It may say how many milliseconds it expects to take until it
 * yields again, where that is much of a slice; whoever goes on with it looks at the clock.
 */
export type Work<T> = Generator<number | undefined, T, void>;

/** Does all of it at once. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Work that is under way in slices, and that anybody may bring to its end at once. */
export class Task<T> {
  readonly #work: Work<T>;
  #result: { readonly value: T } | undefined;

  constructor(work: Work<T>) {
    this.#work = work;
  }

  /** The rest of the work. */
  *rest(): Work<T> {
    while (!this.#result) {
      const { done, value } = this.#work.next();
      if (done) this.#result = { value };
      else yield value;
    }
    return this.#result.value;
  }
}

function* until<T>(stopped: () => boolean, work: Work<T>): Work<T | undefined> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (stopped()) return undefined;
    yield value;
  }
}

/** The slices of one thread. All work of the thread shares them: work that begins right after other work belongs to the same slice. */
export class Slices {
  readonly #now: () => number;
  readonly #turn: () => Promise<void>;
  /** Undefined before any work: to ask for the time loads a module of Node's. */
  #began: number | undefined;
  readonly #urgent = new Set<Promise<void>>();

  /** `turn` resolves in a later task of the event loop. */
  constructor(now: () => number, turn: () => Promise<void>) {
    this.#now = now;
    this.#turn = turn;
  }

  /** Lets the event loop turn if the slice is over, or will be before work of `expected` milliseconds is done. */
  async breathe(expected = 0): Promise<void> {
    this.#began ??= this.#now();
    if (this.#isOver(expected)) await this.turn();
  }

  /** Lets the event loop turn, though the slice may not be over. */
  async turn(): Promise<void> {
    await this.#turn();
    this.#began = this.#now();
  }

  /** Makes fits wait between two of their calls to a backend, until the function that it returns is called. */
  hurry(): () => void {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#urgent.add(ended);
    return () => {
      this.#urgent.delete(ended);
      end();
    };
  }

  /** As `breathe`, and waits for what is urgent then, but not for what becomes urgent meanwhile: nothing waits for ever. */
  async giveWay(): Promise<void> {
    await this.breathe();
    if (this.#urgent.size > 0) await Promise.all(this.#urgent);
  }

  /** Does the work; the event loop turns whenever a slice is over. */
  async run<T>(work: Work<T>): Promise<T> {
    this.#began ??= this.#now();
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      if (this.#isOver(value ?? 0)) await this.breathe(value ?? 0);
    }
  }

  /** As `run`, until `stopped()` where the work could be left: then the rest is left undone, and there is no result. */
  async runUnless<T>(stopped: () => boolean, work: Work<T>): Promise<T | undefined> {
    return this.run(until(stopped, work));
  }

  #isOver(expected: number): boolean {
    return this.#now() - (this.#began as number) + expected >= SLICE_MILLISECONDS;
  }
}

/** Those of this thread. */
export const slices = new Slices(() => performance.now(), nextTask);

/** [start, end) of each run of at most `size` among `length`. */
export function pieces(length: number, size = PIECE): Iterable<readonly [start: number, end: number]> {
  // Small batches are one: a generator takes longer than to look at their numbers.
  return length > 0 && length <= size ? [[0, length]] : several(length, size);
}

function* several(length: number, size: number): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < length; start += size) yield [start, Math.min(start + size, length)];
}

/**
 * Resolves in a later task of the event loop, so that waiting tasks run first. By the quickest way that the runtime has: browsers hold
 * nested timers back for some milliseconds, but not messages, and older Workers have neither messages nor `setImmediate`.
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else if (typeof MessageChannel === 'function') viaMessage(resolve);
    else setTimeout(resolve, 0);
  });
}

function viaMessage(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(undefined);
}
