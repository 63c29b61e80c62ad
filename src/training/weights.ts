/**
 * A network's weights as the network owns them: parameters, optimiser state and how far training has come. Sessions work on copies
 * and hand back what is good, so an error, an abort or a lost session never costs a model.
 */
import type { Backend, Elements, Session } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Graph, Initializer } from '../graph/graph.ts';
import { count } from '../ops/shape.ts';
import type { Slot } from '../program/format.ts';
import { normalFrom } from '../random/normal.ts';
import { PURPOSE, RandomStream } from '../random/philox.ts';
import type { PlateauState } from '../schedules.ts';

export interface OptimizerState {
  readonly type: string;
  /** By `kind/parameter`. */
  readonly values: ReadonlyMap<string, Elements>;
  /** Optimiser steps taken. */
  readonly steps: number;
  /** Epochs begun. */
  readonly epochs: number;
  /** What a schedule that watches training remembers. */
  readonly schedule?: PlateauState;
}

/** A consistent copy of everything that training changes. */
export interface Snapshot {
  readonly parameters: ReadonlyMap<string, Elements>;
  readonly state: ReadonlyMap<string, Elements>;
}

export class Weights {
  /** Rises with every change, so that a session knows whether its copy is current. */
  version = 0;
  optimizer: OptimizerState | undefined;
  /** Parameters that training leaves as they are. */
  readonly frozen = new Set<string>();
  readonly #values = new Map<string, Elements>();

  constructor(
    /** Parameter shapes in the order in which the layers made them. */
    readonly shapes: ReadonlyMap<string, readonly number[]>,
    readonly backend: Backend,
  ) {}

  get(name: string): Elements {
    return this.#values.get(name) as Elements;
  }

  /** Takes over new values of some parameters, converted to the backend's elements. */
  set(values: Iterable<readonly [string, ArrayLike<number>]>): void {
    for (const [name, elements] of values) {
      const own = this.backend.allocate(elements.length);
      own.set(elements);
      this.#values.set(name, own);
    }
    this.version++;
  }

  /** Writes the parameters into a session's arena, those that the network does not have from `prepared`. */
  load(session: Session, prepared?: ReadonlyMap<string, Elements>): void {
    for (const [name, slot] of session.program.parameters) session.write(slot.offset, prepared?.get(name) ?? this.get(name));
  }
}

/** The initial elements of every parameter of a graph: parameter i draws from stream i of the seed. */
export function initialValues(graph: Graph, seed: number): [string, Float64Array][] {
  return [...graph.parameters].map(([name, { shape, source }], i) => {
    const stream = new RandomStream(seed, PURPOSE.initialize, i);
    const initialize = source?.initial as Initializer;
    return [name, initialElements(name, shape, initialize, stream)];
  });
}

function initialElements(name: string, shape: readonly number[], initialize: Initializer, stream: RandomStream): Float64Array {
  try {
    const values = initialize(shape, () => stream.uniform(), normalFrom(stream));
    if (values?.length === count(shape)) return values;
    throw new ShapeError(`expected an initializer that gives ${count(shape)} elements, got ${values?.length}`);
  } catch (error) {
    if (error instanceof ShapeError) throw new ShapeError(`parameter ${name}: ${error.message}`, { cause: error });
    if (error instanceof RangeError)
      throw new ShapeError(`parameter ${name}: not enough memory for shape [${shape.join(', ')}]`, { cause: error });
    throw error;
  }
}

/** Copies the named slots out of a session. */
export function readSlots(session: Session, slots: ReadonlyMap<string, Slot>): Map<string, Elements> {
  return new Map([...slots].map(([name, slot]) => [name, session.read(slot.offset, count(slot.shape))]));
}

/** Copies values into the named slots. */
export function writeSlots(session: Session, slots: ReadonlyMap<string, Slot>, values: ReadonlyMap<string, Elements>): void {
  for (const [name, slot] of slots) {
    const value = values.get(name);
    if (value) session.write(slot.offset, value);
  }
}

export function allFinite(values: ReadonlyMap<string, Elements>): boolean {
  return [...values.values()].every(isFiniteArray);
}

/** A plain loop: weights are checked once a second, and there may be many millions. */
function isFiniteArray(values: Elements): boolean {
  for (let i = 0; i < values.length; i++) {
    // Infinity − Infinity and NaN − NaN are NaN.
    if (values[i] - values[i] !== 0) return false;
  }
  return true;
}

/** Throws DataError where a parameter holds NaN, infinity or what becomes infinite in the backend's elements. */
export function checkParameter(where: string, name: string, values: ArrayLike<number>, backend: Backend): void {
  const i = backend.firstNotFinite(values);
  if (i >= 0)
    throw new DataError(
      `${where}: expected finite values${backend.elementBytes === 4 ? ' within the range of float32' : ''} in ${name}, got ${values[i]}`,
    );
}
