/**
 * A network's weights as the network owns them: parameters, optimiser state and how far training has come. Sessions work on copies
 * and hand back what is good, so an error, an abort or a lost session never costs a model.
 */
import type { Backend, Elements, Session } from '../backends/backend.ts';
import { atOnce } from '../callbacks.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Graph, Initializer } from '../graph/graph.ts';
import { count } from '../ops/shape.ts';
import type { Program, Slot } from '../program/format.ts';
import { normalFrom } from '../random/normal.ts';
import { PURPOSE, RandomStream } from '../random/philox.ts';
import type { PlateauState } from '../schedules.ts';
import { finish, slices, Task, type Work } from '../slices.ts';

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
  /** Steps of the fit behind it. */
  readonly iteration: number;
}

/** Where a fit finds the network's values and leaves new ones. */
export interface FitMemory extends Snapshot {
  /** Called before the values are changed where they lie: who reads them little by little reads the rest at once. */
  beforeChange(): void;
}

export class Weights {
  /** What reads the values in slices. */
  readonly #readers = new Set<Task<unknown>>();
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

  /** Does work that reads the values as they are now, parameters and optimiser state, in slices. */
  async read<T>(work: Work<T>): Promise<T> {
    const task = new Task(work);
    this.#readers.add(task);
    try {
      return await slices.run(task.rest());
    } finally {
      this.#readers.delete(task);
    }
  }

  /** Called before values are changed where they lie, or freed, and in the same turn of the event loop: what reads them ends. */
  beforeChange(): void {
    for (const task of this.#readers) finish(task.rest());
  }

  /** Takes over new values of some parameters, converted to the backend's elements. */
  set(values: Iterable<readonly [string, ArrayLike<number>]>): void {
    this.beforeChange();
    for (const [name, elements] of values) {
      const own = this.backend.allocate(elements.length);
      own.set(elements);
      this.#values.set(name, own);
    }
    this.version++;
  }

  /**
   * What a fit begins with, in the network's own memory: the parameters, and the state that the program keeps of them, `before` or zeros.
   * Who changes the arrays says so by `beforeChange` and `changed`.
   */
  fitMemory(program: Program, before: OptimizerState | undefined): FitMemory {
    const state = [...program.state].map(([name, slot]): [string, Elements] => {
      const values = before?.values.get(name);
      if (values?.BYTES_PER_ELEMENT === this.backend.elementBytes) return [name, values];
      const own = this.backend.allocate(count(slot.shape));
      if (values) own.set(values);
      return [name, own];
    });
    return { parameters: new Map(this.#values), state: new Map(state), iteration: 0, beforeChange: () => this.beforeChange() };
  }

  /** To be called in the same turn of the event loop as the values changed. */
  changed(optimizer: OptimizerState | undefined): void {
    this.optimizer = optimizer;
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
    const values = atOnce(
      'initializer',
      initialize(shape, () => stream.uniform(), normalFrom(stream)),
    );
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

/** A copy of a snapshot, in the arrays of another one of the same fit where that is given. */
export function copySnapshot({ parameters, state, iteration }: Snapshot, memory?: Snapshot): Snapshot {
  return { parameters: copyValues(parameters, memory?.parameters), state: copyValues(state, memory?.state), iteration };
}

function copyValues(values: ReadonlyMap<string, Elements>, memory: ReadonlyMap<string, Elements> = new Map()): Map<string, Elements> {
  const copy = ([name, from]: readonly [string, Elements]): [string, Elements] => {
    const to = memory.get(name);
    to?.set(from);
    return [name, to ?? from.slice()];
  };
  return new Map([...values].map(copy));
}

/** Throws DataError where a parameter holds NaN, infinity or what becomes infinite in the backend's elements. */
export function checkParameter(where: string, name: string, values: ArrayLike<number>, backend: Backend): void {
  const i = backend.firstNotFinite(values);
  if (i >= 0)
    throw new DataError(
      `${where}: expected finite values${backend.elementBytes === 4 ? ' within the range of float32' : ''} in ${name}, got ${values[i]}`,
    );
}
