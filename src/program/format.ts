/**
 * A program for a backend: flat code over one arena, with one symbolic size, the rows of the batch.
 *
 * An instruction is [op id, number of words, operands…, scalars…], the operands and scalars in the order of the op's definition. An operand
 * is an element offset into the arena (−1: absent). A `size` n ≥ 0 is n, and −n is n times the rows of the batch; an `integer` and an
 * `activation` are themselves; a `float` is an index into `literals`.
 */

import { BackendError } from '../errors.ts';
import type { RecordPlace } from '../ops/batch.ts';
import { arenaElements } from '../ops/bfloat16.ts';
import { OP_NAMES } from '../ops/numbers.generated.ts';
import { opNumbered } from '../ops/registry.ts';
import { count, resolve } from '../ops/shape.ts';
import type { ElementKind, OpSpec, Shape } from '../ops/spec.ts';
import type { Origin } from '../origin.ts';

export const PROGRAM_VERSION = 1;
/** Words of an instruction before its operands. */
export const HEADER_WORDS = 2;
export const ABSENT = -1;
/** Every buffer starts on this many bytes; float32 elements are 4 of them. */
export const ALIGNMENT_BYTES = 64;
/** Buffers start on multiples of this many elements, in float32 and float64 arenas alike. */
export const ALIGNMENT = ALIGNMENT_BYTES / 4;

/** A named place in the arena. */
export interface Slot {
  readonly offset: number;
  readonly shape: Shape;
  /** Its kind of elements before a run. Default numbers. */
  readonly elements?: ElementKind;
  /** Of an optimiser's state: its elements before the first step. Default 0. */
  readonly initial?: number;
}

/** One planned buffer, for the verifier and for people. */
export interface Buffer {
  readonly name: string;
  readonly offset: number;
  /** Elements at the largest batch. */
  readonly size: number;
  /** Code words between which the buffer holds its value; persistent ones hold it always. */
  readonly from: number;
  readonly to: number;
  readonly persistent: boolean;
}

/** Elements of the arena that a slot has with so many rows. */
export const slotSize = ({ shape, elements }: Pick<Slot, 'shape' | 'elements'>, rows: number): number =>
  arenaElements(elements, resolve(count(shape), rows));

export interface Program {
  readonly version: number;
  /** Hash of the op table that the code was made with. */
  readonly tableHash: number;
  readonly code: Int32Array;
  /** Ops that are not in the table, whose ids follow the table's: only the reference backend runs them. */
  readonly customOps?: readonly OpSpec[];
  readonly literals: Float64Array;
  /** Elements. */
  readonly arenaSize: number;
  /** The most rows that one run may have. */
  readonly maximumRows: number;
  /** Values that must be in the arena before the first run. */
  readonly constants: readonly { readonly offset: number; readonly values: Float64Array }[];
  /** Parameters by name; their run of the arena starts at 0. */
  readonly parameters: ReadonlyMap<string, Slot>;
  /** Elements from the arena's start that hold a network's parameters as its ParameterLayout says, to be shared with other sessions; default 0. */
  readonly sharedSize?: number;
  /** Optimiser state by name. */
  readonly state: ReadonlyMap<string, Slot>;
  /** Memory that layers hand from step to step, by name. Zero at the beginning of an epoch. */
  readonly carried: ReadonlyMap<string, Slot>;
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly outputs: ReadonlyMap<string, Slot>;
  /** The numbers that a run keeps of each of its repeats, by name. */
  readonly records: ReadonlyMap<string, RecordPlace>;
  /** How many numbers the record of a repeat has room for: all that the largest batch may write. */
  readonly recordWidth: number;
  /** For each instruction, where in the step it comes from: a layer, the loss, the update. */
  readonly origins: readonly Origin[];
  readonly buffers: readonly Buffer[];
  /** Arena elements that would be needed if no two buffers shared memory. */
  readonly unplannedSize: number;
}

/** What must be in the arena before the first run: constants, and state that does not begin at zero. */
export function* initialContents({ constants, state }: Program): Generator<{ readonly offset: number; readonly values: Float64Array }> {
  yield* constants;
  for (const { offset, shape, initial } of state.values())
    if (initial !== undefined) yield { offset, values: new Float64Array(count(shape)).fill(initial) };
}

/** One decoded instruction. */
export interface Instruction {
  readonly op: OpSpec;
  /** First code word. */
  readonly at: number;
  readonly words: number;
  /** Element offset of each operand, by name. */
  readonly operands: Readonly<Record<string, number>>;
  /** Each scalar, by name: sizes not yet resolved, floats looked up. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** Words that an instruction of this op takes. */
export function instructionWords(op: OpSpec): number {
  return HEADER_WORDS + Object.keys(op.operands).length + Object.keys(op.scalars).length;
}

/** Where among the words of an instruction of this op a scalar stands. */
export function scalarWord(op: OpSpec, scalar: string): number {
  return HEADER_WORDS + Object.keys(op.operands).length + Object.keys(op.scalars).indexOf(scalar);
}

/** The parts of a program that decoding reads. */
export type Code = Pick<Program, 'code' | 'literals' | 'customOps'>;

/** The op of an id; undefined for an unknown id. */
export function opOf({ customOps }: Code, id: number): OpSpec | undefined {
  return opNumbered(id) ?? customOps?.[id - OP_NAMES.length];
}

/** Throws BackendError where a program has ops without kernels. */
export function checkKernels({ customOps }: Program, backend: string): void {
  if (customOps?.length)
    throw new BackendError(
      `${backend}: expected ops that have kernels, got ${customOps.map(({ name }) => name).join(', ')}; backend: 'reference' runs a custom op`,
    );
}

/** The instruction that starts at a code word. Assumes code that the verifier passed. */
export function decode(program: Code, at: number): Instruction {
  const { code, literals } = program;
  const op = opOf(program, code[at]) as OpSpec;
  let word = at + HEADER_WORDS;
  const operands: Record<string, number> = {};
  for (const name of Object.keys(op.operands)) operands[name] = code[word++];
  const scalars: Record<string, number> = {};
  for (const [name, kind] of Object.entries(op.scalars)) {
    const value = code[word++];
    scalars[name] = kind === 'float' ? literals[value] : value;
  }
  return { op, at, words: code[at + 1], operands, scalars };
}

/** All instructions in order. */
export function* instructions(program: Code): Generator<Instruction> {
  for (let at = 0; at < program.code.length; at += program.code[at + 1]) yield decode(program, at);
}

/** An instruction's scalars, with sizes resolved for a batch of `rows` rows. */
export function resolveScalars({ op, scalars }: Instruction, rows: number): Record<string, number> {
  const resolved = { ...scalars };
  for (const name in op.scalars) if (op.scalars[name] === 'size') resolved[name] = resolve(scalars[name], rows);
  return resolved;
}

/** The width of the record that code writes with a batch of at most `rows` rows. */
export function recordWidth(program: Code, rows: number): number {
  let width = 0;
  for (const instruction of instructions(program)) {
    const { recordEnd } = instruction.op;
    if (recordEnd) width = Math.max(width, recordEnd(resolveScalars(instruction, rows)));
  }
  return width;
}
