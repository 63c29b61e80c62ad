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

/** What is known of a source besides its kind and its name. */
export interface SourceFacts {
  /** Parameters: how to begin. Constants: the elements themselves. */
  readonly initial?: Initializer | Float64Array;
  /** Of a parameter: whether the loss's gradient changes it. A layer's state, a running mean say, is changed by assignment alone. */
  readonly trainable?: boolean;
  /** Whether training leaves it as it is. */
  readonly frozen?: boolean;
  /** The names of the layer that owns it and of those around that layer, the outermost first. */
  readonly layer?: readonly string[];
  /** Its name within its layer, or the kind of an optimiser's state. */
  readonly ownName?: string;
  /** For an input: its kind of elements. Default numbers. */
  readonly elements?: ElementKind;
}

/** A value that no operation makes. */
export class Source {
  readonly initial: SourceFacts['initial'];
  readonly trainable: boolean;
  readonly frozen: boolean;
  readonly layer: readonly string[];
  readonly ownName: string;

  constructor(
    readonly kind: SourceKind,
    readonly name: string,
    { initial, trainable = true, frozen = false, layer = [], ownName = name }: SourceFacts = {},
  ) {
    this.initial = initial;
    this.trainable = trainable;
    this.frozen = frozen;
    this.layer = layer;
    this.ownName = ownName;
  }
}
