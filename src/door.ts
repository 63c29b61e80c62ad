/** The door of a network: names what callers give without names to a stack of layers, and takes the names off its answers. */
import { type ClassWeights, checkClassWeight } from './data/row-weights.ts';
import type { DataSet, Given, GivenData } from './data/samples.ts';
import type { NetworkModel } from './model/network-model.ts';
import type { TensorLike } from './nested.ts';
import { checkNames } from './options.ts';

/** One tensor, or for a network of named outputs one for each name. */
type TensorOrNamed = TensorLike | { readonly [name: string]: TensorLike };

/** Data of a network of any kind: of numbers, one tensor or one for each name, or of raw rows. */
export type AnyDataSet = DataSet<unknown, unknown>;

export class Door {
  readonly #preparation: NetworkModel['preparation'];
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];

  /** @param isNamed Whether data and predictions go by the names of inputs and outputs; else there is one of each. */
  constructor(
    { inputs, heads, preparation }: NetworkModel,
    readonly isNamed: boolean,
  ) {
    this.#preparation = preparation;
    this.#inputs = [...inputs.keys()];
    this.#outputs = heads.map(({ name }) => name);
  }

  /** Samples by the inputs' names; raw rows prepared. Throws DataError for other names, and rows that cannot be prepared. */
  samples(where: string, x: unknown): readonly Given[] {
    const prepared = this.#preparation?.samples(where, x);
    if (prepared) return this.#inputs.map((name) => ({ where, value: prepared.get(name) as TensorLike }));
    return this.#given(where, x, this.#inputs);
  }

  /** Samples by the inputs' names, targets and weights by the outputs'. Throws DataError for other names, OptionError for class weights. */
  data(where: string, data: DataSet<unknown, unknown>, classWeights?: ClassWeights): GivenData {
    const { x, y, weight } = checkNames<unknown>(where, data, ['x', 'y'], ['weight']);
    const rows = this.#some(`${where}.weight`, weight as TensorOrNamed | undefined, isTensor);
    const classes = this.#some(`${where}.classWeight`, classWeights, isClassWeight);
    return {
      x: this.samples(`${where}.x`, x),
      y: this.#targets(`${where}.y`, y),
      weights: this.#outputs.map((_, i) => ({
        rows: rows[i],
        classes: classes[i] && { ...classes[i], value: checkClassWeight(classes[i].where, classes[i].value) },
      })),
      tellsHeads: this.isNamed,
    };
  }

  /** An answer to callers: one value, or one for each name. */
  told<T>(values: readonly (readonly [string, T])[]): unknown {
    return this.isNamed ? Object.fromEntries(values) : values[0][1];
  }

  #targets(where: string, y: unknown): readonly Given[] {
    const given = this.#given(where, y, this.#outputs);
    const preparation = this.#preparation;
    if (!preparation) return given;
    return given.map((one, i) => ({ ...one, value: preparation.target(one.where, this.#outputs[i], one.value) as TensorLike }));
  }

  #given(where: string, value: unknown, names: readonly string[]): readonly Given[] {
    if (!this.isNamed) return [{ where, value: value as TensorLike }];
    const given = checkNames<TensorLike>(where, value, names);
    return names.map((name) => ({ where: `${where}.${name}`, value: given[name] }));
  }
  /** For each output what is given for all, or by its name, or nothing. */
  #some<T>(
    where: string,
    value: T | Readonly<Record<string, T>> | undefined,
    isOne: (value: unknown) => boolean,
  ): readonly ({ readonly where: string; readonly value: T } | undefined)[] {
    if (value === undefined) return this.#outputs.map(() => undefined);
    if (!this.isNamed || isOne(value)) return this.#outputs.map(() => ({ where, value: value as T }));
    const given = checkNames<T>(where, value, [], this.#outputs);
    return this.#outputs.map((name) => (given[name] === undefined ? undefined : { where: `${where}.${name}`, value: given[name] }));
  }
}

/** Whether it is one tensor, rather than several by name. */
const isTensor = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value) || ('shape' in value && 'data' in value);

const isClassWeight = (value: unknown): boolean => typeof value !== 'object' || value === null || Array.isArray(value);
