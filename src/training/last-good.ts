/** The last good state of a fit, which is what the network is while it runs. */
import type { Backend, Elements, Session, SessionNow } from '../backends/backend.ts';
import { finish, pieces, slices, type Work } from '../event-loop/slices.ts';
import { copySnapshot, type FitMemory, inPieces, type Snapshot } from '../model/weights.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Slot } from '../program/format.ts';

/** Values are looked at in pieces of so many elements at most. */
const PIECE = 2 ** 16;

/**
 * Parameters and optimiser state in one copy, the network's own memory. A session's values replace it as a whole, in one turn of the event
 * loop and only once all of them are known to be finite: whoever reads the network at any time finds a state that training went through.
 */
export class LastGood implements Snapshot {
  readonly state: ReadonlyMap<string, Elements>;
  readonly #memory: FitMemory;
  /** What layers hand to the next step: no part of the network, but of going on from here. */
  readonly #carried: ReadonlyMap<string, Elements>;
  #iteration: number;
  readonly #piece: Elements;

  /** What the memory holds, which `take` fills from then on. The session is told by `restore`. */
  constructor(
    readonly session: Session,
    readonly backend: Backend,
    memory: FitMemory,
  ) {
    this.#memory = memory;
    this.state = memory.state;
    const { carried, maximumRows } = session.program;
    this.#carried = new Map([...carried].map(([name, { shape }]) => [name, backend.allocate(resolve(count(shape), maximumRows))]));
    this.#iteration = memory.iteration;
    const largest = [...this.#places()].reduce((most, [, { length }]) => Math.max(most, length), 0);
    this.#piece = backend.allocate(Math.min(PIECE, largest));
  }

  /** Views, to be used at once. */
  get parameters(): ReadonlyMap<string, Elements> {
    return this.#memory.parameters;
  }

  get iteration(): number {
    return this.#iteration;
  }

  /**
   * Takes over what the session has come to in `iteration` steps, looking at the values little by little. Where some of it is not finite it
   * takes nothing, and gives false. The session is not to run meanwhile.
   */
  take(iteration: number): Promise<boolean> {
    const { now } = this.session;
    return now ? slices.run(this.#taking(now, iteration)) : this.#takeCopies(iteration);
  }

  *#taking(now: SessionNow, iteration: number): Work<boolean> {
    const sizes = [...this.#places()].map(([slot, { length }]) => [slot, length] as const);
    for (const [slot, length] of sizes) if (!(yield* this.#isFinite(now, slot, length))) return false;
    this.#memory.beforeChange();
    for (const [slot, values] of this.#places()) now.readInto(slot, values);
    this.#iteration = iteration;
    return true;
  }

  /** `#taking` from another device: all of it is here before the memory becomes it in one turn. */
  async #takeCopies(iteration: number): Promise<boolean> {
    const copies = await Promise.all([...this.#places()].map(([slot, { length }]) => this.session.read(slot, length)));
    for (const copy of copies) if (this.backend.firstNotFinite(copy) >= 0) return false;
    this.#memory.beforeChange();
    [...this.#places()].forEach(([, values], i) => {
      values.set(copies[i]);
    });
    this.#iteration = iteration;
    return true;
  }

  /** Becomes another state of the same fit. Optimiser state that it does not have is zero. */
  become(other: Snapshot): void {
    this.#memory.beforeChange();
    copySnapshot(other, this);
    for (const [name, values] of this.state) if (!other.state.has(name)) values.fill(0);
    this.#iteration = other.iteration;
  }

  /** Brings the session back to this state. */
  restore(): void {
    finish(this.restoring());
  }

  /** `restore`, little by little. Neither the session nor the state is to change meanwhile. */
  *restoring(): Work<void> {
    let places = [...this.#places()];
    yield* inPieces(
      places.map(([, { length }]) => length),
      (i, start, end) => this.session.write(places[i][0], places[i][1].subarray(start, end), start),
      () => {
        places = [...this.#places()];
      },
    );
  }

  /** What the session keeps, each with the array that holds a copy of it. */
  *#places(): Generator<readonly [Slot, Elements]> {
    const { parameters, state, carried } = this.session.program;
    const own = this.parameters;
    for (const [name, slot] of parameters) yield [slot, own.get(name) as Elements];
    for (const [name, slot] of state) yield [slot, this.state.get(name) as Elements];
    for (const [name, slot] of carried) yield [slot, this.#carried.get(name) as Elements];
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
