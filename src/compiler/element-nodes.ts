/** What an element is computed of, and how much of it one step computes. */
import type { GraphValue } from '../graph/graph.ts';
import { type Call, type Formula, functionCount } from '../ops/compositions.ts';
import { ELEMENT_FUNCTIONS, type ElementFunction } from '../ops/element-functions.ts';
import type { Dim } from '../ops/spec.ts';

/** An input's element, a number, or a function of others. */
export type Node = InputNode | NumberNode | Computed;

export interface InputNode {
  readonly kind: 'input';
  readonly value: GraphValue;
}

/** `value`, divided by `count` where that depends on the batch. */
export interface NumberNode {
  readonly kind: 'number';
  readonly value: number;
  readonly count: Dim;
}

export interface Computed {
  readonly kind: 'computed';
  readonly function: ElementFunction;
  readonly sources: readonly Node[];
}

/** A composed function that computes a node from those sources, without the nodes that are joined. */
export interface Match {
  readonly function: ElementFunction;
  readonly sources: readonly Node[];
  readonly joined: readonly Computed[];
}

/** The composed functions, those of most functions first. */
const COMPOSED = ELEMENT_FUNCTIONS.flatMap((f) => (typeof f.formula === 'object' ? { function: f, formula: f.formula } : [])).toSorted(
  (a, b) => functionCount(b.formula) - functionCount(a.formula),
);

/** The composed function of most functions that computes a node, where nothing else reads what lies between. */
export function compositionOf(node: Computed, isReadOnce: (node: Node) => boolean): Match | undefined {
  for (const { function: f, formula } of COMPOSED) {
    const bound = bindCall(formula, node, { sources: [], joined: [] }, isReadOnce);
    if (bound) return { ...bound, function: f };
  }
  return undefined;
}

type Bound = Pick<Match, 'sources' | 'joined'>;

function bind(formula: Formula, node: Node, bound: Bound, isReadOnce: (node: Node) => boolean): Bound | undefined {
  if (typeof formula !== 'number') {
    if (node.kind !== 'computed' || !isReadOnce(node)) return undefined;
    return bindCall(formula, node, { ...bound, joined: [...bound.joined, node] }, isReadOnce);
  }
  const known = bound.sources[formula];
  if (known) return known === node ? bound : undefined;
  const sources = [...bound.sources];
  sources[formula] = node;
  return { ...bound, sources };
}

function bindCall({ function: name, of }: Call, node: Computed, bound: Bound, isReadOnce: (node: Node) => boolean): Bound | undefined {
  if (node.function.name !== name) return undefined;
  const bindAll = (nodes: readonly Node[]) =>
    of.reduce<Bound | undefined>((all, part, i) => all && bind(part, nodes[i], all, isReadOnce), bound);
  if (!node.function.isCommutative) return bindAll(node.sources);
  // Numbers last: loops know them there.
  const sources = node.sources[0].kind === 'number' ? node.sources.toReversed() : node.sources;
  return bindAll(sources) ?? bindAll(sources.toReversed());
}
