/** Finding where training went wrong: the failing steps are run again, one instruction at a time. */
import type { RunRequest, Session } from '../backends/backend.ts';
import { count } from '../ops/shape.ts';
import type { Origin } from '../origin.ts';
import { type Instruction, instructions, resolveScalars, type Slot } from '../program/format.ts';

/** The first instruction whose result is not finite. */
export interface NonFinite {
  readonly origin: Origin;
  /** By name, the optimiser's state (`variance/0.weight`) that it spoilt; undefined where that is finite. */
  readonly state?: string;
  /** Likewise the parameter. */
  readonly parameter?: string;
}

/** In the requests of a step; undefined where all results are finite. */
export function firstNonFinite(session: Session, requests: Iterable<RunRequest>): NonFinite | undefined {
  const { program } = session;
  const all = [...instructions(program)];
  for (const request of requests) {
    for (const [index, instruction] of all.entries()) {
      const { at, words } = instruction;
      if (at < request.from || at >= request.to) continue;
      session.run({ ...request, from: at, to: at + words, repeats: 1 });
      const places = nonFinitePlaces(session, instruction, request.rows);
      if (places.length === 0) continue;
      return { origin: program.origins[index], state: slotAmong(program.state, places), parameter: slotAmong(program.parameters, places) };
    }
  }
  return undefined;
}

/** For each result of an instruction, the offset in the arena of its first element that is not finite, if it has one. */
function nonFinitePlaces(session: Session, instruction: Instruction, rows: number): number[] {
  const { op, operands } = instruction;
  const extents = op.extents(resolveScalars(instruction, rows));
  return Object.entries(op.operands)
    .filter(([, role]) => role === 'out' || role === 'inout')
    .flatMap(([name]) => {
      const found = session.read(operands[name], extents[name]).findIndex((value: number) => !Number.isFinite(value));
      return found < 0 ? [] : [operands[name] + found];
    });
}

function slotAmong(slots: ReadonlyMap<string, Slot>, places: readonly number[]): string | undefined {
  const holds = ({ offset, shape }: Slot) => places.some((place) => place >= offset && place < offset + count(shape));
  return [...slots].find(([, slot]) => holds(slot))?.[0];
}
