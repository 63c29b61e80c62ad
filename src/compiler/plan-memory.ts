/**
 * Gives every value its place in the arena. Parameters come first and contiguous, then optimiser state, gradients, constants and inputs,
 * none of which overlap. The other values share the rest by their live ranges: a result takes over the memory of an operand that dies
 * there, where the op allows it, and buffers that are never alive together overlap.
 */

import { ShapeError } from '../errors.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import type { Source } from '../graph/source.ts';
import { arenaElements } from '../ops/bfloat16.ts';
import { count, resolve } from '../ops/shape.ts';
import { ALIGNMENT, type Slot } from '../program/format.ts';
import type { ParameterLayout } from '../program/parameter-layout.ts';
import type { Scheduled } from './scheduled.ts';

/** Values that share one buffer. */
export interface Group {
  readonly values: GraphValue[];
  /** Elements at the largest batch. */
  size: number;
  /** The live range: positions in the schedule. */
  from: number;
  to: number;
  /** Sources, gradients and constants are never overwritten by another value. */
  persistent: boolean;
  offset: number;
}

export interface MemoryPlan {
  readonly groups: readonly Group[];
  readonly arenaSize: number;
  readonly unplannedSize: number;
  groupOf(value: GraphValue): Group;
  slot(value: GraphValue): Slot;
}

const FOREVER = Number.MAX_SAFE_INTEGER;
/** Programs address the arena by 32-bit offsets. */
const LARGEST_ARENA = 2 ** 31 - 1;

/** The next offset at which a buffer may start. */
function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** Parameters that `layout` names lie where it says. */
export function planMemory(graph: Graph, schedule: readonly Scheduled[], maximumRows: number, layout: ParameterLayout): MemoryPlan {
  const groups = new Grouping(graph, schedule, maximumRows);
  const persistent = groups.layOutPersistent(layout);
  const arenaSize = layOutTransient(
    groups.all.filter((group) => !group.persistent),
    persistent,
  );
  if (arenaSize > LARGEST_ARENA) {
    throw new ShapeError(
      `expected at most ${LARGEST_ARENA} elements of memory, got ${arenaSize} at ${maximumRows} rows: a smaller batch or smaller layers would fit`,
    );
  }
  return {
    groups: groups.all,
    arenaSize,
    unplannedSize: groups.unplannedSize(),
    groupOf: (value) => groups.of(value),
    slot: (value) => ({
      offset: groups.of(value).offset,
      shape: value.shape,
      ...(value.elements !== 'number' && { elements: value.elements }),
      ...(value.source?.kind === 'state' && initialOf(value.source)),
    }),
  };
}

/** The elements that an optimiser's state begins with, where they are not 0. */
function initialOf({ initial }: Source): Pick<Slot, 'initial'> | undefined {
  return typeof initial === 'object' && initial.type === 'constant' ? { initial: initial.value } : undefined;
}

/** Largest first, each at the lowest place that is free during its live range. */
function layOutTransient(groups: readonly Group[], start: number): number {
  const placed: Group[] = [];
  let end = start;
  for (const group of [...groups].sort((a, b) => b.size - a.size || a.from - b.from)) {
    const rivals = placed.filter((other) => other.from <= group.to && group.from <= other.to).sort((a, b) => a.offset - b.offset);
    let offset = start;
    for (const rival of rivals) {
      if (rival.offset - offset >= group.size) break;
      offset = Math.max(offset, align(rival.offset + rival.size));
    }
    group.offset = offset;
    placed.push(group);
    end = Math.max(end, align(offset + group.size));
  }
  return end;
}

/** Decides which values share memory, walking the schedule once. */
class Grouping {
  readonly #groups = new Map<GraphValue, Group>();
  readonly #lastUse = new Map<GraphValue, number>();
  readonly #pins: ReadonlySet<GraphValue>;
  readonly #outputs: ReadonlySet<GraphValue>;

  constructor(
    readonly graph: Graph,
    readonly schedule: readonly Scheduled[],
    readonly maximumRows: number,
  ) {
    this.#pins = new Set(graph.gradients.values());
    this.#outputs = new Set(graph.outputs.values());
    schedule.forEach(({ inputs }, position) => {
      for (const input of inputs) if (input) this.#lastUse.set(input, position);
    });
    for (const value of [...graph.outputs.values(), ...graph.gradients.values()]) this.#lastUse.set(value, FOREVER);
    for (const value of this.#sources()) this.#open(value, -1, true);
    schedule.forEach((operation, position) => {
      this.#placeOutputs(operation, position);
    });
  }

  get all(): Group[] {
    return [...new Set(this.#groups.values())];
  }

  of(value: GraphValue): Group {
    return this.#groups.get(value) as Group;
  }

  unplannedSize(): number {
    return [...this.#groups.keys()].reduce((total, value) => total + align(this.#size(value)), 0);
  }

  /** Returns where the transient part begins. */
  layOutPersistent({ offsets, size }: ParameterLayout): number {
    let end = size;
    for (const [name, value] of this.graph.parameters) this.of(value).offset = offsets.get(name) ?? -1;
    const place = (value: GraphValue) => {
      const group = this.of(value);
      if (group.offset >= 0) return;
      group.offset = end;
      end = align(end + group.size);
    };
    for (const value of this.#sources()) if (value.source?.kind === 'parameter') place(value);
    for (const value of stateByKind(this.graph)) place(value);
    for (const value of this.graph.gradients.values()) place(value);
    for (const value of this.#sources()) place(value);
    return end;
  }

  #sources(): GraphValue[] {
    const { parameters, state, kept, carried, constants, lists, inputs } = this.graph;
    return [
      ...parameters.values(),
      ...state.values(),
      ...kept.values(),
      ...carried.values(),
      ...constants.values(),
      ...lists.values(),
      ...inputs.values(),
    ];
  }

  #size(value: GraphValue): number {
    return arenaElements(value.elements, resolve(count(value.shape), this.maximumRows));
  }

  #placeOutputs(operation: Scheduled, position: number): void {
    for (const output of operation.outputs) {
      if (output.source) continue;
      const shared = this.#takenOver(operation, output, position);
      if (shared) this.#join(shared, output);
      else this.#open(output, position, this.#pins.has(output));
    }
  }

  /** The group whose memory the output can have: a view's operand, or an operand that dies here where the op allows it. */
  #takenOver(operation: Scheduled, output: GraphValue, position: number): Group | undefined {
    const { op } = operation;
    const pinned = this.#pins.has(output);
    // An output is read after the updates: it must not be a view of what they change.
    const own = pinned || this.#outputs.has(output);
    const allowed = operation.inPlace(output);
    for (const input of allowed) {
      if (this.#size(input) !== this.#size(output) || count(input.shape) !== count(output.shape)) continue;
      const group = this.of(input);
      const dies = group.to <= position && this.#isReadInPlace(operation, group, allowed);
      if (group.persistent ? op.view && !own : dies || (op.view && !pinned)) return group;
    }
    return undefined;
  }

  /** Whether an output may lie in the place of each of the operands that lie there: one value may be several of them. */
  #isReadInPlace({ inputs }: Scheduled, group: Group, allowed: readonly GraphValue[]): boolean {
    return inputs.every((input) => !input || this.of(input) !== group || allowed.includes(input));
  }

  #open(value: GraphValue, from: number, persistent: boolean): void {
    const to = persistent ? FOREVER : Math.max(from, this.#lastUse.get(value) ?? from);
    this.#groups.set(value, { values: [value], size: this.#size(value), from, to, persistent, offset: -1 });
  }

  #join(group: Group, value: GraphValue): void {
    group.values.push(value);
    group.to = Math.max(group.to, this.#lastUse.get(value) ?? group.from);
    group.persistent ||= this.#pins.has(value);
    if (group.persistent) group.to = FOREVER;
    this.#groups.set(value, group);
  }
}

/** State of one kind side by side, so that one update instruction can run over all parameters. */
export function stateByKind(graph: Graph): GraphValue[] {
  const byKind = new Map<string | undefined, GraphValue[]>();
  for (const value of graph.state.values()) {
    const kind = value.source?.ownName;
    byKind.set(kind, [...(byKind.get(kind) ?? []), value]);
  }
  return [...byKind.values()].flat();
}
