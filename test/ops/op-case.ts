/** One application of one op, and the program of a single instruction that runs it. */

import { NO_INDEX } from '../../src/ops/indices.ts';
import { count, resolve } from '../../src/ops/shape.ts';
import { type Attributes, elementsOf, isResult, isWritten, type OpSpec, type Shape } from '../../src/ops/spec.ts';
import { opId, TABLE_HASH } from '../../src/ops/table.ts';
import { NETWORK } from '../../src/origin.ts';
import { ABSENT, ALIGNMENT, instructionWords, PROGRAM_VERSION, type Program } from '../../src/program/format.ts';
import type { Chance } from '../support/randomness.ts';

/** What an input holds: numbers of a range, class indices below `classes`, or exactly these values. */
export type Fill = { readonly low: number; readonly high: number } | { readonly classes: number } | { readonly values: readonly number[] };

export interface OpCase {
  readonly op: OpSpec;
  /** In the order of the op's inputs. */
  readonly inputs: readonly (Shape | undefined)[];
  readonly fills: readonly Fill[];
  readonly attributes: Attributes;
  readonly rows: number;
  /** More than `rows` where a partial batch runs. */
  readonly maximumRows: number;
  /** The op's first input values that are special (huge, zero, subnormal): errors are then counted against 1, value by value. */
  readonly special: boolean;
}

/** Shapes as text, for the messages of failing tests. */
export function describeCase({ op, inputs, attributes, rows, maximumRows, special }: OpCase): string {
  const shapes = inputs.map((shape) => (shape ? `[${shape.join(' ')}]` : '–')).join(' ');
  return `${op.name} ${shapes} ${JSON.stringify(attributes)} ${rows}/${maximumRows} rows${special ? ' special' : ''}`;
}

/** Whether an operand holds indices. */
export const isIndex = ({ op, attributes }: OpCase, name: string) => elementsOf(op, name, attributes) === 'index';

/** An index; of what is none, what a float32 backend would have of it. */
const indexOf = (value: number) => (Number.isInteger(value) && Math.abs(value) < -NO_INDEX ? value : NO_INDEX);

export function inputValues(test: OpCase, chance: Chance): (readonly number[] | undefined)[] {
  const { op, inputs, fills, rows } = test;
  return inputs.map((shape, i) => {
    if (!shape) return undefined;
    const fill = fills[i] ?? fills[fills.length - 1];
    const exact = isIndex(test, op.inputs[i]) ? indexOf : Math.fround;
    return Array.from({ length: resolve(count(shape), rows) }, (_, k) => {
      if ('values' in fill) return exact(fill.values[k % fill.values.length]);
      return 'classes' in fill ? chance.below(fill.classes) : chance.between(fill.low, fill.high);
    });
  });
}

/** Which operand's memory another operand has: {} for none. */
export type Sharing = Readonly<Record<string, string>>;

/** An operand in the arena: its offset, and the elements it has with the rows that run. */
export interface Place {
  readonly offset: number;
  readonly size: number;
}

export interface Assembled {
  readonly program: Program;
  readonly places: ReadonlyMap<string, Place>;
}

function extentsOf(test: OpCase, scalars: Readonly<Record<string, number>>, rows: number): Readonly<Record<string, number>> {
  const resolved = Object.entries(scalars).map(([name, value]) => [name, test.op.scalars[name] === 'size' ? resolve(value, rows) : value]);
  return test.op.extents(Object.fromEntries(resolved));
}

/** The scalars of the instruction, sizes not resolved. */
export function scalarsOf({ op, inputs, attributes }: OpCase): Readonly<Record<string, number>> {
  const shapes = inputs as readonly Shape[];
  return op.lower(shapes, op.shapes(shapes, attributes), attributes);
}

/** Every way in which the op may run: apart, in the place of each input that allows it, and with two such inputs being one. */
export function sharings(test: OpCase): Sharing[] {
  const { op, inputs, maximumRows } = test;
  const scalars = scalarsOf(test);
  const extents = extentsOf(test, scalars, maximumRows);
  const out = Object.keys(op.operands).find((name) => isWritten(op.operands[name])) as string;
  const allowed = op.apart?.(scalars).includes(out) ? [] : (op.inPlace ?? []);
  const takes = allowed.filter((name) => inputs[op.inputs.indexOf(name)] && extents[name] === extents[out]);
  const each = takes.map((name) => ({ [out]: name }));
  return [{}, ...each, ...(takes.length > 1 ? [{ [takes[1]]: takes[0] }, { [takes[1]]: takes[0], [out]: takes[0] }] : [])];
}

/**
 * The op's program. Operands lie one after the other, a gap of at least `gap` elements behind each; without a gap the arena ends with
 * its last element, where a sanitizer sees one element too many.
 */
export function assemble(test: OpCase, sharing: Sharing = {}, gap: number = ALIGNMENT): Assembled {
  const { op, rows, maximumRows } = test;
  const scalars = scalarsOf(test);
  const largest = extentsOf(test, scalars, maximumRows);
  const sizes = extentsOf(test, scalars, rows);
  const places = new Map<string, Place>();
  let end = 0;
  for (const name of Object.keys(op.operands)) {
    if (!isPresent(test, name)) continue;
    const shared = places.get(sharing[name]);
    const offset = shared ? shared.offset : Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    places.set(name, { offset, size: sizes[name] });
    end = Math.max(end, offset + largest[name] + gap);
  }
  return { program: { ...singleInstruction(op, places, scalars, maximumRows, end), state: indexSlots(test, places, largest) }, places };
}

/** What the arena holds of indices before the run: as state, which an instruction may overwrite. */
function indexSlots(test: OpCase, places: ReadonlyMap<string, Place>, sizes: Readonly<Record<string, number>>): Program['state'] {
  const names = test.op.inputs.filter((name) => places.has(name) && isIndex(test, name));
  return new Map(names.map((name) => [name, { offset: (places.get(name) as Place).offset, shape: [sizes[name]], elements: 'index' }]));
}

function singleInstruction(
  op: OpSpec,
  places: ReadonlyMap<string, Place>,
  scalars: Readonly<Record<string, number>>,
  maximumRows: number,
  arenaSize: number,
): Program {
  const literals: number[] = [];
  const operands = Object.keys(op.operands).map((name) => places.get(name)?.offset ?? ABSENT);
  const words = Object.entries(op.scalars).map(([name, kind]) => (kind === 'float' ? literals.push(scalars[name]) - 1 : scalars[name]));
  const code = Int32Array.from([opId(op.name), instructionWords(op), ...operands, ...words]);
  return {
    version: PROGRAM_VERSION,
    tableHash: TABLE_HASH,
    code,
    literals: Float64Array.from(literals),
    arenaSize,
    maximumRows,
    constants: [],
    parameters: new Map(),
    state: new Map(),
    carried: new Map(),
    inputs: new Map(),
    outputs: new Map(),
    records: new Map(),
    recordWidth: 0,
    origins: [NETWORK],
    buffers: [],
    unplannedSize: arenaSize,
  };
}

/** Numbers that no op yields, each its own, so that one moved to another place shows. */
const CANARY = 1e6;

/**
 * The arena before the run: the inputs in their places, and elsewhere what spoils the result of a stray read. Behind inputs that is NaN;
 * in and behind what is written it is numbers, since a NaN over a NaN would hide a stray write. Indices lie there as a backend of elements
 * of so many bytes has them.
 */
export function initialArena(
  test: OpCase,
  { program, places }: Assembled,
  values: readonly (readonly number[] | undefined)[],
  elementBytes: 4 | 8,
): Float64Array {
  const arena = new Float64Array(program.arenaSize).fill(Number.NaN);
  const starts = [...places.values()].map(({ offset }) => offset);
  for (const name of written(test)) {
    const { offset } = places.get(name) as Place;
    const end = Math.min(program.arenaSize, ...starts.filter((start) => start > offset));
    for (let i = offset; i < end; i++) arena[i] = CANARY + i;
  }
  // Later inputs that share a place go first: the place then holds what its owner says.
  [...test.op.inputs.entries()].reverse().forEach(([i, name]) => {
    const input = values[i];
    const areWords = elementBytes === 4 && isIndex(test, name);
    if (input) arena.set(areWords ? new Float32Array(Int32Array.from(input).buffer) : input, (places.get(name) as Place).offset);
  });
  return arena;
}

/** The operands that the op writes with these attributes. */
export function written(test: OpCase): string[] {
  return Object.keys(test.op.operands).filter((name) => isWritten(test.op.operands[name]) && isPresent(test, name));
}

/** Whether an operand is there: of several results, an op may give the first ones alone. */
function isPresent({ op, inputs, attributes }: OpCase, name: string): boolean {
  if (!isResult(op.operands[name])) return inputs[op.inputs.indexOf(name)] !== undefined;
  return op.outputs.indexOf(name) < op.shapes(inputs as readonly Shape[], attributes).length;
}

/** The first element outside the written operands that the run changed; −1 where there is none. */
export function strayWrite(test: OpCase, { places }: Assembled, before: ArrayLike<number>, after: ArrayLike<number>): number {
  const ranges = written(test).map((name) => places.get(name) as Place);
  for (let i = 0; i < before.length; i++) {
    if (Object.is(before[i], after[i]) || ranges.some(({ offset, size }) => i >= offset && i < offset + size)) continue;
    return i;
  }
  return -1;
}
