/** Finding where training went wrong: the failing steps are run again, one instruction at a time. */
import type { RunRequest, Session } from '../backends/backend.ts';
import { fromWords } from '../backends/words.ts';
import type { StrayIndex } from '../errors.ts';
import { NO_INDEX } from '../ops/indices.ts';
import { count } from '../ops/shape.ts';
import type { Origin } from '../origin.ts';
import { ElementTracker, type Held } from '../program/elements.ts';
import { type Instruction, instructions, resolveScalars, type Slot } from '../program/format.ts';

/** The first instruction whose result is not finite. */
export interface NonFinite {
  readonly origin: Origin;
  /** By name, the optimiser's state (`variance/0.weight`) that it spoilt; undefined where that is finite. */
  readonly state?: string;
  /** The name of the parameter that it spoilt; undefined where that is finite. */
  readonly parameter?: string;
  /** The out-of-range index by which it looked something up. */
  readonly stray?: StrayIndex;
}

/** Searches the requests of a step; undefined where all results are finite. */
export function firstNonFinite(session: Session, requests: Iterable<RunRequest>): NonFinite | undefined {
  const { program } = session;
  const all = [...instructions(program)];
  const elements = new ElementTracker(program);
  const held = all.map((instruction) => elements.follow(instruction));
  for (const request of requests) {
    for (const [index, instruction] of all.entries()) {
      const { at, words } = instruction;
      if (at < request.from || at >= request.to) continue;
      session.run({ ...request, from: at, to: at + words, repeats: 1 });
      const places = nonFinitePlaces(session, instruction, request.rows, held[index]);
      if (places.length === 0) continue;
      return {
        origin: program.origins[index],
        state: slotAmong(program.state, places),
        parameter: slotAmong(program.parameters, places),
        stray: strayIndex(session, instruction, request.rows, held[index]),
      };
    }
  }
  return undefined;
}

/** For each result of an instruction, the offset in the arena of its first element that is not finite, if it has one. */
function nonFinitePlaces(session: Session, instruction: Instruction, rows: number, held: Held): number[] {
  const { op, operands } = instruction;
  const extents = op.extents(resolveScalars(instruction, rows));
  return Object.entries(op.operands)
    .filter(([name, role]) => (role === 'out' || role === 'inout') && held.get(name) === 'number')
    .flatMap(([name]) => {
      const found = session.read(operands[name], extents[name]).findIndex((value: number) => !Number.isFinite(value));
      return found < 0 ? [] : [operands[name] + found];
    });
}

/** The first of the indices by which an instruction looks something up that is out of range. */
function strayIndex(session: Session, instruction: Instruction, rows: number, held: Held): StrayIndex | undefined {
  const { op, operands } = instruction;
  const scalars = resolveScalars(instruction, rows);
  const extents = op.extents(scalars);
  for (const [name, { below }] of Object.entries(op.indices)) {
    if (below === undefined || held.get(name) !== 'index') continue;
    const count = scalars[below];
    const indices = fromWords(session.read(operands[name], extents[name]));
    const index = indices.find((one: number) => one < 0 || one >= count);
    if (index !== undefined) return { index: index === NO_INDEX ? undefined : index, count };
  }
  return undefined;
}

function slotAmong(slots: ReadonlyMap<string, Slot>, places: readonly number[]): string | undefined {
  const holds = ({ offset, shape }: Slot) => places.some((place) => place >= offset && place < offset + count(shape));
  return [...slots].find(([, slot]) => holds(slot))?.[0];
}
