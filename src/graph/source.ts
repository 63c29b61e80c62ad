/** The sources of a graph, and the initial values of those that are parameters. */
import type { ElementKind } from '../ops/spec.ts';

/** Elements that the backend draws one by one: uniform between −limit and limit, or normal with mean 0. */
export type Distribution = { readonly type: 'uniform'; readonly limit: number } | { readonly type: 'normal'; readonly deviation: number };

/** Elements that are all the same. */
export interface Constant {
  readonly type: 'constant';
  readonly value: number;
}

/**
 * Makes a parameter's initial elements from uniform numbers in (0, 1) and normal ones. Long work is a generator that yields now and then.
 */
export type InitialElements = (
  shape: readonly number[],
  random: () => number,
  normal: () => number,
) => ArrayLike<number> | Generator<undefined, ArrayLike<number>>;

/** How a parameter begins. */
export type Initializer = Distribution | Constant | InitialElements;

export type SourceKind = 'input' | 'parameter' | 'state' | 'kept' | 'carried' | 'constant';

/** The properties of a source besides its kind and its name. */
export interface SourceFacts {
  /** Of a parameter: how it begins. */
  readonly initial?: Initializer;
  /** Of a constant: its value. */
  readonly constant?: number;
  /** Of a list of constants: its values. */
  readonly values?: readonly number[];
  /** Of a parameter: whether the loss's gradient changes it. A layer's state, a running mean say, is changed by assignment alone. */
  readonly trainable?: boolean;
  /** Whether training leaves it as it is. */
  readonly frozen?: boolean;
  /** The names of the layer that owns it and of those around that layer, the outermost first. */
  readonly layer?: readonly string[];
  /** Its name within its layer, or the kind of an optimiser's state. */
  readonly ownName?: string;
  /** Of an input or a state: its kind of elements. Default numbers. */
  readonly elements?: ElementKind;
}

/** The name of an optimiser's state: what it is, and the parameter that it belongs to unless it belongs to all of them. */
export const stateName = (kind: string, parameter: string | undefined) => (parameter === undefined ? kind : `${kind}/${parameter}`);

/** The arguments of `stateName`, read back from a name. */
export function stateNamed(name: string): { readonly kind: string; readonly parameter: string | undefined } {
  const end = name.indexOf('/');
  return end < 0 ? { kind: name, parameter: undefined } : { kind: name.slice(0, end), parameter: name.slice(end + 1) };
}

/** A value that no operation makes. */
export class Source {
  readonly initial: Initializer | undefined;
  readonly constant: number | undefined;
  readonly values: readonly number[] | undefined;
  readonly trainable: boolean;
  readonly frozen: boolean;
  readonly layer: readonly string[];
  readonly ownName: string;

  constructor(
    readonly kind: SourceKind,
    readonly name: string,
    { initial, constant, values, trainable = true, frozen = false, layer = [], ownName = name }: SourceFacts = {},
  ) {
    this.initial = initial;
    this.constant = constant;
    this.values = values;
    this.trainable = trainable;
    this.frozen = frozen;
    this.layer = layer;
    this.ownName = ownName;
  }
}
