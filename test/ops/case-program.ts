/** The program of a case: a single instruction, its operands in an arena, and what lies there before and after it. */
import type { Arena, Elements, LocalBackend, RunRequest } from '../../src/backends/backend.ts';
import { arenaElements, pack } from '../../src/ops/bfloat16.ts';
import { TABLE_HASH } from '../../src/ops/numbers.generated.ts';
import { opId, opNamed } from '../../src/ops/registry.ts';
import { resolve } from '../../src/ops/shape.ts';
import { type ElementKind, isResult, isWritten, type Shape } from '../../src/ops/spec.ts';
import '../../src/ops/table.ts';
import { NETWORK } from '../../src/origin.ts';
import { ABSENT, ALIGNMENT, instructionWords, PROGRAM_VERSION, type Program, recordWidth } from '../../src/program/format.ts';
import { elementsIn, type OpCase, type Values } from './op-case.ts';

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
  return { program: { ...programOf(test, places, scalars, end), state: slotsOfOthers(test, places, largest) }, places };
}

/** What the arena holds of other elements than numbers before the run: as state, which an instruction may overwrite. */
function slotsOfOthers(test: OpCase, places: ReadonlyMap<string, Place>, sizes: Readonly<Record<string, number>>): Program['state'] {
  return new Map(
    test.op.inputs.flatMap((name, i) => {
      const elements = elementsIn(test, name);
      const place = places.get(name);
      if (!place || elements === 'number') return [];
      const shape = elements === 'index' ? [sizes[name]] : (test.inputs[i] as Shape);
      return [[name, { offset: place.offset, shape, elements }] as const];
    }),
  );
}

/** The instruction, behind the one that chooses the mini-batch where data are bound. */
function programOf(
  { op, maximumRows, data }: OpCase,
  places: ReadonlyMap<string, Place>,
  scalars: Readonly<Record<string, number>>,
  arenaSize: number,
): Program {
  const literals: number[] = [];
  const operands = Object.keys(op.operands).map((name) => places.get(name)?.offset ?? ABSENT);
  const words = Object.entries(op.scalars).map(([name, kind]) => (kind === 'float' ? literals.push(scalars[name]) - 1 : scalars[name]));
  const choosing = data ? [opId('beginStep'), instructionWords(opNamed('beginStep'))] : [];
  const code = Int32Array.from([...choosing, opId(op.name), instructionWords(op), ...operands, ...words]);
  const instructions = { code, literals: Float64Array.from(literals) };
  return {
    version: PROGRAM_VERSION,
    tableHash: TABLE_HASH,
    ...instructions,
    arenaSize,
    maximumRows,
    constants: [],
    parameters: new Map(),
    state: new Map(),
    carried: new Map(),
    inputs: new Map(),
    outputs: new Map(),
    records: new Map(),
    recordWidth: recordWidth(instructions, maximumRows),
    origins: data ? [NETWORK, NETWORK] : [NETWORK],
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
export function initialArena(test: OpCase, { program, places }: Assembled, values: Values, elementBytes: 4 | 8): Float64Array {
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
    if (input) arena.set(inArena(elementsIn(test, name), input, elementBytes), (places.get(name) as Place).offset);
  });
  return arena;
}

/** Elements of a kind as an arena of elements of so many bytes has them. */
function inArena(kind: ElementKind, values: Float64Array, elementBytes: 4 | 8): ArrayLike<number> {
  if (kind === 'number') return values;
  const words = kind === 'index' ? Int32Array.from(values) : new Int32Array(arenaElements(kind, values.length));
  if (kind === 'bfloat16') pack(words, values);
  return elementBytes === 4 ? new Float32Array(words.buffer) : words;
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

/** What each case is run with. */
export const SEED = 2 ** 40 + 12345;
export const requestOf = ({ rows }: OpCase, { program }: Assembled): RunRequest => ({
  ...{ from: 0, to: program.code.length, repeats: 1, clock: { epoch: 0, batch: 3 }, rows },
});

/** A session of the case's program, its data bound. */
export function openCase(backend: LocalBackend, { data }: OpCase, { program }: Assembled): Arena {
  const session = backend.openArena(program, SEED);
  if (data) session.bind(data);
  return session;
}

/** What a run leaves: the arena, and behind it the record of the step. */
export function leftBy(session: Arena, test: OpCase, assembled: Assembled, arena: ArrayLike<number>): Elements {
  const { arenaSize, recordWidth } = assembled.program;
  session.write(0, arena);
  session.run(requestOf(test, assembled));
  const left = session.read(0, arenaSize);
  if (recordWidth === 0) return left;
  const all = left instanceof Float32Array ? new Float32Array(arenaSize + recordWidth) : new Float64Array(arenaSize + recordWidth);
  all.set(left);
  all.set(session.records(1), arenaSize);
  return all;
}

/** The same in a session of its own. */
export function execute(backend: LocalBackend, test: OpCase, assembled: Assembled, arena: ArrayLike<number>): Elements {
  const session = openCase(backend, test, assembled);
  try {
    return leftBy(session, test, assembled, arena);
  } finally {
    session.dispose();
  }
}
