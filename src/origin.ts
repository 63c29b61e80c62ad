/** The origin of a computation in a network's step: code decides by its fields; its text is for people. */

/** A part of a step besides the network itself. */
export type Part = 'count' | 'batch' | 'loss' | 'penalty' | 'record' | 'metrics' | 'clip' | 'accumulate' | 'state' | 'update' | 'measure';

export interface Origin {
  /** Empty within the network itself; of a part within another, the outer one first. */
  readonly parts: readonly Part[];
  /** The names of a layer and of those that it lies in, the outermost first; empty outside of layers. */
  readonly layer: readonly string[];
  /** Whether it hands δ back through what was computed there. */
  readonly backward: boolean;
}

export const NETWORK: Origin = { parts: [], layer: [], backward: false };

/** `2.0`, `loss`, `update.clip`, `2.0 backward`; empty for the network itself outside of layers. */
export function formatOrigin({ parts, layer, backward }: Origin): string {
  const where = (layer.length ? layer : parts).join('.');
  return backward ? `${where} backward`.trimStart() : where;
}
