/** Finding where training went wrong: the failing steps are run again, one instruction at a time. */
import type { RunRequest, Session } from '../backends/backend.ts';
import type { Origin } from '../origin.ts';
import { type Instruction, instructions, resolveScalars } from '../program/format.ts';

/** Where the first instruction in a step's requests comes from whose result is not finite; undefined where all are. */
export function firstNonFinite(session: Session, requests: Iterable<RunRequest>): Origin | undefined {
  const { program } = session;
  const all = [...instructions(program)];
  for (const request of requests) {
    for (const [index, instruction] of all.entries()) {
      const { at, words } = instruction;
      if (at < request.from || at >= request.to) continue;
      session.run({ ...request, from: at, to: at + words, repeats: 1 });
      if (!resultsAreFinite(session, instruction, request.rows)) return program.origins[index];
    }
  }
  return undefined;
}

function resultsAreFinite(session: Session, instruction: Instruction, rows: number): boolean {
  const { op, operands } = instruction;
  const extents = op.extents(resolveScalars(instruction, rows));
  return Object.entries(op.operands)
    .filter(([, role]) => role === 'out' || role === 'inout')
    .every(([name]) => (session.read(operands[name], extents[name]) as Float64Array).every(Number.isFinite));
}
