/** The layers of a graph and their paths. */
import { ShapeError } from '../errors.ts';

/** The fields of a layer's config that the graph reads. */
export interface LayerSettings {
  /** Its path in place of its number. */
  readonly name?: string;
  /** False: training changes neither its parameters and states nor those of layers within it. */
  readonly trainable?: boolean;
}

/** A layer in a graph of values V. */
export interface AppliedLayer<V> {
  readonly layer: object;
  /** Its name and those of the layers that it lies in, the outermost first. */
  readonly names: readonly string[];
  /** Everything that its uses have given. */
  readonly outputs: Set<V>;
}

export class AppliedLayers<V> {
  /** In the order of first use. */
  readonly byPath = new Map<string, AppliedLayer<V>>();
  readonly #paths = new Map<object, string>();
  /** Layers named so far within each path. */
  readonly #named = new Map<string, number>();

  /** The path of a layer that has been applied. */
  pathOf(layer: object): string | undefined {
    return this.#paths.get(layer);
  }

  /**
   * The layer's place, which its first use gives it: the next number within the path of the layers around it, or its name.
   *
   * @throws ShapeError where another layer has that name.
   */
  place(layer: object, around: readonly string[], name: string | undefined): AppliedLayer<V> {
    const known = this.byPath.get(this.#paths.get(layer) ?? '');
    if (known) return known;
    const within = around.join('.');
    const number = this.#named.get(within) ?? 0;
    this.#named.set(within, number + 1);
    const placed: AppliedLayer<V> = { layer, names: [...around, name ?? String(number)], outputs: new Set() };
    const path = placed.names.join('.');
    if (this.byPath.has(path)) throw new ShapeError(`expected the names of layers to differ, got ${path} twice`);
    this.byPath.set(path, placed);
    this.#paths.set(layer, path);
    return placed;
  }
}
