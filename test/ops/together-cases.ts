/**
 * Programs with instructions that threads compute together: one alone, of random sizes, and steps of training. What they make must not
 * depend on how many threads there are.
 */
import { createHash } from 'node:crypto';
import type { Arena, DataBinding } from '../../src/backends/backend.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { BATCH, count } from '../../src/ops/shape.ts';
import type { Shape } from '../../src/ops/spec.ts';
import '../../src/ops/table.ts';
import type { Program } from '../../src/program/format.ts';
import { LARGE_CELLS, prepare, type Training } from '../native/networks.ts';
import { all, assemble } from '../native/programs.ts';
import { Chance } from '../support/randomness.ts';
import { assemble as assembleCase } from './case-program.ts';
import { SUMS } from './families-fused.ts';
import { make } from './make-case.ts';

export interface TogetherCase {
  readonly name: string;
  readonly program: Program;
  readonly arena: Float32Array;
  readonly data?: DataBinding;
  /** Default: as many as the program was made for. */
  readonly rows?: number;
}

/** More than some of them have ranges, so that threads without one meet the others. */
export const COUNTS = [1, 2, 3, 7, 20];
/** On native, in each of the two modes. */
export const FAST_COUNTS = [1, 3, 20];
export const REPRODUCIBLE_COUNTS = [2, 7];

/** Numbers without pattern within −1 … 1: a sine for each of millions of elements would take longer than what is tested. */
const WAVES = Float64Array.from({ length: 65521 }, (_, i) => Math.sin(i * i));

/** So many numbers around `middle`, no further from it than `reach`. */
function waves(size: number, reach = 1, middle = 0): Float32Array {
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = reach * WAVES[i % WAVES.length] + middle;
  return values;
}

/** The fewest units of a cell whose steps are worth a meeting. */
const UNITS: Readonly<Record<string, number>> = { rnn: 444, lstm: 222, gru: 256 };

/** Every cell both ways, of a single row and of a few. */
export function togetherCases(): TogetherCase[] {
  const chance = new Chance(12);
  const cells = Object.entries(UNITS).flatMap(([cell, units]) =>
    ['', 'Gradient'].flatMap((way) => [1, 2 + chance.below(3)].map((rows) => recurrence(cell + way, rows, units, chance))),
  );
  const rows = ['softmax', 'softmaxGradient', 'logSoftmax', 'logSoftmaxGradient'].flatMap((name) =>
    [1, 3].map((count) => longRows(name, count, chance)),
  );
  const losses = [0, 1].flatMap((sparse) =>
    [1, 3].flatMap((count) => ['', 'Gradient'].map((way) => crossEntropy(way, count, sparse, chance))),
  );
  const sums = [1, 2].map((outer) => longSum(outer, chance));
  const runs = ELEMENT_SUMS.map((sum) => elementSum(...sum));
  const weights = WEIGHTS.map(weightGradient);
  return [...cells, ...rows, ...sums, ...runs, ...losses, ...weights, ...LARGE_CELLS.map(trainingSteps)];
}

/** Rows that are no whole number of parts, the last one of a few elements or of many; where there are several, in place. */
function longRows(name: string, rows: number, chance: Chance): TogetherCase {
  const columns = (1 << 16) + 1 + chance.below(rows === 1 ? 300 : 1 << 15);
  const size = rows * columns;
  const [x, y, out] = [0, size + (-size & 15), 2 * (size + (-size & 15))];
  const inputs: Record<string, number> = name.endsWith('Gradient') ? { delta: x, y } : { x };
  const program = assemble([{ op: name, at: { ...inputs, out: rows === 1 ? out : x }, scalars: { rows, columns } }], out + size, rows);
  const arena = waves(out + size, 4, -2);
  return { name: `${name} ${rows} × ${columns}`, program, arena };
}

function trainingSteps(training: Training): TogetherCase {
  const { program, arena, data } = prepare(training);
  for (const { offset, shape } of program.parameters.values()) {
    arena.set(waves(count(shape), 1 / 16), offset);
  }
  return { name: training.name, program, arena, data };
}

function longSum(outer: number, chance: Chance): TogetherCase {
  const reduced = (1 << 21) + 1 + chance.below(1 << 16);
  const program = assemble([{ op: 'sum', at: { x: 16, out: 0 }, scalars: { outer, reduced, inner: 1 } }], 16 + outer * reduced, outer);
  return { name: `sum ${outer} × ${reduced}`, program, arena: waves(program.arenaSize) };
}

/**
 * The domain of a run with sums, the shape of an input that is repeated, over how many axes sums go, and rows: all that the program was made
 * for, or so few that a single thread computes the instruction.
 */
const ELEMENT_SUMS: readonly (readonly [domain: Shape, other: Shape, axes: number, rows: number, maximumRows: number])[] = [
  [[2500], [], 1, 1, 1],
  [[41, 130], [130], 2, 1, 1],
  [[7, 5, 190], [5, 1], 3, 1, 1],
  [[BATCH, 130], [130], 2, 40, 40],
  [[BATCH, 130], [BATCH, 1], 2, 31, 40],
  [[BATCH, 130], [130], 2, 5, 40],
  [[3, 70_000], [3, 1], 1, 1, 1],
];

function elementSum(domain: Shape, other: Shape, axes: number, rows: number, maximumRows: number): TogetherCase {
  const attributes = { ...SUMS, shape: domain, axes };
  const { program } = assembleCase(make(opNamed('elementwise'), [domain, other], { attributes, rows, maximumRows }));
  const arena = Float32Array.from({ length: program.arenaSize }, (_, i) => Math.sin(i * i));
  return { name: `elementwise [${domain}] [${other}] over ${axes}, ${rows}/${maximumRows} rows`, program, arena, rows };
}

/**
 * Channels, size, filters, kernel and groups of a convolution, and samples: all that the program was made for, or fewer, which are summed
 * in fewer parts. By tiles, by Winograd's filtering, pointwise, by planes; with as many parts as go, with fewer, and with a single filter
 * more than a part's granule.
 */
type Weights = readonly [
  channels: number,
  size: number,
  filters: number,
  kernel: number,
  groups: number,
  rows: number,
  maximumRows: number,
];
const WEIGHTS: readonly Weights[] = [
  [3, 17, 20, 5, 1, 19, 19],
  [16, 20, 33, 3, 1, 16, 16],
  [24, 13, 40, 1, 1, 25, 25],
  [40, 12, 40, 3, 40, 37, 37],
  [6, 15, 10, 3, 2, 11, 32],
  [4, 14, 7, 3, 1, 2, 32],
  [96, 9, 140, 3, 1, 24, 24],
  [1, 28, 2, 3, 1, 9, 9],
];

function weightGradient([channels, size, filters, kernel, groups, rows, maximumRows]: Weights): TogetherCase {
  const padding = kernel === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0];
  const out = kernel === 5 ? size - 4 : size;
  const shapes: Shape[] = [
    [BATCH, channels, size, size],
    [BATCH, filters, out, out],
  ];
  const attributes = { padding, groups, kernel: [kernel, kernel] };
  const { program } = assembleCase(make(opNamed('conv2dWeight'), shapes, { attributes, rows, maximumRows }));
  return { name: `conv2dWeight ${JSON.stringify(attributes)} [${shapes.join('] [')}]`, program, arena: waves(program.arenaSize), rows };
}

/** Of classes, one of them none, or of probabilities. */
function crossEntropy(way: string, rows: number, sparse: number, chance: Chance): TogetherCase {
  const columns = (1 << 16) + 1 + chance.below(300);
  const size = rows * columns;
  const padded = size + (-size & 15);
  const at: Record<string, number> = way
    ? { delta: 0, target: 16, probabilities: 16 + padded, out: 16 + 2 * padded }
    : { losses: 0, target: 16, logits: 16 + padded, probabilities: 16 + 2 * padded };
  const program = assemble(
    [{ op: `softmaxCrossEntropy${way}`, at, scalars: { rows, columns, sparse, deltaStep: 1 } }],
    16 + 3 * padded,
    rows,
  );
  const arena = waves(program.arenaSize, 4, -2);
  if (sparse) new Int32Array(arena.buffer).set([columns - 1, -1, chance.below(columns)].slice(0, rows), 16);
  return { name: `softmaxCrossEntropy${way} ${rows} × ${columns} ${sparse}`, program, arena };
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
  if (operand === 'weight') return (2 * WAVES[i % WAVES.length]) / Math.sqrt(units);
  if (operand === 'mask') return chance.below(3) === 0 ? 0 : 1;
  if (operand === 'gates') return chance.between(0.05, 0.95);
  return chance.between(-1, 1);
}

/** What a case is run with. */
export const requestOf = ({ program, rows = program.maximumRows }: TogetherCase) => all(program, { repeats: 2, rows });

export const digestOf = (arena: Float32Array) => createHash('sha256').update(new Uint8Array(arena.buffer)).digest('hex');

/** A digest of the arena after the run. */
export async function resultOf(session: Arena, one: TogetherCase, how: 'run' | 'runAsync' = 'run'): Promise<string> {
  session.write(0, one.arena);
  if (one.data) session.bind(one.data);
  await session[how](requestOf(one));
  const arena = session.read(0, one.program.arenaSize) as Float32Array;
  session.dispose();
  return digestOf(arena);
}
