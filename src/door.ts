/** The door of a network: names what callers give without names to a stack of layers, and takes the names off its answers. */
import type { DataSet, Given, GivenData } from './data/samples.ts';
import type { NetworkModel } from './model/network-model.ts';
import type { TensorLike } from './nested.ts';
import { checkNames } from './options.ts';

/** One tensor, or for a network of named inputs and outputs one for each name. */
export type TensorOrNamed = TensorLike | { readonly [name: string]: TensorLike };

/** Data of a network of any kind. */
export type AnyDataSet = DataSet<TensorOrNamed, TensorOrNamed>;

export class Door {
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];

  /** @param isNamed Whether data and predictions go by the names of inputs and outputs; else there is one of each. */
  constructor(
    { inputs, heads }: NetworkModel,
    readonly isNamed: boolean,
  ) {
    this.#inputs = [...inputs.keys()];
    this.#outputs = heads.map(({ name }) => name);
  }

  /** Samples by the inputs' names. Throws DataError for other names. */
  samples(where: string, x: unknown): readonly Given[] {
    return this.#given(where, x, this.#inputs);
  }

  /** Samples by the inputs' names, targets by the outputs'. Throws DataError for other names. */
  data(where: string, data: DataSet<unknown, unknown>): GivenData {
    const { x, y } = checkNames<unknown>(where, data, ['x', 'y']);
    return { x: this.samples(`${where}.x`, x), y: this.#given(`${where}.y`, y, this.#outputs), tellsHeads: this.isNamed };
  }

  /** An answer to callers: one value, or one for each name. */
  told<T>(values: readonly (readonly [string, T])[]): unknown {
    return this.isNamed ? Object.fromEntries(values) : values[0][1];
  }

  #given(where: string, value: unknown, names: readonly string[]): readonly Given[] {
    if (!this.isNamed) return [{ where, value: value as TensorLike }];
    const given = checkNames<TensorLike>(where, value, names);
    return names.map((name) => ({ where: `${where}.${name}`, value: given[name] }));
  }
}
