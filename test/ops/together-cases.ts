/**
 * Programs with instructions that threads compute together: one alone, of random sizes, and steps of training. What they make must not
 * depend on how many threads there are.
 */
import { createHash } from 'node:crypto';
import type { DataBinding, Session } from '../../src/backends/backend.ts';
import { count } from '../../src/ops/shape.ts';
import { opNamed } from '../../src/ops/table.ts';
import type { Program } from '../../src/program/format.ts';
import { LARGE_CELLS, prepare, type Training } from '../native/networks.ts';
import { all, assemble } from '../native/programs.ts';
import { Chance } from '../support/randomness.ts';

export interface TogetherCase {
  readonly name: string;
  readonly program: Program;
  readonly arena: Float32Array;
  readonly data?: DataBinding;
}

/** More than some of them have ranges, so that threads without one meet the others. */
export const COUNTS = [1, 2, 3, 7, 20];

/** The fewest units of a cell whose steps are worth a meeting. */
const UNITS: Readonly<Record<string, number>> = { rnn: 444, lstm: 222, gru: 256 };

/** Every cell both ways, of a single row and of a few. */
export function togetherCases(): TogetherCase[] {
  const chance = new Chance(12);
  const cells = Object.entries(UNITS).flatMap(([cell, units]) =>
    ['', 'Gradient'].flatMap((way) => [1, 2 + chance.below(3)].map((rows) => recurrence(cell + way, rows, units, chance))),
  );
  return [...cells, ...LARGE_CELLS.map(trainingSteps)];
}

function trainingSteps(training: Training): TogetherCase {
  const { program, arena, data } = prepare(training);
  for (const { offset, shape } of program.parameters.values()) {
    for (let i = 0; i < count(shape); i++) arena[offset + i] = Math.sin(i * i) / 16;
  }
  return { name: training.name, program, arena, data };
}

function recurrence(name: string, rows: number, units: number, chance: Chance): TogetherCase {
  const op = opNamed(name);
  const flag = () => chance.below(2);
  const sizes = { rows, steps: 2 + chance.below(3), units: units + chance.below(40) };
  const scalars = { ...sizes, reverse: flag(), truncate: chance.below(3), relu: flag() };
  const extents = op.extents(scalars);
  const isThere = (operand: string) => op.operands[operand] !== 'in?' || flag() === 1;
  const at: Record<string, number> = {};
  const values: number[] = [];
  for (const operand of Object.keys(op.operands).filter(isThere)) {
    while (values.length % 16 > 0) values.push(0);
    at[operand] = values.length;
    for (let i = 0; i < extents[operand]; i++) values.push(elementOf(operand, i, scalars.units, chance));
  }
  const program = assemble([{ op: name, at, scalars }], values.length, rows);
  const optional = Object.keys(at).filter((operand) => op.operands[operand] === 'in?');
  return { name: `${name} ${JSON.stringify(scalars)} ${optional}`, program, arena: Float32Array.from(values) };
}

function elementOf(operand: string, i: number, units: number, chance: Chance): number {
  if (operand === 'weight') return (2 * Math.sin(i * i)) / Math.sqrt(units);
  if (operand === 'mask') return chance.below(3) === 0 ? 0 : 1;
  if (operand === 'gates') return chance.between(0.05, 0.95);
  return chance.between(-1, 1);
}

/** What a case is run with. */
export const requestOf = ({ program }: TogetherCase) => all(program, { repeats: 2, rows: program.maximumRows });

export const digestOf = (arena: Float32Array) => createHash('sha256').update(new Uint8Array(arena.buffer)).digest('hex');

/** A digest of the arena after the run. */
export async function resultOf(session: Session, one: TogetherCase, how: 'run' | 'runAsync' = 'run'): Promise<string> {
  session.write(0, one.arena);
  if (one.data) session.bind(one.data);
  await session[how](requestOf(one));
  const arena = session.read(0, one.program.arenaSize) as Float32Array;
  session.dispose();
  return digestOf(arena);
}
