/** Memory of the states of a fit: the one that the network has, those that are kept, and what is free for the next one. */
import type { Backend, Elements } from '../backends/backend.ts';
import type { ParameterMemory } from '../model/parameter-memory.ts';
import type { FitMemory, Snapshot } from '../model/weights.ts';
import type { KeptState } from './fallback.ts';

/** Memory for all that a state has. Whoever has it uses its parameters' memory. */
export interface StateMemory {
  readonly parameters: ParameterMemory;
  readonly state: ReadonlyMap<string, Elements>;
  readonly carried: ReadonlyMap<string, Elements>;
}

const NO_STATE: Snapshot['state'] = new Map();

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

  /** Keeps the network's state: its next one comes to other memory. */
  keep(progress: Snapshot['progress'], hasState: boolean): KeptState {
    const { weights } = this.network;
    const memory = this.#current();
    this.#isKept = true;
    return {
      get parameters() {
        return weights.views(memory.parameters.elements);
      },
      ...{ state: hasState ? memory.state : NO_STATE, progress, free: () => this.giveBack(memory) },
    };
  }

  /** Memory that nobody uses: for a state that the network moves to, or to be given back. Throws BackendError where memory is short. */
  take(): StateMemory {
    const i = this.#free.findIndex(({ parameters }) => !parameters.isShared);
    return i < 0 ? this.#make() : this.#free.splice(i, 1)[0];
  }

  giveBack(memory: StateMemory): void {
    if (this.#isDisposed) memory.parameters.release();
    else this.#free.push(memory);
  }

  /** Views of the parameters in memory that was taken, to be used at once. */
  parametersIn({ parameters }: StateMemory): ReadonlyMap<string, Elements> {
    return this.network.weights.views(parameters.elements);
  }

  /** The network has the state that was written to memory taken before. To be called in the same turn of the event loop as its `changed`. */
  move(memory: StateMemory): void {
    if (!this.#isKept) this.giveBack(this.#current());
    this.#isKept = false;
    this.network.weights.move(memory.parameters);
    this.#state = memory.state;
    this.#carried = memory.carried;
  }

  /** Frees what is free now or later. */
  dispose(): void {
    this.#isDisposed = true;
    for (const { parameters } of this.#free.splice(0)) parameters.release();
  }

  #current(): StateMemory {
    return { parameters: this.network.weights.current.use(), state: this.#state, carried: this.#carried };
  }

  #make(): StateMemory {
    const { weights } = this.network;
    const like = (values: ReadonlyMap<string, Elements>) =>
      new Map([...values].map(([name, { length }]) => [name, this.backend.allocate(length)]));
    const others = { state: like(this.#state), carried: like(this.#carried) };
    const made = { parameters: weights.reserve(), ...others };
    const views = weights.views(made.parameters.elements);
    for (const [name, values] of weights.views()) if (!this.trained.has(name)) views.get(name)?.set(values);
    return made;
  }
}
