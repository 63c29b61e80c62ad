/** Memory of the states of a fit: the one that the network has, those that are kept, and what is free for the next one. */
import type { Backend, Elements } from '../backends/backend.ts';
import { BackendError } from '../errors.ts';
import type { ParameterMemory } from '../model/parameter-memory.ts';
import type { FitMemory, Snapshot } from '../model/weights.ts';
import type { KeptState } from './fallback.ts';

/** Memory for all that a state has. Whoever has it uses its parameters' memory. */
export interface StateMemory {
  readonly parameters: ParameterMemory;
  readonly state: ReadonlyMap<string, Elements>;
  readonly carried: ReadonlyMap<string, Elements>;
}

export class StateMemories {
  #state: ReadonlyMap<string, Elements>;
  #carried: ReadonlyMap<string, Elements>;
  #isKept = false;
  #isDisposed = false;
  readonly #free: StateMemory[] = [];

  /** @param trained The parameters that each state writes anew. */
  constructor(
    readonly backend: Backend,
    readonly network: FitMemory,
    readonly trained: ReadonlySet<string>,
  ) {
    this.#state = network.state;
    this.#carried = network.carried;
  }

  /** The network's optimiser state. */
  get state(): ReadonlyMap<string, Elements> {
    return this.#state;
  }

  get carried(): ReadonlyMap<string, Elements> {
    return this.#carried;
  }

  /** Whether the network's state is kept, and must be written to no more. */
  get isKept(): boolean {
    return this.#isKept;
  }

  get hasFree(): boolean {
    return this.#free.some(({ parameters }) => !parameters.isShared);
  }

  /** Keeps the network's state: its next one comes to other memory. */
  keep(progress: Snapshot['progress']): KeptState {
    const { places } = this.network;
    const memory = this.#current();
    let isHeld = true;
    this.#isKept = true;
    return {
      get parameters() {
        return places.views(memory.parameters);
      },
      ...{ state: memory.state, progress },
      free: () => {
        if (isHeld) this.giveBack(memory);
        isHeld = false;
      },
    };
  }

  /** Memory that nobody uses: for a state that the network moves to, or to be given back. Throws BackendError where memory is short. */
  take(): StateMemory {
    const i = this.#free.findIndex(({ parameters }) => !parameters.isShared);
    return i >= 0 ? this.#free.splice(i, 1)[0] : this.#make();
  }

  /** `take` for who can do without: undefined where memory is short. */
  tryTake(): StateMemory | undefined {
    try {
      return this.take();
    } catch (error) {
      if (error instanceof BackendError || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  giveBack(memory: StateMemory): void {
    if (this.#isDisposed) memory.parameters.release();
    else this.#free.push(memory);
  }

  /** Views of the parameters in memory that was taken, to be used at once. */
  parametersIn({ parameters }: StateMemory): ReadonlyMap<string, Elements> {
    return this.network.places.views(parameters);
  }

  /** The network has the state that was written to memory taken before. To be called in the same turn of the event loop as its `changed`. */
  move(memory: StateMemory): void {
    if (!this.#isKept) this.giveBack(this.#current());
    this.#isKept = false;
    this.network.places.move(memory.parameters);
    memory.parameters.release();
    this.#state = memory.state;
    this.#carried = memory.carried;
  }

  /** Frees what is free now or later. */
  dispose(): void {
    this.#isDisposed = true;
    for (const { parameters } of this.#free.splice(0)) parameters.release();
  }

  #current(): StateMemory {
    return { parameters: this.network.places.current.use(), state: this.#state, carried: this.#carried };
  }

  #make(): StateMemory {
    const { places, parameters } = this.network;
    const like = (values: ReadonlyMap<string, Elements>) =>
      new Map([...values].map(([name, { length }]) => [name, this.backend.allocate(length)]));
    const others = { state: like(this.#state), carried: like(this.#carried) };
    const made = { parameters: places.reserve(), ...others };
    const views = places.views(made.parameters);
    for (const [name, values] of parameters) if (!this.trained.has(name)) views.get(name)?.set(values);
    return made;
  }
}
