/** The connection to a worker, on the page's side: it begins with its first user, and ends with the last. */
import { BackendError, messageOf, StateError } from '../../errors.ts';
import { finish, slices, Task, type Work } from '../../event-loop/slices.ts';
import { receivedError } from '../../sent-errors.ts';
import type { Answers, FromWorker, Question, Start, ToWorker } from './messages.ts';

/** A worker that runs `host.ts`. */
export interface WorkerPort {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends the worker at once. */
  end(): void;
  /** Whether the process must not end before the worker has answered; absent in pages, where that has no meaning. */
  hold?(isAwaited: boolean): void;
}

/** Hears a worker: what it tells, and that it has ended though nobody asked it to. */
export interface WorkerListener {
  told(message: unknown): void;
  failed(reason: string): void;
}

/** Starts a worker. Throws BackendError where this runtime cannot. */
export type StartWorker = (listener: WorkerListener) => WorkerPort;

interface Pending {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class WorkerLink {
  readonly #begin: StartWorker;
  readonly #first: Start;
  #port: WorkerPort | undefined;
  #failure: BackendError | undefined;
  #users = 0;
  #last = 0;
  readonly #pending = new Map<number, Pending>();
  /** What is being posted in slices. */
  readonly #sending = new Set<Task<void>>();
  /** Messages that wait for it. */
  #waiting: [message: ToWorker, transfer: ArrayBuffer[]][] = [];

  constructor(begin: StartWorker, first: Start) {
    this.#begin = begin;
    this.#first = first;
  }

  /** The reason for which every further call fails; undefined while there is none. */
  get failure(): BackendError | undefined {
    return this.#failure;
  }

  /** A number for another user, until `release`. Throws BackendError where the worker has failed or does not start. */
  hold(): number {
    if (this.#failure) throw this.#failure;
    this.#port ??= this.#open();
    this.#users++;
    return ++this.#last;
  }

  release(): void {
    if (--this.#users > 0) return;
    this.#end();
    this.#rejectAll(new StateError('this session is disposed'));
  }

  /** Throws BackendError where the worker has failed. */
  post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    if (this.#failure) throw this.#failure;
    if (this.#sending.size > 0) this.#waiting.push([message, transfer]);
    else this.postNow(message, transfer);
  }

  /** A message of work that is posted in slices. */
  postNow(message: ToWorker, transfer: ArrayBuffer[]): void {
    this.#port?.post(message, transfer);
  }

  /** Does work that makes and posts large messages, in slices: those of `post` wait for its end. Returns what does the rest at once. */
  postInSlices(work: Work<void>): () => void {
    if (this.#failure) throw this.#failure;
    const task = new Task(work);
    this.#sending.add(task);
    const end = () => {
      if (this.#sending.delete(task) && this.#sending.size === 0) this.#postWaiting();
    };
    slices.run(task.rest()).then(end, (error) => this.#sending.has(task) && this.#fail(messageOf(error)));
    return () => {
      finish(task.rest());
      end();
    };
  }

  #postWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [message, transfer] of waiting) this.postNow(message, transfer);
  }

  /** Ends the worker. What was to be sent to it is not sent to another. */
  #end(): void {
    this.#port?.end();
    this.#port = undefined;
    this.#sending.clear();
    this.#waiting = [];
  }

  /** The answer to a question. Rejects with the error of the worker's session, BackendError where the worker fails before it has answered. */
  async ask<Type extends Question['type']>(session: number, question: Question & { readonly type: Type }): Promise<Answers[Type]> {
    const call = ++this.#last;
    this.post({ session, call, ...question } as ToWorker);
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve: resolve as Pending['resolve'], reject });
      if (this.#pending.size === 1) this.#port?.hold?.(true);
    });
  }

  #open(): WorkerPort {
    let isCurrent = true;
    const port = this.#begin({
      told: (message) => isCurrent && this.#hear(message as FromWorker),
      failed: (reason) => isCurrent && this.#fail(reason),
    });
    port.post(this.#first, []);
    return {
      post: (message, transfer) => port.post(message, transfer),
      end: () => {
        isCurrent = false;
        port.end();
      },
      hold: (isAwaited) => port.hold?.(isAwaited),
    };
  }

  #hear({ call, answer, error }: FromWorker): void {
    if (call === undefined) {
      this.#fail(error?.message ?? 'it ended');
      return;
    }
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    if (this.#pending.size === 0) this.#port?.hold?.(false);
    if (error) pending?.reject(receivedError(error));
    else pending?.resolve(answer);
  }

  #fail(reason: string): void {
    this.#failure = new BackendError(`the worker that computes this network has failed: ${reason}`);
    this.#end();
    this.#rejectAll(this.#failure);
  }

  #rejectAll(error: Error): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }
}

/** What a worker holds for this thread, until it is freed or forgotten. */
export class Holding {
  readonly id: number;
  #isHeld = true;

  /** @param end The message that frees it in the worker. */
  constructor(
    readonly link: WorkerLink,
    readonly end: (id: number) => ToWorker,
  ) {
    this.id = link.hold();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (!this.link.failure) this.link.post(this.end(this.id));
    this.link.release();
  }
}

/** Older runtimes have no registry: there a worker lives on where a network was not disposed of. */
export const forgotten =
  typeof FinalizationRegistry === 'function' ? new FinalizationRegistry<Holding>((holding) => holding.release()) : undefined;
