/** The last good state of a fit: the network's state while the fit runs. */
import type { Backend, Elements, OwnThreads, PlaceValues, Session, SessionNow } from '../backends/backend.ts';
import type { Progress } from '../clock.ts';
import { FormatError } from '../errors.ts';
import { type Either, either } from '../event-loop/either.ts';
import { finish, pieces, slices, type Work } from '../event-loop/slices.ts';
import { beginState, copySnapshot, type FitMemory, inPieces, type Snapshot } from '../model/weights.ts';
import { averagedParameter, averageState } from '../optimizers/average.ts';
import type { Slot } from '../program/format.ts';
import type { KeptState, PublishedState } from './fallback.ts';
import { StateMemories, type StateMemory } from './state-memories.ts';

/** The most elements of a piece that is checked at once. */
const PIECE = 2 ** 16;

/** States of more elements are copied to other memory than the network's, off its thread or in slices, where the fit goes on. */
export const COPIED_AT_ONCE = 2 ** 18;

/**
 * Parameters and optimiser state in the network's own memory. A session's values replace them as a whole, in one turn of the event loop and only
 * once all of them are known to be finite: a reader of the network always finds a state that training went through.
 */
export class LastGood implements PublishedState {
  readonly #network: FitMemory;
  readonly #memories: StateMemories;
  #progress: Progress;
  readonly #piece: Elements;
  /** Whether its values take long to copy. */
  readonly #isLarge: boolean;

  /** The content of the memory, which `take` fills from then on. `restore` gives it to the session. */
  constructor(
    readonly session: Session,
    readonly backend: Backend,
    memory: FitMemory,
  ) {
    this.#network = memory;
    this.#memories = new StateMemories(backend, memory, new Set(session.program.parameters.keys()));
    this.#progress = memory.progress;
    const lengths = [...this.#places()].map(([, { length }]) => length);
    this.#isLarge = lengths.reduce((sum, length) => sum + length, 0) > COPIED_AT_ONCE;
    this.#piece = backend.allocate(Math.min(PIECE, Math.max(0, ...lengths)));
  }

  /** Views, to be used at once. */
  get parameters(): ReadonlyMap<string, Elements> {
    return this.#network.weights.views();
  }

  get state(): ReadonlyMap<string, Elements> {
    return this.#memories.state;
  }

  /** Memory that layers hand to the next step: no part of the network, but needed to continue. */
  get carried(): ReadonlyMap<string, Elements> {
    return this.#memories.carried;
  }

  get progress(): Progress {
    return this.#progress;
  }

  keep(hasState: boolean): KeptState {
    return this.#memories.keep(this.#progress, hasState);
  }

  /**
   * Takes over the session's values if all are finite, else takes nothing and gives false. The session must not run meanwhile.
   *
   * @param goesOn Whether other states follow: then large ones are worth memory of their own, so that the event loop turns while they are copied.
   */
  take(progress: Progress, goesOn = false): Promise<boolean> {
    const { now, ownThreads } = this.session;
    if (!now) return this.#takeCopies(progress);
    if (goesOn && this.#isLarge && ownThreads?.copyFinite) return this.#takeAside(ownThreads.copyFinite, progress);
    return slices.run(this.#taking(now, progress));
  }

  /** `take`, at once or awaited. */
  takeEither(progress: Progress, goesOn: boolean): Either<boolean> {
    return either(
      () => finish(this.#taking(this.session.now as SessionNow, progress)),
      () => this.take(progress, goesOn),
    );
  }

  *#taking(now: SessionNow, progress: Progress): Work<boolean> {
    const sizes = [...this.#places()].map(([slot, { length }]) => [slot, length] as const);
    for (const [slot, length] of sizes) if (!(yield* this.#isFinite(now, slot, length))) return false;
    this.#beforeChange();
    for (const [slot, values] of this.#places()) now.readInto(slot, values);
    this.#progress = progress;
    return true;
  }

  /** By way of other memory than the network's, which then becomes the network's. */
  async #takeAside(copyFinite: NonNullable<OwnThreads['copyFinite']>, progress: Progress): Promise<boolean> {
    const memories = this.#memories;
    const memory = memories.take();
    let isTaken = false;
    try {
      isTaken = await copyFinite([...this.#placesOf(memories.parametersIn(memory), memory)]);
    } finally {
      if (!isTaken) memories.giveBack(memory);
    }
    if (!isTaken) return false;
    memories.move(memory);
    this.#progress = progress;
    return true;
  }

  /** The name of the first parameter or state that is not finite in the session. */
  *nameOfSpoilt(): Either<string | undefined> {
    const { program, now } = this.session;
    for (const [name, slot] of [...program.parameters, ...program.state]) {
      const values = yield* either(
        () => (now as SessionNow).read(slot),
        () => this.session.read(slot),
      );
      if (this.backend.firstNotFinite(values) >= 0) return name;
    }
    return undefined;
  }

  /** From another device: all of it is here before the network has it in one turn. */
  async #takeCopies(progress: Progress): Promise<boolean> {
    const copies = await Promise.all([...this.#places()].map(([slot, { length }]) => this.session.read(slot, length)));
    for (const copy of copies) if (this.backend.firstNotFinite(copy) >= 0) return false;
    this.#beforeChange();
    [...this.#places()].forEach(([, values], i) => {
      values.set(copies[i]);
    });
    this.#progress = progress;
    return true;
  }

  /** Before the network's values are written anew, in the same turn of the event loop: a state that is kept stays. */
  #beforeChange(): void {
    const { carried } = this;
    this.#memories.beforeChange();
    for (const [name, values] of this.carried) if (values !== carried.get(name)) values.set(carried.get(name) as Elements);
  }

  /**
   * Becomes another state. Optimiser state that it does not have begins anew; what this fit does not keep is left out, since an earlier one may have
   * had other options. Throws FormatError for a state of another network.
   */
  become(given: Snapshot): void {
    const other: Snapshot = {
      get parameters() {
        return given.parameters;
      },
      state: new Map([...given.state].filter(([name]) => this.state.has(name))),
      progress: given.progress,
    };
    if (!hasLikeArrays(other, this))
      throw new FormatError('fit: expected a state of this network to go back to, got other parameters or optimizer state');
    this.#beforeChange();
    copySnapshot(other, this);
    const { state } = this.session.program;
    for (const [name, values] of this.state)
      if (!other.state.has(name)) beginState(name, values, state.get(name), (parameter) => this.parameters.get(parameter));
    this.#progress = other.progress;
  }

  /** A copy, in the memory of another one where that has the same arrays. */
  copy(memory?: Snapshot): Snapshot {
    this.#network.weights.beforeChange();
    return copySnapshot(this, memory && hasLikeArrays(memory, this) ? memory : undefined);
  }

  /** Brings the session back to this state. */
  restore(): void {
    finish(this.restoring());
  }

  /** `restore` in slices. Neither the session nor the state may change meanwhile. */
  restoring(): Work<void> {
    return this.#writing(() => [...this.#places()]);
  }

  /** The first restoring. A new session has by itself what its places begin with. */
  beginning(isNew: boolean): Work<void> {
    const { begun } = this.#network;
    return this.#writing(() => [...this.#places()].filter(([, values]) => !(isNew && begun.has(values))));
  }

  *#writing(look: () => (readonly [Slot, Elements])[]): Work<void> {
    let places = look();
    yield* inPieces(
      places.map(([, { length }]) => length),
      (i, start, end) => this.session.write(places[i][0], places[i][1].subarray(start, end), start),
      () => {
        places = look();
      },
    );
  }

  /** Frees the memory that was for further states. */
  dispose(): void {
    this.#memories.dispose();
  }

  /** The places that the session keeps, each with the array that holds a copy of it. */
  #places(): Iterable<PlaceValues> {
    return this.#placesOf(this.parameters, this);
  }

  *#placesOf(own: ReadonlyMap<string, Elements>, kept: Pick<StateMemory, 'state' | 'carried'>): Generator<PlaceValues> {
    const { parameters, state, carried } = this.session.program;
    // Where averages of parameters are kept, the network has them as its parameters and the session as state.
    for (const [name, slot] of parameters) yield [slot, kept.state.get(averageState(name)) ?? (own.get(name) as Elements)];
    for (const [name, slot] of state) yield [slot, (own.get(averagedParameter(name) ?? '') ?? kept.state.get(name)) as Elements];
    for (const [name, slot] of carried) yield [slot, kept.carried.get(name) as Elements];
  }

  *#isFinite(now: SessionNow, slot: Slot, length: number): Work<boolean> {
    for (const [start, end] of pieces(length, this.#piece.length)) {
      if (start > 0) yield;
      const piece = this.#piece.subarray(0, end - start);
      now.readInto(slot, piece, start);
      if (this.backend.firstNotFinite(piece) >= 0) return false;
    }
    return true;
  }
}

/** Whether one snapshot's parameters are another's, and its state some of the other's, in number and length. */
function hasLikeArrays(one: Snapshot, other: Snapshot): boolean {
  const areAmong = (some: Snapshot['state'], all: Snapshot['state']) =>
    [...some].every(([name, { length }]) => all.get(name)?.length === length);
  return areAmong(one.state, other.state) && areAmong(one.parameters, other.parameters) && one.parameters.size === other.parameters.size;
}
