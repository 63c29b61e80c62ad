/**
 * Which elements of the arena hold indices, instruction by instruction: the bits of a float are no index, nor those of an index a float.
 */
import { FormatError } from '../errors.ts';
import { count, resolve } from '../ops/shape.ts';
import { type ElementKind, elementsOf, isResult, isWritten, type Shape } from '../ops/spec.ts';
import { ABSENT, type Instruction, type Program, resolveScalars } from './format.ts';

/** The kind of element of each operand of an instruction. */
export type Held = ReadonlyMap<string, ElementKind>;

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Follows a program's instructions in their order, at its largest batch. */
export class ElementTracker {
  /** Where indices lie so far; all other elements are numbers. */
  #indices: Stretch[];

  constructor(readonly program: Program) {
    this.#indices = [...program.inputs.values(), ...program.parameters.values(), ...program.state.values()]
      .filter(({ elements }) => elements === 'index')
      .map((slot) => stretchOf(slot.offset, sizeOf(slot.shape, program.maximumRows)));
  }

  /** Throws FormatError where an operand is read as the wrong kind. */
  follow(instruction: Instruction, extents = this.#extents(instruction)): Held {
    const { op, operands, scalars } = instruction;
    const present = Object.keys(op.operands).filter((name) => operands[name] !== ABSENT);
    const stretches = new Map(present.map((name) => [name, stretchOf(operands[name], extents[name])]));
    const read = present.filter((name) => !isResult(op.operands[name]));
    const found = new Map(read.map((name) => [name, this.#kindOf(stretches.get(name) as Stretch)]));
    const moved = read.every((name) => found.get(name) === 'index') ? 'index' : 'number';
    const held = new Map(present.map((name) => [name, op.moves ? moved : elementsOf(op, name, scalars)]));
    for (const [name, kind] of found) if (kind !== held.get(name)) refuse(instruction, name, kind, held.get(name) as ElementKind);
    for (const name of present) if (isWritten(op.operands[name])) this.#write(stretches.get(name), held.get(name));
    return held;
  }

  /** Throws FormatError where a result does not hold what it says. */
  finish(): void {
    for (const [name, { offset, shape, elements = 'number' }] of this.program.outputs)
      if (this.#kindOf(stretchOf(offset, sizeOf(shape, this.program.maximumRows))) !== elements)
        throw new FormatError(`program: expected output ${name} to hold ${elements === 'number' ? 'numbers, got indices' : 'indices'}`);
  }

  #extents(instruction: Instruction): Readonly<Record<string, number>> {
    return instruction.op.extents(resolveScalars(instruction, this.program.maximumRows));
  }

  /** Undefined where a range holds both. */
  #kindOf({ from, to }: Stretch): ElementKind | undefined {
    const within = this.#indices.filter((one) => one.from < to && from < one.to);
    const covered = within.reduce((total, one) => total + Math.min(one.to, to) - Math.max(one.from, from), 0);
    return covered === 0 ? 'number' : covered === to - from ? 'index' : undefined;
  }

  #write(stretch: Stretch | undefined, kind: ElementKind | undefined): void {
    if (!stretch) return;
    const { from, to } = stretch;
    this.#indices = this.#indices.flatMap((one) =>
      [
        { from: one.from, to: Math.min(one.to, from) },
        { from: Math.max(one.from, to), to: one.to },
      ].filter((rest) => rest.from < rest.to),
    );
    if (kind === 'index' && from < to) this.#indices.push(stretch);
  }
}

const stretchOf = (offset: number, size: number): Stretch => ({ from: offset, to: offset + size });

const sizeOf = (shape: Shape, rows: number) => resolve(count(shape), rows);

function refuse({ op, at }: Instruction, name: string, came: ElementKind | undefined, wanted: ElementKind): never {
  const words = { number: 'numbers', index: 'indices' };
  throw new FormatError(
    `program: expected ${op.name}'s ${name} at word ${at} to hold ${words[wanted]}, got ${came ? words[came] : 'numbers and indices'}`,
  );
}
