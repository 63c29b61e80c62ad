/** Turns the schedule and the memory plan into a program's words. */

import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { OP_NAMES, TABLE_HASH } from '../ops/numbers.generated.ts';
import { isInTable, opId } from '../ops/registry.ts';
import { isResult, type OpSpec } from '../ops/spec.ts';
import { ABSENT, type Buffer, instructionWords, PROGRAM_VERSION, type Program, recordWidth, type Slot } from '../program/format.ts';
import { type Group, type MemoryPlan, stateByKind } from './plan-memory.ts';
import type { Scheduled } from './scheduled.ts';

/** An instruction before it becomes words: scalars by value, floats not yet in the literals. */
export interface Draft {
  readonly op: Operation['op'];
  readonly operands: Readonly<Record<string, number>>;
  readonly scalars: Readonly<Record<string, number>>;
  readonly origin: Operation['origin'];
  /** Position in the schedule, for the lifetimes of buffers. */
  readonly position: number;
  /** Whether it changes sources in place: parameters, state. */
  readonly updates: boolean;
  /** The operands in memory that no other value ever has. */
  readonly persistent: ReadonlySet<string>;
}

/** One draft for each operation that needs an instruction: a view that shares its operand's memory needs none. */
export function draftInstructions(schedule: readonly Scheduled[], plan: MemoryPlan): Draft[] {
  return schedule.flatMap((operation, position) => {
    const { op, inputs, outputs, origin } = operation;
    if (op.view && plan.groupOf(inputs[0] as GraphValue) === plan.groupOf(outputs[0])) return [];
    const operands: Record<string, number> = {};
    const persistent = new Set<string>();
    for (const name of Object.keys(op.operands)) {
      const value = isResult(op.operands[name]) ? outputs[op.outputs.indexOf(name)] : inputs[op.inputs.indexOf(name)];
      operands[name] = value ? plan.groupOf(value).offset : ABSENT;
      if (value && plan.groupOf(value).persistent) persistent.add(name);
    }
    const updates = outputs.every(({ source }) => source);
    return [{ op, operands, scalars: operation.lower(), origin, position, updates, persistent }];
  });
}

/** The words of instructions, and the code word at which each starts. */
export function writeCode(drafts: readonly Pick<Draft, 'op' | 'operands' | 'scalars'>[]) {
  const literals = new Literals();
  const code: number[] = [];
  const starts: number[] = [];
  const customOps = [...new Set(drafts.map(({ op }) => op).filter(({ name }) => !isInTable(name)))];
  const idOf = (op: OpSpec) => (isInTable(op.name) ? opId(op.name) : OP_NAMES.length + customOps.indexOf(op));
  for (const draft of drafts) {
    starts.push(code.length);
    code.push(idOf(draft.op), instructionWords(draft.op));
    for (const name of Object.keys(draft.op.operands)) code.push(draft.operands[name]);
    for (const [name, kind] of Object.entries(draft.op.scalars)) {
      code.push(kind === 'float' ? literals.index(draft.scalars[name]) : draft.scalars[name]);
    }
  }
  const words = {
    code: Int32Array.from(code),
    ...(customOps.length > 0 && { customOps }),
    literals: Float64Array.from(literals.values),
  };
  return { words, starts };
}

/** The whole program. Code positions of buffers follow the drafts' schedule positions. */
export function encode(graph: Graph, drafts: readonly Draft[], plan: MemoryPlan, maximumRows: number): Program {
  const { words, starts } = writeCode(drafts);
  const end = words.code.length;
  const codePosition = (position: number) => starts[firstFrom(drafts, position)] ?? end;
  const slots = (values: Iterable<readonly [string, GraphValue]>) =>
    new Map<string, Slot>([...values].map(([name, value]) => [name, plan.slot(value)]));
  return {
    version: PROGRAM_VERSION,
    tableHash: TABLE_HASH,
    ...words,
    arenaSize: plan.arenaSize,
    maximumRows,
    constants: [...graph.constants.values(), ...graph.lists.values()].map((value) => ({
      offset: plan.slot(value).offset,
      values: Float64Array.from(value.source?.values ?? [value.source?.constant as number]),
    })),
    parameters: slots(graph.parameters),
    state: slots(stateByKind(graph).map((value) => [value.source!.name, value] as const)),
    carried: slots(graph.carried),
    inputs: slots(graph.inputs),
    outputs: slots([...graph.outputs, ...[...graph.gradients].map(([name, value]) => [gradientSlot(name), value] as const)]),
    records: graph.records,
    recordWidth: recordWidth(words, maximumRows),
    origins: drafts.map(({ origin }) => origin),
    buffers: plan.groups.map((group) => describe(group, codePosition, end)).sort((a, b) => a.offset - b.offset || a.from - b.from),
    unplannedSize: plan.unplannedSize,
  };
}

/** The index of the first draft at or behind a position of the schedule, by bisection: programs may have thousands of buffers. */
function firstFrom(drafts: readonly Draft[], position: number): number {
  let [low, high] = [0, drafts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (drafts[middle].position < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The output slot that holds a parameter's gradient. */
export function gradientSlot(parameter: string): string {
  return `gradient ${parameter}`;
}

function describe(group: Group, codePosition: (position: number) => number, end: number): Buffer {
  const names = group.values.map(
    ({ source, operation, index }) => source?.name ?? `%${operation!.id}${operation!.outputs.length > 1 ? `.${index}` : ''}`,
  );
  return {
    name: names.length > 3 ? `${names.slice(0, 2).join('=')}=…=${names.at(-1)}` : names.join('='),
    offset: group.offset,
    size: group.size,
    from: group.persistent ? 0 : codePosition(group.from),
    to: group.persistent ? end : codePosition(group.to),
    persistent: group.persistent,
  };
}

class Literals {
  readonly values: number[] = [];

  index(value: number): number {
    const known = this.values.findIndex((other) => Object.is(other, value));
    return known >= 0 ? known : this.values.push(value) - 1;
  }
}
