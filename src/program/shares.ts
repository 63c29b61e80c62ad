/** A thread's share of one instruction, and the elements of the arena that it touches. */

import { CACHE_LINE, type Division } from '../ops/division.ts';
import { resolve } from '../ops/shape.ts';
import { type Dim, isWritten } from '../ops/spec.ts';
import { ABSENT, type Instruction, resolveScalars, scalarWord } from './format.ts';

/**
 * An instruction with this many units or fewer at the largest batch is divided within its units, where its op allows it. A session for few
 * rows has as many (inference.ts), and may run a single one.
 */
const FEW_UNITS = 32;

/**
 * Into how many granules a row is divided, where that can be: then the shares of an instruction over a row's vectors are those of one over
 * their elements.
 */
const GRANULES_OF_ROW = 32;

/** A size that is divided within each unit. */
interface Within {
  /** Where among the instruction's words it stands. */
  readonly word: number;
  /** The granule of its ranges, in elements. */
  readonly granule: number;
}

/** Instruction `i` divided: threads take consecutive runs of units. */
export interface Share {
  /** Where among the instruction's words the divided size stands. */
  readonly word: number;
  /** How many units there are: a number, or −n: n for each row of the batch. */
  readonly units: Dim;
  /** Whether the n of a row are units by themselves; else a row is one, and `units` −1. */
  readonly splits?: boolean;
  /** The granule of shares, in units. */
  readonly granule: number;
  /**
   * A second size, which is divided within each unit. Unless threads compute units together, they take consecutive runs of the units'
   * elements, which may begin and end in the middle of a unit.
   */
  readonly within?: Within;
  /**
   * How often the threads meet in the kernel where they compute each unit together, each a range of the second size, or of the first where
   * there is no second. Undefined: they do not.
   */
  readonly meetings?: number;
  /** How far operands move with each unit; 0 for an operand that all threads read whole. */
  readonly steps: Readonly<Record<string, Dim>>;
  /** Operands in which the part of a unit is contiguous. */
  readonly sliced: ReadonlySet<string>;
  /** Operands that the first thread alone touches. */
  readonly ofFirst?: ReadonlySet<string>;
}

type Extents = Readonly<Record<string, number>>;

/** What a division also depends on. */
export interface Circumstances {
  /** Operands that stay packed. */
  readonly packed?: ReadonlySet<string>;
  /** How many threads divide whole batches, as runs mostly have them: few units are not divided where each thread then has as many. */
  readonly evenly?: number;
}

/** How threads divide an instruction; undefined where they cannot. */
export function shareOf(instruction: Instruction, maximumRows: number, { packed, evenly }: Circumstances = {}): Share | undefined {
  const division = instruction.op.divide?.(resolveScalars(instruction, maximumRows), packed ?? new Set());
  return division && shareBy(division, instruction, maximumRows, evenly);
}

/** How a single thread divides it, to compute one part after the other. */
export function partsOf(instruction: Instruction, maximumRows: number): Share | undefined {
  const division = instruction.op.divide?.(resolveScalars(instruction, maximumRows), new Set());
  const share = division && shareBy(division.alone ?? division, instruction, maximumRows);
  return share?.within ? share : share && { ...share, meetings: undefined };
}

function shareBy(division: Division<string, string>, instruction: Instruction, maximumRows: number, evenly?: number): Share | undefined {
  const { op, operands, scalars } = instruction;
  const size = scalars[division.over];
  const { meetings } = division;
  const all = size < 0 ? maximumRows : size;
  const isEven = meetings === undefined && evenly !== undefined && all % evenly === 0;
  const isFew = all <= FEW_UNITS && !isEven;
  const splits = isFew && meetings === undefined && size < -1 && !division.within && !division.byRows;
  const unit = size < 0 && !splits ? -size : 1;
  const extents = (units: number, rows: number): Extents =>
    op.extents({ ...resolveScalars(instruction, rows), [division.over]: units * unit });
  const [atOneRow, atTwo] = [1, 2].map((rows) => [extents(1, rows), extents(2, rows)]);
  const moves = ([one, two]: readonly Extents[], name: string) => two[name] - one[name];
  const steps: Record<string, Dim> = {};
  const sliced = new Set<string>();
  for (const name of Object.keys(op.operands)) {
    const [one, two] = [moves(atOneRow, name), moves(atTwo, name)];
    if (one !== two && two !== 2 * one) return undefined;
    steps[name] = one === two ? one : -one;
    if (one > 0 && atOneRow[0][name] <= one && !division.scattered?.includes(name)) sliced.add(name);
  }
  const written = Object.keys(op.operands).filter((name) => isWritten(op.operands[name]) && operands[name] !== ABSENT);
  if (!written.every((name) => sharesInPlace(name, operands, steps))) return undefined;
  const word = scalarWord(op, division.over);
  const units = size < 0 && !splits ? -1 : size;
  const within = isFew ? withinOf(instruction, division, maximumRows) : undefined;
  if (within) return { word, units, granule: 1, within, meetings, steps, sliced: new Set() };
  if (meetings !== undefined && !division.within) return togetherOver(division, { word, units, steps, sliced }, resolve(size, maximumRows));
  if (meetings !== undefined && size === 1) return undefined;
  const contiguous = written.every((name) => sliced.has(name));
  if (!contiguous && !op.ranges.includes(division.over)) return undefined;
  const fine = !contiguous || written.some((name) => steps[name] === 1);
  const granule = !fine || units === -1 ? 1 : (division.granule ?? CACHE_LINE);
  const ofRow = -size / GRANULES_OF_ROW;
  const fits = splits && ofRow % (op.ranges.includes(division.over) ? granule : 1) === 0;
  return { word, units, granule: fits ? ofRow : granule, splits, steps, sliced };
}

/** Undefined where the op divides no second size, or one too small for two threads that meet. */
function withinOf(
  { op, scalars }: Instruction,
  { within, meetings, granule = CACHE_LINE }: Division<string, string>,
  maximumRows: number,
): Within | undefined {
  if (!within) return undefined;
  const word = scalarWord(op, within);
  if (meetings === undefined) return { word, granule: 1 };
  return resolve(scalars[within], maximumRows) > granule ? { word, granule } : undefined;
}

/** Undefined where there is but one granule. */
function togetherOver(
  { meetings, granule = CACHE_LINE, ofFirst }: Division<string, string>,
  share: Pick<Share, 'word' | 'units' | 'steps' | 'sliced'>,
  size: number,
): Share | undefined {
  return size > granule ? { ...share, granule, meetings, ofFirst: new Set(ofFirst) } : undefined;
}

/** An operand that lies where another is written must move as that one does. */
function sharesInPlace(written: string, operands: Readonly<Record<string, number>>, steps: Readonly<Record<string, Dim>>): boolean {
  return Object.keys(operands).every((name) => operands[name] !== operands[written] || steps[name] === steps[written]);
}

/** A run of arena elements that an instruction touches. */
export interface Access {
  readonly from: number;
  readonly to: number;
  readonly writes: boolean;
  /** How threads divide the elements: accesses with the same part divide them alike. Undefined: any thread may touch any element. */
  readonly part: string | undefined;
}

const ALONE = 'one thread';

/** The accesses of an instruction that are known for one thread alone, where it is divided. */
export function divided(alone: readonly Access[], { op, operands }: Instruction, share: Share): Access[] {
  const names = Object.keys(op.operands).filter((name) => operands[name] !== ABSENT);
  return alone.map((access, i) => ({ ...access, part: partOf(share, names[i], operands[names[i]]) }));
}

/** The accesses of an instruction at the largest batch, divided or run by one thread alone. */
export function accesses(instruction: Instruction, share: Share | undefined, maximumRows: number): Access[] {
  const { op, operands } = instruction;
  const extents = op.extents(resolveScalars(instruction, maximumRows));
  return Object.keys(op.operands)
    .filter((name) => operands[name] !== ABSENT)
    .map((name) => ({
      from: operands[name],
      to: operands[name] + extents[name],
      writes: isWritten(op.operands[name]),
      part: share ? partOf(share, name, operands[name]) : ALONE,
    }));
}

function partOf({ units, granule, steps, sliced, ofFirst }: Share, name: string, offset: number): string | undefined {
  if (ofFirst?.has(name)) return ALONE;
  return sliced.has(name) ? [offset, steps[name] * granule, units / granule].join() : undefined;
}
