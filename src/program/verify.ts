/** Proves, before any backend sees a program, that it stays inside the arena and that its operands keep their roles. */
import { FormatError } from '../errors.ts';
import { ACTIVATIONS } from '../ops/functions.ts';
import { OP_NAMES, TABLE_HASH } from '../ops/numbers.generated.ts';
import { resolve } from '../ops/shape.ts';
import { isOptional, isWritten } from '../ops/spec.ts';
import { ElementTracker } from './elements.ts';
import {
  ABSENT,
  ALIGNMENT,
  decode,
  HEADER_WORDS,
  type Instruction,
  instructionWords,
  opOf,
  PROGRAM_VERSION,
  type Program,
  resolveScalars,
  slotSize,
} from './format.ts';

/** Arenas of more elements than this cannot be addressed by 32-bit offsets. */
const LARGEST_ARENA = 2 ** 31 - 1;

/** A record of more numbers than this is a mistake. */
const LARGEST_RECORD = 2 ** 27;

/** Throws FormatError naming the first thing that is wrong. */
export function verify(program: Program): void {
  verifyHeader(program);
  const tracker = new ElementTracker(program);
  const sealed = sealedRanges(program);
  for (let at = 0; at < program.code.length; ) {
    verifyWords(program, at);
    const instruction = decode(program, at);
    verifyScalars(instruction);
    const extents = operandExtents(program, instruction);
    verifyOperands(program, instruction, extents, sealed);
    verifyOverlaps(instruction, extents);
    verifyRecord(program, instruction);
    tracker.follow(instruction, extents);
    at += instruction.words;
  }
  tracker.finish();
}

function fail(expected: string, came: unknown): never {
  throw new FormatError(`program: expected ${expected}, got ${String(came)}`);
}

function verifyHeader(program: Program): void {
  const { version, tableHash, arenaSize, maximumRows, recordWidth, constants, parameters, state, inputs, outputs } = program;
  if (version !== PROGRAM_VERSION) fail(`version ${PROGRAM_VERSION}`, version);
  if (tableHash !== TABLE_HASH) fail(`code made with op table ${TABLE_HASH}`, tableHash);
  if (!Number.isInteger(arenaSize) || arenaSize < 0 || arenaSize > LARGEST_ARENA)
    fail(`an arena of at most ${LARGEST_ARENA} elements`, arenaSize);
  if (!Number.isInteger(maximumRows) || maximumRows < 1) fail('at least one row', maximumRows);
  if (!Number.isInteger(recordWidth) || recordWidth < 0 || recordWidth > LARGEST_RECORD)
    fail(`a record of at most ${LARGEST_RECORD} numbers`, recordWidth);
  for (const [name, { at, after, shape }] of program.records) {
    const end = at + resolve(after, maximumRows) + slotSize({ shape }, maximumRows);
    if (!(at >= 0 && after <= 0 && end <= recordWidth)) fail(`${name} within a record of ${recordWidth} numbers`, end);
  }
  for (const { offset, values } of constants) verifyRange('a constant', offset, values.length, arenaSize);
  for (const slots of [parameters, state, inputs, outputs]) {
    for (const [name, slot] of slots) verifyRange(name, slot.offset, slotSize(slot, maximumRows), arenaSize);
  }
}

function verifyRange(what: string, offset: number, size: number, arenaSize: number): void {
  if (!Number.isInteger(offset) || offset < 0 || !(size >= 0) || offset + size > arenaSize) {
    fail(`${what} within ${arenaSize} elements`, `${offset} … ${offset + size}`);
  }
}

function verifyWords(program: Program, at: number): void {
  const { code, literals } = program;
  const op = opOf(program, code[at]);
  if (!op) fail(`an op id below ${OP_NAMES.length + (program.customOps?.length ?? 0)} at word ${at}`, code[at]);
  if (code[at + 1] !== instructionWords(op) || at + code[at + 1] > code.length)
    fail(`${instructionWords(op)} words for ${op.name} at word ${at}`, code[at + 1]);
  let word = at + HEADER_WORDS + Object.keys(op.operands).length;
  for (const [name, kind] of Object.entries(op.scalars)) {
    const value = code[word++];
    const limit = kind === 'float' ? literals.length : kind === 'activation' ? ACTIVATIONS.length : Number.POSITIVE_INFINITY;
    if ((kind !== 'size' && value < 0) || value >= limit) fail(`${op.name}'s ${name} from 0 to below ${limit} at word ${at}`, value);
  }
}

function verifyScalars({ op, scalars, at }: Instruction): void {
  if (op.valid && !op.valid(scalars)) fail(`scalars that suit ${op.name} at word ${at}`, JSON.stringify(scalars));
}

/** Elements that each operand spans with the largest batch. The smallest batch spans no more. */
function operandExtents({ maximumRows }: Program, instruction: Instruction): Readonly<Record<string, number>> {
  const extents = extentsWith(instruction, maximumRows);
  for (const [name, size] of [...Object.entries(extentsWith(instruction, 1)), ...Object.entries(extents)]) {
    if (!(size >= 0 && size <= LARGEST_ARENA))
      fail(`${instruction.op.name}'s ${name} to span a sane number of elements at word ${instruction.at}`, size);
  }
  return extents;
}

function extentsWith(instruction: Instruction, rows: number): Readonly<Record<string, number>> {
  return instruction.op.extents(resolveScalars(instruction, rows));
}

type Range = readonly [start: number, size: number];

/** What no instruction may write: constants and inputs. */
function sealedRanges({ constants, inputs, maximumRows }: Program): Range[] {
  return [
    ...constants.map(({ offset, values }): Range => [offset, values.length]),
    ...[...inputs.values()].map((slot): Range => [slot.offset, slotSize(slot, maximumRows)]),
  ];
}

function verifyOperands(
  { arenaSize }: Program,
  { op, operands, scalars, at }: Instruction,
  extents: Readonly<Record<string, number>>,
  sealed: readonly Range[],
): void {
  const needed = op.needs?.(scalars) ?? [];
  for (const [name, role] of Object.entries(op.operands)) {
    const offset = operands[name];
    if (offset === ABSENT && isOptional(role) && !needed.includes(name)) continue;
    // Kernels may look at the first element of none.
    verifyRange(`${op.name}'s ${name} at word ${at}`, offset, Math.max(1, extents[name]), arenaSize);
    if (offset % ALIGNMENT !== 0) fail(`${op.name}'s ${name} at word ${at} to start on ${ALIGNMENT} elements`, offset);
    if (!isWritten(role)) continue;
    if (sealed.some(([start, size]) => overlap(offset, extents[name], start, size))) {
      fail(`${op.name}'s ${name} at word ${at} not to overwrite a constant or an input`, offset);
    }
  }
}

/** What an instruction writes in the record of a step lies within it. */
function verifyRecord({ maximumRows, recordWidth }: Program, instruction: Instruction): void {
  const { op, at } = instruction;
  const end = op.recordEnd?.(resolveScalars(instruction, maximumRows)) ?? 0;
  if (end > recordWidth) fail(`${op.name} at word ${at} within a record of ${recordWidth} numbers`, end);
}

/** An operand that is written may overlap no other, except an output that takes an input's place exactly. */
function verifyOverlaps({ op, operands, scalars, at }: Instruction, extents: Readonly<Record<string, number>>): void {
  const apart = op.apart?.(scalars) ?? [];
  const names = Object.keys(op.operands).filter((name) => operands[name] !== ABSENT);
  for (const written of names.filter((name) => isWritten(op.operands[name]))) {
    for (const other of names) {
      if (other === written || !overlap(operands[written], extents[written], operands[other], extents[other])) continue;
      const isAllowed = op.inPlace?.includes(other) && !apart.includes(written);
      const isInPlace = isAllowed && operands[written] === operands[other] && extents[written] === extents[other];
      if (!isInPlace) fail(`${op.name}'s ${written} at word ${at} not to overlap ${other}`, operands[written]);
    }
  }
}

function overlap(a: number, sizeA: number, b: number, sizeB: number): boolean {
  return a < b + sizeB && b < a + sizeA;
}
