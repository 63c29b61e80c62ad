/** The worker's side: sessions of the WASM backend that do what the page's sessions are told. */
import { messageOf, StateError } from '../../errors.ts';
import { slices } from '../../event-loop/slices.ts';
import { isWritten } from '../../ops/spec.ts';
import { instructions, type Program, type Slot } from '../../program/format.ts';
import { sentError } from '../../sent-errors.ts';
import type { Backend, DataBinding, Place, Session, SessionNow, SharedElements } from '../backend.ts';
import { wasmBackend } from '../wasm/backend.ts';
import type { StartHelper } from '../wasm/helper.ts';
import {
  type BindingPiece,
  type BindingPlan,
  type FromWorker,
  type Opening,
  type PlaceKey,
  type Ran,
  type SharedValues,
  type Start,
  slotsOf,
  type ToSession,
  type ToWorker,
} from './messages.ts';

/** Tells the page. */
export type Tell = (message: FromWorker, transfer: ArrayBufferLike[]) => void;

/**
 * What hears the page's messages, the first of which has the kernels. `startHelper` starts the threads of a run; default: Web Workers, where
 * there are any.
 */
export function hostFor(tell: Tell, startHelper?: StartHelper): (message: unknown) => void {
  let host: Host | undefined;
  return (message) => {
    try {
      if (host) host.receive(message as ToWorker);
      else {
        const { module, cores } = message as Start;
        host = new Host(wasmBackend(module, { start: startHelper, cores }), tell);
      }
    } catch (error) {
      tell({ error: sentError(error) }, []);
    }
  };
}

class Host {
  /** An error is why there is no memory for them. */
  readonly #elements = new Map<number, SharedElements | Error>();
  readonly #sessions = new Map<number, HostedSession>();

  constructor(
    readonly backend: Backend,
    readonly tell: Tell,
  ) {}

  receive(message: ToWorker): void {
    if (message.type === 'shared') this.#fill(message);
    else if (message.type === 'free') this.#free(message.elements);
    else this.#sessionOf(message).receive(message);
  }

  /** The parameters of a number. Throws BackendError where memory was short for them. */
  shared(elements: number): SharedElements {
    const found = this.#elements.get(elements);
    if (!found) throw new StateError('these parameters are disposed');
    if (found instanceof Error) throw found;
    return found;
  }

  #fill({ elements, length, start, values }: SharedValues): void {
    let found = this.#elements.get(elements);
    if (!found) {
      try {
        found = this.backend.reserve(length);
      } catch (error) {
        found = error instanceof Error ? error : new Error(messageOf(error));
      }
      this.#elements.set(elements, found);
    }
    if (!(found instanceof Error)) found.view(start, values.length).set(values);
  }

  #free(elements: number): void {
    const found = this.#elements.get(elements);
    this.#elements.delete(elements);
    if (found && !(found instanceof Error)) found.dispose();
  }

  #sessionOf({ session: id, type }: ToSession): HostedSession {
    let session = this.#sessions.get(id);
    if (!session) {
      session = new HostedSession(this);
      this.#sessions.set(id, session);
    }
    if (type === 'dispose') this.#sessions.delete(id);
    return session;
  }
}

/** One session. Messages that come while it runs or copies wait, but for those that end that. */
class HostedSession {
  #session: Session | undefined;
  #slots: readonly Slot[] = [];
  #shared: SharedElements | undefined;
  #writesShared = false;
  #binding: DataBinding | undefined;
  /** Of a message that has no answer: the next question's answer. That of the opening is the answer to all. */
  #failure: unknown;
  #isBusy = false;
  #isDisposed = false;
  #waiting: ToSession[] = [];
  /** Waiting runs that the page has cancelled. */
  readonly #cancelled = new Set<ToSession>();

  constructor(readonly host: Host) {}

  receive(message: ToSession): void {
    if (message.type === 'cancel') this.#cancel();
    else if (message.type === 'dispose') this.#dispose();
    else if (this.#isBusy) this.#waiting.push(message);
    else this.#do(message);
  }

  #do(message: ToSession): void {
    try {
      const work = this.#begin(message);
      if (work) this.#await(work, message);
    } catch (error) {
      this.#fails(message, error);
    }
  }

  /** A promise of what takes turns of the event loop. */
  #begin(message: ToSession): Promise<void> | undefined {
    if (message.type === 'open') return this.#open(message);
    if (message.type === 'plan') return this.#plan(message);
    if (message.type === 'piece') return this.#take(message);
    if ('call' in message && this.#failure !== undefined) throw this.#failure;
    const session = this.#opened();
    switch (message.type) {
      case 'share':
        this.#shared = this.host.shared(message.elements);
        session.share(this.#shared);
        return;
      case 'write':
        session.write(this.#placeOf(message.to), message.values, message.start);
        return;
      case 'bind':
        return this.#bind(session);
      case 'unbind':
        session.unbind();
        return;
      case 'read': {
        const answer = (session.now as SessionNow).read(this.#placeOf(message.from), message.length, message.start);
        this.host.tell({ call: message.call, answer }, [answer.buffer]);
        return;
      }
      case 'nonFinite':
        this.host.tell({ call: message.call, answer: (session.now as SessionNow).firstNonFinite(message.runs) }, []);
        return;
      case 'run':
        return this.#run(session, message);
      default:
        return;
    }
  }

  #open({ program, seed, settings, elements }: Opening): undefined {
    this.#shared = elements === undefined ? undefined : this.host.shared(elements);
    this.#session = this.host.backend.with(settings).open(program, seed, this.#shared);
    this.#slots = slotsOf(program);
    this.#writesShared = writesShared(program);
  }

  #opened(): Session {
    if (this.#isDisposed) throw new StateError('this session is disposed');
    // Where it did not open, the opening's failure is what a question is told.
    if (!this.#session) throw this.#failure;
    return this.#session;
  }

  #plan({ columns, type: _, ...data }: BindingPlan): undefined {
    const arrays = columns.map(({ width, isIndex }) => ({
      width,
      data: isIndex ? new Int32Array(width * data.rows) : new Float32Array(width * data.rows),
    }));
    this.#binding = { columns: arrays, ...data };
  }

  #take({ column, start, values }: BindingPiece): undefined {
    this.#binding?.columns[column].data.set(values, start);
  }

  async #bind(session: Session): Promise<void> {
    const data = this.#binding;
    this.#binding = undefined;
    if (data) await slices.run(session.binding(data));
  }

  async #run(session: Session, message: ToSession & { readonly type: 'run' }): Promise<void> {
    const done = this.#cancelled.delete(message) ? 0 : await session.run(message.run);
    if (this.#isDisposed) throw new StateError('this session is disposed');
    const records = done > 0 ? (session.now as SessionNow).records(done) : new Float64Array(0);
    const shared = this.#writesShared ? this.#shared?.view(0, this.#shared.length).slice() : undefined;
    const answer: Ran = { done, records, shared };
    this.host.tell({ call: message.call, answer }, shared ? [records.buffer, shared.buffer] : [records.buffer]);
  }

  async #await(work: Promise<void>, message: ToSession): Promise<void> {
    this.#isBusy = true;
    try {
      await work;
    } catch (error) {
      this.#fails(message, error);
    }
    this.#isBusy = false;
    while (!this.#isBusy && this.#waiting.length > 0) this.#do(this.#waiting.shift() as ToSession);
  }

  /** Tells the page of an error, or keeps it for the next question. */
  #fails(message: ToSession, error: unknown): void {
    if (!('call' in message)) {
      this.#failure ??= error;
      return;
    }
    if (this.#session) this.#failure = undefined;
    this.host.tell({ call: message.call, error: sentError(error) }, []);
  }

  #cancel(): void {
    for (const message of this.#waiting) if (message.type === 'run') this.#cancelled.add(message);
    if (this.#isBusy) this.#session?.cancel();
  }

  /** What waits is answered by StateError. */
  #dispose(): void {
    this.#isDisposed = true;
    this.#session?.dispose();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.#fails(message, new StateError('this session is disposed'));
  }

  #placeOf(key: PlaceKey): Place {
    return typeof key === 'string' ? key : this.#slots[key];
  }
}

/** Whether an instruction writes parameters that sessions share. */
function writesShared(program: Program): boolean {
  const { sharedSize = 0 } = program;
  if (sharedSize === 0) return false;
  const isShared = (offset: number) => offset >= 0 && offset < sharedSize;
  return [...instructions(program)].some(({ op, operands }) =>
    Object.entries(op.operands).some(([name, role]) => isWritten(role) && isShared(operands[name])),
  );
}
