/**
 * Which elements of the arena hold indices, instruction by instruction: the bits of a float are no index, nor those of an index a float.
 */
import { FormatError } from '../errors.ts';
import { type ElementKind, elementsOf, isResult, isWritten } from '../ops/spec.ts';
import { ABSENT, type Instruction, type Program, resolveScalars, slotSize } from './format.ts';

/** The kind of element of each operand of an instruction. */
export type Held = ReadonlyMap<string, ElementKind>;

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A stretch of elements that are no numbers. */
interface Kept extends Stretch {
  readonly kind: ElementKind;
}

/** Follows a program's instructions in their order, at its largest batch. */
export class ElementTracker {
  /** Where other elements than numbers lie so far. */
  #others: Kept[];

  constructor(readonly program: Program) {
    const slots = [...program.inputs.values(), ...program.parameters.values(), ...program.state.values()];
    this.#others = slots.flatMap((slot) => {
      const { elements: kind = 'number', offset } = slot;
      return kind === 'number' ? [] : [{ ...stretchOf(offset, slotSize(slot, program.maximumRows)), kind }];
    });
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
    for (const [name, slot] of this.program.outputs) {
      const { offset, elements = 'number' } = slot;
      const came = this.#kindOf(stretchOf(offset, slotSize(slot, this.program.maximumRows)));
      if (came !== elements) throw new FormatError(`program: expected output ${name} to hold ${WORDS[elements]}, got ${wordsOf(came)}`);
    }
  }

  #extents(instruction: Instruction): Readonly<Record<string, number>> {
    return instruction.op.extents(resolveScalars(instruction, this.program.maximumRows));
  }

  /** Undefined where a range holds several kinds. */
  #kindOf({ from, to }: Stretch): ElementKind | undefined {
    const within = this.#others.filter((one) => one.from < to && from < one.to);
    if (within.length === 0) return 'number';
    const covered = within.reduce((total, one) => total + Math.min(one.to, to) - Math.max(one.from, from), 0);
    const [{ kind }] = within;
    return covered === to - from && within.every((one) => one.kind === kind) ? kind : undefined;
  }

  #write(stretch: Stretch | undefined, kind: ElementKind | undefined): void {
    if (!stretch) return;
    const { from, to } = stretch;
    this.#others = this.#others.flatMap((one) =>
      [
        { ...one, to: Math.min(one.to, from) },
        { ...one, from: Math.max(one.from, to) },
      ].filter((rest) => rest.from < rest.to),
    );
    if (kind && kind !== 'number' && from < to) this.#others.push({ ...stretch, kind });
  }
}

const stretchOf = (offset: number, size: number): Stretch => ({ from: offset, to: offset + size });

const WORDS: Readonly<Record<ElementKind, string>> = { number: 'numbers', index: 'indices', bfloat16: 'numbers of bfloat16' };
/** Undefined: several kinds. */
const wordsOf = (kind: ElementKind | undefined) => (kind ? WORDS[kind] : 'several kinds of elements');

function refuse({ op, at }: Instruction, name: string, came: ElementKind | undefined, wanted: ElementKind): never {
  throw new FormatError(`program: expected ${op.name}'s ${name} at word ${at} to hold ${WORDS[wanted]}, got ${wordsOf(came)}`);
}
