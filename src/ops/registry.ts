/**
 * The ops by name and by number. Those that nearly every step has are always there. The other families join when something is made of them
 * (`opIn`), so that a page carries only the families that it uses; `table.ts` has all.
 */
import { BATCHING } from './batch.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { INDICES } from './indices.ts';
import { MATMUL } from './matmul.ts';
import { MOVEMENT } from './movement.ts';
import { OP_NAMES } from './numbers.generated.ts';
import { UPDATES } from './optimizers.ts';
import { REDUCTIONS } from './reductions.ts';
import type { OpSpec } from './spec.ts';

/** The families that are always there. */
const COMMON: readonly (readonly OpSpec[])[] = [BATCHING, MOVEMENT, MATMUL, ELEMENTWISE, REDUCTIONS, INDICES, UPDATES];

const idsByName: ReadonlyMap<string, number> = new Map(OP_NAMES.map((name, id) => [name, id]));
const joined = new Map<string, OpSpec>(COMMON.flat().map((op) => [op.name, op]));

/** Makes the ops of a family known by name and number. */
export function register(family: readonly OpSpec[]): void {
  for (const op of family) joined.set(op.name, op);
}

/** An op of a family, which joins with it. */
export function opIn<const F extends readonly OpSpec[]>(family: F, name: F[number]['name']): OpSpec {
  if (!joined.has(name)) register(family);
  return opNamed(name);
}

/** The number by which programs name an op: its position in the table. */
export function opId(name: string): number {
  const id = idsByName.get(name);
  if (id === undefined) throw new RangeError(`no op is called ${name}`);
  return id;
}

/** Whether the table has an op of that name. A user's own op is not in it. */
export const isInTable = (name: string) => idsByName.has(name);

/** Throws RangeError for an op of a family that has not joined. */
export function opNamed(name: string): OpSpec {
  const op = joined.get(name);
  if (!op) throw new RangeError(`no op is called ${name}`);
  return op;
}

/** The op of a number; undefined where there is none, or its family has not joined. */
export const opNumbered = (id: number): OpSpec | undefined => joined.get(OP_NAMES[id]);

/** The ops that have joined, in the order of the table. */
export const joinedOps = (): readonly OpSpec[] => OP_NAMES.flatMap((name) => joined.get(name) ?? []);

/** Whether an op has no effects and no bound data: functions of values are made of such ops alone. */
export const isComputing = (op: OpSpec): boolean => op.outputs.length > 0 && !op.context && !op.compiled;
