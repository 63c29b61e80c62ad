/** Memory of the states of a fit: the one that the network has, those that are kept, and what is free for the next one. */
import type { Backend, Elements } from '../backends/backend.ts';
import type { ParameterMemory } from '../model/parameter-memory.ts';
import type { FitMemory, Snapshot } from '../model/weights.ts';
import type { KeptState } from './fallback.ts';

/**
 * Memory for all that a state has. Whoever has it uses its parameters' memory. Where the backend reserves aside, the network never moves to other
 * memory than its own: no session could read its parameters there.
 */
export interface StateMemory {
  readonly parameters: ParameterMemory;
  readonly state: ReadonlyMap<string, Elements>;
  readonly carried: ReadonlyMap<string, Elements>;
}

const NO_STATE: Snapshot['state'] = new Map();

/** A kept state, which may come to other memory than it was kept in. */
interface Kept extends KeptState {
  moveTo(memory: StateMemory): void;
}

export class StateMemories {
  #state: ReadonlyMap<string, Elements>;
  #carried: ReadonlyMap<string, Elements>;
  /** The network's state, as each has it who keeps it. */
  readonly #kept = new Set<Kept>();
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

  /** Keeps the network's state: its next one comes to other memory. */
  keep(progress: Snapshot['progress'], hasState: boolean): KeptState {
    let memory = this.#current();
    const { weights } = this.network;
    const kept: Kept = {
      get parameters() {
        return weights.views(memory.parameters.elements);
      },
      get state() {
        return hasState ? memory.state : NO_STATE;
      },
      progress,
      moveTo(other) {
        memory.parameters.release();
        memory = other;
      },
      free: () => {
        if (this.#kept.delete(kept)) memory.parameters.release();
        else this.giveBack(memory);
      },
    };
    this.#kept.add(kept);
    return kept;
  }

  /**
   * Before the network's state is written anew, all of it, where it lies then: one that is kept stays as it is. To be called in the same turn of
   * the event loop. Throws BackendError where memory is short.
   */
  beforeChange(): void {
    const memory = this.#kept.size ? this.take() : undefined;
    if (!memory) this.network.weights.beforeChange();
    else if (this.backend.reserveAside) this.#setAside(memory);
    else this.move(memory);
  }

  /** The network stays in the memory of its parameters. Those who keep its state have a copy. */
  #setAside({ parameters, state, carried }: StateMemory): void {
    const { weights } = this.network;
    const copy = weights.views(parameters.elements);
    for (const [name, values] of weights.views()) copy.get(name)?.set(values);
    for (const kept of this.#kept) kept.moveTo({ parameters: parameters.use(), state: this.#state, carried: this.#carried });
    parameters.release();
    this.#kept.clear();
    weights.beforeChange();
    this.#state = state;
    this.#carried = carried;
  }

  /** Memory that nobody uses: for the next state or one that is kept, or to be given back. Throws BackendError where memory is short. */
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
    if (!this.#kept.size) this.giveBack(this.#current());
    this.#kept.clear();
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
    const made = { parameters: weights.reserve(this.backend.reserveAside), ...others };
    const views = this.parametersIn(made);
    for (const [name, values] of weights.views()) if (!this.trained.has(name)) views.get(name)?.set(values);
    return made;
  }
}
