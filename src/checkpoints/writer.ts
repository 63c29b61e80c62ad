/** Writes files one after the other while a fit goes on. */

type Job = () => Promise<void>;

export class Writer {
  #running: Promise<void> | undefined;
  /** The kinds of jobs that are not done, each with the one that waits, or undefined where it is the one that runs. */
  readonly #jobs = new Map<string, Job | undefined>();
  #error: unknown;

  /** @param failed Called with the error of each file; one that it throws is thrown by the next `check`. */
  constructor(readonly failed: (error: unknown) => void) {}

  /** Whether a job of a kind runs or waits. */
  isBusy(kind: string): boolean {
    return this.#jobs.has(kind);
  }

  /** Does a job now, or in its turn: in place of another of its kind that waits. */
  start(kind: string, job: Job): void {
    this.#jobs.set(kind, job);
    this.#running ??= this.#run();
  }

  /** Resolves once all jobs are done. Throws what `check` does. */
  async finish(): Promise<void> {
    while (this.#running) await this.#running;
    this.check();
  }

  /** Throws the error that a job ended with, once. */
  check(): void {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }

  async #run(): Promise<void> {
    for (let next = this.#next(); next; next = this.#next()) {
      const [kind, job] = next;
      this.#jobs.set(kind, undefined);
      await job().catch((error: unknown) => this.#note(error));
      // Behind other kinds, if another one waits by now.
      const waiting = this.#jobs.get(kind);
      this.#jobs.delete(kind);
      if (waiting) this.#jobs.set(kind, waiting);
    }
    this.#running = undefined;
  }

  #next(): [kind: string, job: Job] | undefined {
    for (const [kind, job] of this.#jobs) if (job) return [kind, job];
    return undefined;
  }

  #note(error: unknown): void {
    try {
      this.failed(error);
    } catch (thrown) {
      this.#error ??= thrown;
    }
  }
}
