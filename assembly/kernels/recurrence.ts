/** A recurrence as its kernels are given it. */
import { meetOthers } from '../meeting';

/**
 * The sizes of a recurrence, the order of its steps, and which units this thread computes: all of them, or its part of those that threads
 * compute together.
 */
@unmanaged
export class Recurrence {
  first: i32;
  count: i32;
  rows: i32;
  steps: i32;
  units: i32;
  reverse: i32;
  /** Absent: 0. */
  mask: usize;
  /** Every `truncate`-th step passes no δ to the step before; 0: all do. */
  truncate: i32;

  /** Where row b's i-th step stands among all rows' steps. */
  @inline
  place(b: i32, i: i32): usize {
    return <usize>b * this.steps + (this.reverse ? this.steps - 1 - i : i);
  }

  /** Bytes from the start of a sequence of `gates` gates to them. */
  @inline
  gatesAt(b: i32, i: i32, gates: i32): usize {
    return (this.place(b, i) * gates * this.units) << 2;
  }

  /** The same to this thread's units of the first gate. */
  @inline
  at(b: i32, i: i32, gates: i32): usize {
    return this.gatesAt(b, i, gates) + (<usize>this.first << 2);
  }

  /** Bytes to this thread's units of one state for each row. */
  @inline
  stateAt(b: i32): usize {
    return (<usize>b * this.units + this.first) << 2;
  }

  @inline
  isMasked(b: i32, i: i32): bool {
    return this.mask != 0 && load<f32>(this.mask + (this.place(b, i) << 2)) == 0;
  }

  @inline
  cuts(i: i32): bool {
    return this.truncate > 0 && i > 0 && i % this.truncate == 0;
  }

  /** This thread's units of what row b's i-th step begins with; 0: zeros. */
  @inline
  before(b: i32, i: i32, states: usize, initial: usize): usize {
    if (i > 0) return states + this.at(b, i - 1, 1);
    return initial ? initial + this.stateAt(b) : 0;
  }

  /** What each thread has computed is read by all from here on. False where one has failed. */
  @inline
  meet(): bool {
    return this.count == this.units || meetOthers();
  }
}

/** What a Recurrence takes, in whole cache lines. */
export const RECURRENCE_BYTES: usize = (offsetof<Recurrence>() + 63) & ~63;
