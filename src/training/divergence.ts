/** Finding where training went wrong: the failing steps are run again, one instruction at a time. */
import type { Session } from '../backends/backend.ts';
import { resolve } from '../ops/shape.ts';
import { type Instruction, instructions } from '../program/format.ts';

/** The label of the first instruction of an iteration whose result is not finite; undefined where all are. */
export function firstNonFinite(session: Session, iteration: number, rows: number): string | undefined {
  const { program } = session;
  let index = 0;
  for (const instruction of instructions(program)) {
    const { at, words } = instruction;
    session.run({ from: at, to: at + words, repeats: 1, iteration, rows });
    if (!resultsAreFinite(session, instruction, rows)) return program.labels[index];
    index++;
  }
  return undefined;
}

function resultsAreFinite(session: Session, { op, operands, scalars }: Instruction, rows: number): boolean {
  const resolved = Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, op.scalars[name] === 'size' ? resolve(value, rows) : value]),
  );
  const extents = op.extents(resolved);
  return Object.entries(op.operands)
    .filter(([, role]) => role === 'out' || role === 'inout')
    .every(([name]) => (session.read(operands[name], extents[name]) as Float64Array).every(Number.isFinite));
}
