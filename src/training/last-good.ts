/** The last good state of a fit: the network's state while the fit runs. */
import type { Backend, Elements, Session } from '../backends/backend.ts';
import type { Progress } from '../clock.ts';
import { FormatError } from '../errors.ts';
import { finish, pieces, type Work } from '../event-loop/slices.ts';
import { copySnapshot, type FitMemory, inPieces, type Snapshot } from '../model/weights.ts';

/** The most elements of a piece that is checked at once. */
const PIECE = 2 ** 16;

/**
 * Parameters and optimiser state in one copy, the network's own memory. A session's values replace it as a whole, in one turn of the event
 * loop and only once all of them are known to be finite: a reader of the network always finds a state that training went through.
 */
export class LastGood implements Snapshot {
  readonly state: ReadonlyMap<string, Elements>;
  readonly #memory: FitMemory;
  /** Memory that layers hand to the next step: no part of the network, but needed to continue. */
  readonly carried: ReadonlyMap<string, Elements>;
  #progress: Progress;
  readonly #piece: Elements;

  /** The content of the memory, which `take` fills from then on. `restore` gives it to the session. */
  constructor(
    readonly session: Session,
    readonly backend: Backend,
    memory: FitMemory,
  ) {
    this.#memory = memory;
    this.state = memory.state;
    this.carried = memory.carried;
    this.#progress = memory.progress;
    const largest = [...this.#places()].reduce((most, [, { length }]) => Math.max(most, length), 0);
    this.#piece = backend.allocate(Math.min(PIECE, largest));
  }

  /** Views, to be used at once. */
  get parameters(): ReadonlyMap<string, Elements> {
    return this.#memory.parameters;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Takes over the session's values if all are finite, else takes nothing and returns false. */
  take(progress: Progress): boolean {
    return finish(this.taking(progress));
  }

  /** `take` in slices. The session must not run meanwhile. */
  *taking(progress: Progress): Work<boolean> {
    const sizes = [...this.#places()].map(([offset, { length }]) => [offset, length] as const);
    for (const [offset, length] of sizes) if (!(yield* this.#isFinite(offset, length))) return false;
    this.#memory.beforeChange();
    for (const [offset, values] of this.#places()) this.session.readInto(offset, values);
    this.#progress = progress;
    return true;
  }

  /** Becomes another state. Optimiser state that it does not have is zero. Throws FormatError for a state of another network. */
  become(other: Snapshot): void {
    if (!hasLikeArrays(other, this))
      throw new FormatError('fit: expected a state of this network to go back to, got other parameters or optimizer state');
    this.#memory.beforeChange();
    copySnapshot(other, this);
    for (const [name, values] of this.state) if (!other.state.has(name)) values.fill(0);
    this.#progress = other.progress;
  }

  /** A copy, in the memory of another one where that has the same arrays. */
  copy(memory?: Snapshot): Snapshot {
    this.#memory.beforeChange();
    return copySnapshot(this, memory && hasLikeArrays(memory, this) ? memory : undefined);
  }

  /** Brings the session back to this state. */
  restore(): void {
    finish(this.restoring());
  }

  /** `restore` in slices. Neither the session nor the state may change meanwhile. */
  *restoring(): Work<void> {
    let places = [...this.#places()];
    yield* inPieces(
      places.map(([, { length }]) => length),
      (i, start, end) => this.session.write(places[i][0] + start, places[i][1].subarray(start, end)),
      () => {
        places = [...this.#places()];
      },
    );
  }

  /** Offsets in the arena, each with the array that holds a copy of the values there. */
  *#places(): Generator<readonly [number, Elements]> {
    const { parameters, state, carried } = this.session.program;
    const own = this.parameters;
    for (const [name, { offset }] of parameters) yield [offset, own.get(name) as Elements];
    for (const [name, { offset }] of state) yield [offset, this.state.get(name) as Elements];
    for (const [name, { offset }] of carried) yield [offset, this.carried.get(name) as Elements];
  }

  *#isFinite(offset: number, length: number): Work<boolean> {
    for (const [start, end] of pieces(length, this.#piece.length)) {
      if (start > 0) yield;
      const piece = this.#piece.subarray(0, end - start);
      this.session.readInto(offset + start, piece);
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
