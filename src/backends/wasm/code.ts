/**
 * A program's code as the kernels read it. Words are resolved when a session opens, so that the dispatch has only to load them. Operands
 * and floats are addresses, 0 for an operand that is absent. Sizes are numbers; those that count the batch are written by the kernels when
 * its rows change (`Context.useRows`).
 *
 * The division among threads follows the code, word for word. An instruction's first word there says whether the threads meet before it,
 * whether they compute it together, whether its kernel takes a range of the divided size, where among its words that size stands (0: one
 * thread runs it alone), and where the size stands that is divided within each unit (0: none is; the same size where threads compute the
 * whole together); the second says how much of the size is one unit. These sizes' words hold the granules that shares are multiples of, an
 * operand's word the bytes that it moves with each unit.
 */
import type { Role, ScalarKind } from '../../ops/spec.ts';
import { type Division, MEETS, SPLITS, TOGETHER } from '../../program/divide.ts';
import { ABSENT, HEADER_WORDS, type Instruction, instructions, type Program, scalarWord } from '../../program/format.ts';

const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;
/** The first word of an instruction's division, as assembly/shares.ts reads it: besides the bits that it has. */
const TAKES_RANGE = 4;
const OVER_SHIFT = 3;
const WITHIN_SHIFT = 16;

/** Where a session's memory begins. */
export interface Addresses {
  /** The arena's first elements, where other sessions have them too, and how many they are. */
  readonly shared: number;
  readonly sharedLength: number;
  /** The arena's own elements: the others. */
  readonly arena: number;
  readonly literals: number;
}

/** The code and its division, for memory at these addresses. `division` may be empty. */
export function placedCode(program: Program, division: Division, addresses: Addresses): Int32Array {
  const { code } = program;
  const placed = new Int32Array(code.length + division.length);
  placed.set(code);
  for (const instruction of instructions(program)) {
    for (const { word, kind } of wordsOf(instruction)) placed[word] = placedWord(kind, code[word], addresses);
    if (division.length > 0) placeDivision(placed, instruction, division, code);
  }
  return placed;
}

/** Makes placed code read and write the shared elements, the first `length` of the arena, at another address. */
export function moveShared(placed: Int32Array, program: Program, shared: number, length: number): void {
  const { code } = program;
  for (const instruction of instructions(program)) {
    for (const { word, kind } of wordsOf(instruction)) {
      if (isOperand(kind) && code[word] !== ABSENT && code[word] < length) placed[word] = shared + code[word] * FLOAT_BYTES;
    }
  }
}

/** The words of the placed code that depend on the rows of the batch: pairs of the word's place and its value for one row. */
export function wordsPerRow(program: Program, division: Division): Int32Array {
  const { code } = program;
  const pairs: number[] = [];
  for (const instruction of instructions(program)) {
    for (const { word, kind } of wordsOf(instruction)) {
      if (kind === 'size' && code[word] < 0) pairs.push(word, -code[word]);
      if (isOperand(kind) && division[word] < 0) pairs.push(code.length + word, -division[word] * FLOAT_BYTES);
    }
  }
  return Int32Array.from(pairs);
}

/** The words of the code that are places in the arena, those of operands that are absent, and those that are places among the literals. */
export function placeWords(program: Program): Record<'operands' | 'absent' | 'literals', number[]> {
  const places = { operands: [] as number[], absent: [] as number[], literals: [] as number[] };
  for (const instruction of instructions(program)) {
    for (const { word, kind } of wordsOf(instruction)) {
      if (isOperand(kind)) places[program.code[word] === ABSENT ? 'absent' : 'operands'].push(word);
      if (kind === 'float') places.literals.push(word);
    }
  }
  return places;
}

/** An instruction's words after its header, with their kinds. */
function wordsOf({ op, at }: Instruction): { word: number; kind: Role | ScalarKind }[] {
  const kinds = [...Object.values(op.operands), ...Object.values(op.scalars)];
  return kinds.map((kind, i) => ({ word: at + HEADER_WORDS + i, kind }));
}

function isOperand(kind: Role | ScalarKind): kind is Role {
  return kind === 'in' || kind === 'in?' || kind === 'out' || kind === 'out?' || kind === 'inout';
}

function placedWord(kind: Role | ScalarKind, word: number, { shared, sharedLength, arena, literals }: Addresses): number {
  if (isOperand(kind)) {
    if (word === ABSENT) return 0;
    return word < sharedLength ? shared + word * FLOAT_BYTES : arena + (word - sharedLength) * FLOAT_BYTES;
  }
  return kind === 'float' ? literals + word * DOUBLE_BYTES : word;
}

function placeDivision(placed: Int32Array, { op, at, operands }: Instruction, division: Division, code: Int32Array): void {
  const beside = code.length + at;
  const over = division[at + 1];
  placed[beside] = division[at] & (MEETS | TOGETHER);
  if (over === 0) return;
  const ranges = op.ranges.map((name) => scalarWord(op, name));
  const isTogether = (division[at] & TOGETHER) !== 0;
  const within = ranges.find((word) => word !== over && division[at + word]) ?? (isTogether ? over : 0);
  placed[beside] |= (ranges.includes(over) ? TAKES_RANGE : 0) | (over << OVER_SHIFT) | (within << WITHIN_SHIFT);
  placed[beside + 1] = division[at] & SPLITS ? 1 : Math.max(1, -code[at + over]);
  placed[beside + over] = division[at + over];
  if (within) placed[beside + within] = division[at + within];
  for (let i = HEADER_WORDS; i < HEADER_WORDS + Object.keys(operands).length; i++) placed[beside + i] = division[at + i] * FLOAT_BYTES;
}
