/**
 * A network's weights as the network owns them: parameters, optimiser state and how far training has come. Sessions work on copies
 * and hand back what is good, so an error, an abort or a lost session never costs a model.
 */
import type { Backend, Elements, SharedElements } from '../backends/backend.ts';
import type { Progress } from '../clock.ts';
import { DataError, OptionError, ShapeError } from '../errors.ts';
import { finish, pieces, slices, Task, type Work } from '../event-loop/slices.ts';
import { type TensorLike, toDense } from '../nested.ts';
import { count, formatShape, resolve } from '../ops/shape.ts';
import { averagedParameter, averageState } from '../optimizers/average.ts';
import { checkName, describe } from '../options.ts';
import type { Program, Slot } from '../program/format.ts';
import type { ParameterLayout } from '../program/parameter-layout.ts';
import { NamedTensors, tensorOver } from '../tensor.ts';
import { ParameterMemory } from './parameter-memory.ts';
import type { TrainingState } from './training-state.ts';

/** Elements that are copied in well below a millisecond. */
const VISITED_AT_ONCE = 2 ** 18;

/** A consistent copy of everything that training changes. */
export interface Snapshot {
  readonly parameters: ReadonlyMap<string, Elements>;
  readonly state: ReadonlyMap<string, Elements>;
  readonly progress: Progress;
}

/** Where a network's parameters lie, and other memory for them. */
export interface ParameterPlaces {
  /** The memory that the network has. */
  readonly current: ParameterMemory;
  /** Memory of the same size, zeroed, as the backend reserves it or in that other way. Throws BackendError where memory is short. */
  reserve(how?: Backend['reserve']): ParameterMemory;
  /** Views of what lies in one, by default in the network's, to be used at once. */
  views(memory?: SharedElements): ReadonlyMap<string, Elements>;
  /** Called before the values are changed. Readers under way keep the old ones, and they may lie elsewhere afterwards. */
  beforeChange(): void;
  /** The network's parameters are those of that memory from now on: whoever used it leaves it to the network, which releases what it had. */
  move(memory: ParameterMemory): void;
}

/** The network's values, as a fit finds them and leaves new ones. */
export interface FitMemory extends Omit<Snapshot, 'parameters'> {
  readonly weights: ParameterPlaces;
  /** Memory that layers hand from one step to the next, by name. */
  readonly carried: ReadonlyMap<string, Elements>;
  /** Those of its arrays, of state and carried memory, that hold what the program's places begin with in a new session. */
  readonly begun: ReadonlySet<Elements>;
}

export class Weights implements ParameterPlaces {
  /** Work that reads the values in slices. */
  readonly #readers = new Set<Task<unknown>>();
  /** Of a trainer: brings the values up to its last step. */
  latest: (() => void) | undefined;
  /** Rises with every change, so that a session knows whether its prepared values are current. */
  version = 0;
  /** Undefined before the first fit. */
  training: TrainingState | undefined;
  /** Parameters that training leaves as they are. */
  readonly frozen = new Set<string>();
  #current: ParameterMemory;

  /** Parameters are zero at first. Throws BackendError where memory is short. */
  constructor(
    /** Parameter shapes in the order in which the layers made them. */
    readonly shapes: ReadonlyMap<string, readonly number[]>,
    readonly layout: ParameterLayout,
    readonly backend: Backend,
  ) {
    this.#current = this.reserve();
  }

  get current(): ParameterMemory {
    return this.#current;
  }

  /** Where the parameters lie: sessions may read them there, those that take turns of the event loop while they `hold` them. */
  get memory(): SharedElements {
    return this.#current.elements;
  }

  /** To be called before somebody reads what training changes, so that it is that of the last step. Throws DivergedError where that has spoilt it. */
  refresh(): void {
    this.latest?.();
  }

  /** A view, to be used at once. */
  get(name: string): Elements {
    return this.#view(name, this.memory);
  }

  #view(name: string, memory: SharedElements): Elements {
    return memory.view(this.layout.offsets.get(name) as number, count(this.shapes.get(name) as readonly number[]));
  }

  /** Copies of all of them. */
  tensors(): NamedTensors {
    return new NamedTensors([...this.shapes].map(([name, shape]) => [name, tensorOver([...shape], this.get(name).slice())]));
  }

  /** Views of all of them, as they are or as they were when `memory` was theirs; to be used at once. */
  views(memory = this.memory): Map<string, Elements> {
    return new Map([...this.shapes.keys()].map((name) => [name, this.#view(name, memory)]));
  }

  /**
   * Keeps the parameters as they are now for a reader that takes turns of the event loop: a change meanwhile changes a copy, which the
   * network has from then on. Returns the function that releases them.
   */
  hold(): () => void {
    const held = this.#current.use();
    return () => held.release();
  }

  /** Does work that reads the parameters and takes turns of the event loop: they are not freed before it ends. */
  async whileHeld<T>(use: () => Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      return await use();
    } finally {
      release();
    }
  }

  /**
   * Called before values are changed where they lie, or freed, and in the same turn of the event loop: readers in slices read the rest at
   * once, and holders of the parameters keep them.
   */
  beforeChange(): void {
    this.#finishReaders();
    if (!this.#current.isShared) return;
    const { memory } = this;
    const copy = this.reserve();
    copy.elements.view(0, memory.length).set(memory.view(0, memory.length));
    this.move(copy);
  }

  #finishReaders(): void {
    for (const task of this.#readers) finish(task.rest());
  }

  reserve(how = this.backend.reserve): ParameterMemory {
    return new ParameterMemory(how(this.layout.size));
  }

  move(memory: ParameterMemory): void {
    this.#finishReaders();
    this.#current.release();
    this.#current = memory;
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

  /** Takes over new values of some parameters, converted to the backend's elements. */
  set(values: Iterable<readonly [string, ArrayLike<number>]>): void {
    this.beforeChange();
    for (const [name, elements] of values) {
      this.get(name).set(elements);
      this.#forgetTrained(name);
    }
    this.version++;
  }

  /** Takes the parameters of a network of the same layers, and which of them are frozen. */
  copy(other: Weights): void {
    this.set(other.views());
    for (const name of other.frozen) this.frozen.add(name);
  }

  /** Where the parameter is an average, training goes on with what it is set to. */
  #forgetTrained(name: string): void {
    if (!this.training?.values.has(averageState(name))) return;
    const values = new Map(this.training.values);
    values.delete(averageState(name));
    this.training = { ...this.training, values };
  }

  /**
   * The values that a fit begins with, in the network's memory: the parameters, the optimiser's state, and the memory of layers within an
   * unfinished epoch, `before` or what they begin with. Whoever changes the arrays calls `beforeChange` and `changed`.
   */
  fitMemory(program: Program, before: TrainingState | undefined, progress: Progress): FitMemory {
    const begun = new Set<Elements>();
    const own = (slots: ReadonlyMap<string, Slot>, known: ReadonlyMap<string, Elements> | undefined) =>
      new Map([...slots].map(([name, slot]) => [name, this.#own(name, slot, program.maximumRows, begun, known?.get(name))]));
    return {
      weights: this,
      state: own(program.state, before?.values),
      carried: own(program.carried, before?.unfinished?.carried),
      ...{ begun, progress },
    };
  }

  /** The values themselves where the backend has their like; else a copy, or what they begin with, noted in `begun` if a session knows that too. */
  #own(name: string, slot: Slot, maximumRows: number, begun: Set<Elements>, values: Elements | undefined): Elements {
    if (values?.BYTES_PER_ELEMENT === this.backend.elementBytes) return values;
    const own = this.backend.allocate(resolve(count(slot.shape), maximumRows));
    if (values) own.set(values);
    else if (averagedParameter(name) !== undefined)
      beginState(name, own, slot, (parameter) => (this.shapes.has(parameter) ? this.get(parameter) : undefined));
    else {
      // A new array is zeros, and its pages take neither time nor room before something is written there.
      if (slot.initial) own.fill(slot.initial);
      begun.add(own);
    }
    return own;
  }

  /** To be called in the same turn of the event loop as the change. */
  changed(training: TrainingState | undefined): void {
    this.training = training;
    this.version++;
  }

  /** Frees the parameters once nobody holds them any more. */
  dispose(): void {
    this.#finishReaders();
    this.#current.release();
  }
}

/** Gives a state the elements that it has before the first step: those of its parameter where an average is kept of that. */
export function beginState(
  name: string,
  values: Elements,
  slot: Slot | undefined,
  parameterNamed: (name: string) => Elements | undefined,
): void {
  const averaged = averagedParameter(name);
  const parameter = averaged === undefined ? undefined : parameterNamed(averaged);
  if (parameter) values.set(parameter);
  else values.fill(slot?.initial ?? 0);
}

/** A copy of a snapshot, in the arrays of another one of the same fit where that is given. */
export function copySnapshot(snapshot: Snapshot, memory?: Snapshot): Snapshot {
  const { progress } = snapshot;
  const parameters = copyValues(snapshot.parameters, memory?.parameters);
  return { parameters, state: copyValues(snapshot.state, memory?.state), progress };
}

function copyValues(values: Snapshot['state'], memory: Snapshot['state'] | undefined): Map<string, Elements> {
  const copy = (name: string, from: Elements) => {
    const to = memory?.get(name) ?? emptyLike(from);
    to.set(from);
    return to;
  };
  return new Map([...values].map(([name, from]) => [name, copy(name, from)]));
}

const emptyLike = (values: Elements): Elements =>
  values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);

/**
 * Visits arrays of these lengths in order, piece by piece. After each yield, `renew` is called: where arrays are views, an allocation
 * meanwhile may have invalidated them.
 */
export function* inPieces(
  lengths: readonly number[],
  visit: (index: number, start: number, end: number) => void,
  renew: () => void,
): Work<void> {
  let seen = 0;
  for (const [index, length] of lengths.entries()) {
    for (const [start, end] of pieces(length, VISITED_AT_ONCE)) {
      if (seen + end - start > VISITED_AT_ONCE) {
        yield;
        renew();
        seen = 0;
      }
      visit(index, start, end);
      seen += end - start;
    }
  }
}

/** Throws DataError where a parameter holds NaN, infinity or what becomes infinite in the backend's elements. */
export function checkParameter(where: string, name: string, values: ArrayLike<number>, backend: Backend): void {
  const i = backend.firstNotFinite(values);
  if (i >= 0)
    throw new DataError(
      `${where}: expected finite values${backend.elementBytes === 4 ? ' within the range of float32' : ''} in ${name}, got ${values[i]}`,
    );
}

/** Parameters as callers give them. Throws OptionError for an unknown name, ShapeError for another shape, DataError for a value that is not finite. */
export function parametersFrom(where: string, parameters: unknown, { shapes, backend }: Weights): (readonly [string, ArrayLike<number>])[] {
  if (!(parameters instanceof Map)) throw new OptionError(`${where}: expected a Map from names to tensors, got ${describe(parameters)}`);
  return [...(parameters as ReadonlyMap<string, TensorLike>)].map(([name, value]) => {
    const expected = shapes.get(checkName(where, name, [...shapes.keys()])) as readonly number[];
    const { shape, data } = toDense(name, value);
    if (shape.join() !== expected.join())
      throw new ShapeError(`${where}: expected ${name} of shape ${formatShape(expected)}, got ${formatShape(shape)}`);
    checkParameter(where, name, data, backend);
    return [name, data] as const;
  });
}
