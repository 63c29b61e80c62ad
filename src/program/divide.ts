/**
 * Divides a program among threads that all execute it (SPMD): which instructions are shared, which one thread runs alone, and where
 * the threads must meet. Decided once for a program, by its sizes at the largest batch and by measured costs; results do not depend
 * on it.
 */
import { HEADER_WORDS, type Instruction, instructions, type Program, resolveScalars } from './format.ts';
import { PACKABLE_WORDS, type Packable } from './packable.ts';
import { Pending } from './pending.ts';
import { type Access, accesses, divided, partsOf, type Share, shareOf } from './shares.ts';

/** The costs of a backend's threads, in nanoseconds. */
export interface ThreadCosts {
  /** An element of plain arithmetic: the unit of an op's `work`. */
  readonly element: number;
  /** A meeting of the threads. */
  readonly barrier: number;
  /** The further cost of sharing a step: waking the helpers, traffic between caches, work done twice. */
  readonly step: number;
}

/**
 * A division lies beside the code, word for word. Of an instruction's words, the first has bits (MEETS, TOGETHER, SPLITS), and the second says
 * where among its words the divided size stands (0: one thread runs it alone). That size's word holds the granule that shares are multiples
 * of, an operand's word how far it moves with each unit. A size −n is divided by rows: n of it are one unit, or each of it where it SPLITS. Where another scalar's word is
 * not 0, that size is divided within each unit, and its word holds its granule: threads share the units times its elements or, where they
 * compute each unit together, ranges of this size. Where they compute the whole together, no other scalar's word is set: they share ranges
 * of the divided size.
 *
 * The threads also meet when a step begins, before the first shared instruction, and when it ends. Every instruction that overlaps in
 * memory with one since the last meeting, where either writes, is divided so that each element stays with the same thread.
 */
export type Division = Int32Array;

/** The threads meet before an instruction. */
export const MEETS = 1;
/** They compute each of its units together, and meet in its kernel, which all of them call. */
export const TOGETHER = 2;
/** A size that grows with the rows is divided within rows too. */
export const SPLITS = 4;

const NOTHING_PACKED: Packable = new Int32Array(0);
/** A program is worth threads that save at least this part of its time. */
const LEAST_GAIN = 0.1;

/** How `threads` threads should share the program, with `packed` the operands that stay packed; undefined where one alone does as well. */
export function divide(program: Program, threads: number, costs: ThreadCosts, packed: Packable = NOTHING_PACKED): Division | undefined {
  if (threads === 1) return undefined;
  const all = [...instructions(program)];
  const plan = new Plan(program, all, threads, costs, packed);
  for (const instruction of all) plan.add(instruction);
  return plan.pays() ? plan.division : undefined;
}

/**
 * The division of a single thread, which runs instructions of more than `leastWork` in parts, one after the other, and can pause in
 * between.
 */
export function divideLong(program: Program, leastWork: number): Division {
  const division: Division = new Int32Array(program.code.length);
  for (const instruction of instructions(program)) {
    if (instruction.op.work(resolveScalars(instruction, program.maximumRows)) <= leastWork) continue;
    const share = partsOf(instruction, program.maximumRows);
    if (share) writeShare(division, instruction, share);
  }
  return division;
}

function writeShare(division: Division, { at, operands }: Instruction, { word, granule, splits, within, meetings, steps }: Share): void {
  division[at + 1] = word;
  division[at + word] = granule;
  if (within) division[at + within.word] = within.granule;
  if (meetings !== undefined) division[at] |= TOGETHER;
  if (splits) division[at] |= SPLITS;
  Object.keys(operands).forEach((name, i) => {
    division[at + HEADER_WORDS + i] = steps[name];
  });
}

class Plan {
  readonly division: Division;
  /** The accesses of each instruction where one thread runs it. */
  readonly #alone: ReadonlyMap<Instruction, readonly Access[]>;
  /** Code words of operands that stay packed. */
  readonly #packed: ReadonlySet<number>;
  /** The threads, where the runs of the program are whole batches, but for the last of an epoch: it is one that keeps records of them. */
  readonly #evenly: number | undefined;
  /** Accesses since the last meeting, or since the first shared instruction. */
  readonly #pending: Pending;
  #isShared = false;
  #mustMeet = false;
  /** Whether an instruction since the last meeting used the shared scratch memory of threads that compute together. */
  #usedTogether = false;
  #time = 0;
  #saved = 0;

  constructor(
    readonly program: Program,
    all: readonly Instruction[],
    readonly threads: number,
    readonly costs: ThreadCosts,
    packed: Packable,
  ) {
    this.division = new Int32Array(program.code.length);
    this.#evenly = program.records.size > 0 ? threads : undefined;
    this.#packed = new Set(packed.filter((_, i) => i % PACKABLE_WORDS === 0));
    this.#alone = new Map(all.map((one) => [one, accesses(one, undefined, program.maximumRows)]));
    this.#pending = new Pending([...this.#alone.values()].flat());
  }

  add(instruction: Instruction): void {
    const { maximumRows } = this.program;
    const time = this.costs.element * instruction.op.work(resolveScalars(instruction, maximumRows));
    const gain = time * (1 - 1 / this.threads);
    const share = this.#choose(instruction, gain);
    this.#time += time;
    if (share) this.#saved += this.#worth(share, gain);
    // A context that changes is read by all: the change stands between two meetings.
    const { changesContext = false } = instruction.op;
    const touched = this.#touched(instruction, share);
    this.#meetBefore(instruction, touched, share, changesContext);
    if (this.#isShared) for (const access of touched) this.#pending.add(access);
    this.#mustMeet = changesContext && this.#isShared;
    if (share) writeShare(this.division, instruction, share);
  }

  /** Whether the threads save enough: they also meet when a step begins and when it ends. */
  pays(): boolean {
    const { barrier, step } = this.costs;
    return this.#isShared && this.#saved - 2 * barrier > Math.max(LEAST_GAIN * this.#time, step);
  }

  #packedOf({ at, operands }: Instruction): ReadonlySet<string> {
    return new Set(Object.keys(operands).filter((_, i) => this.#packed.has(at + HEADER_WORDS + i)));
  }

  /** The share, where dividing gains more than meeting before and after costs, or where it saves a meeting. */
  #choose(instruction: Instruction, gain: number): Share | undefined {
    const { maximumRows } = this.program;
    const least = 2 * this.costs.barrier;
    const meets = (how: Share | undefined) => this.#conflicts(this.#touched(instruction, how));
    if (gain <= least && !(this.#isShared && meets(undefined))) return undefined;
    const share = shareOf(instruction, maximumRows, { packed: this.#packedOf(instruction), evenly: this.#evenly });
    const worth = share ? this.#worth(share, gain) : 0;
    return worth > least || (worth > 0 && !meets(share)) ? share : undefined;
  }

  /** The gain of a share, less the meetings in its kernel. */
  #worth(share: Share, gain: number): number {
    return gain - (share.meetings ?? 0) * this.costs.barrier;
  }

  #touched(instruction: Instruction, share: Share | undefined): readonly Access[] {
    const alone = this.#alone.get(instruction) as readonly Access[];
    return share ? divided(alone, instruction, share) : alone;
  }

  #conflicts(touched: readonly Access[]): boolean {
    return touched.some((access) => this.#pending.conflicts(access));
  }

  #meetBefore({ at }: Instruction, touched: readonly Access[], share: Share | undefined, changesContext: boolean): void {
    const begins = share !== undefined && !this.#isShared;
    const isTogether = share?.meetings !== undefined;
    const meets = this.#isShared && (this.#mustMeet || changesContext || (isTogether && this.#usedTogether) || this.#conflicts(touched));
    this.#usedTogether = isTogether || (this.#usedTogether && !meets);
    if (meets) {
      this.#pending.clear();
      this.division[at] |= MEETS;
      this.#saved -= this.costs.barrier;
    }
    this.#isShared ||= begins;
  }
}
