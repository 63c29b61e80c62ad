/** What the rows of a head weigh: the weights of the data, times those of their classes. */
import type { DataColumn } from '../backends/backend.ts';
import { DataError, OptionError, ShapeError } from '../errors.ts';
import { pieces, type Work } from '../event-loop/slices.ts';
import { IGNORED } from '../losses/loss.ts';
import type { Head } from '../model/heads.ts';
import { type Dense, densify, type TensorLike } from '../nested.ts';
import { COMPARISON } from '../ops/classification.ts';
import { number } from '../options/table.ts';
import { describe } from '../options.ts';
import { checkFinite, findIndex, type Numbers, type Numeric } from './finite-numbers.ts';
import type { PreparedTarget } from './targets.ts';

/**
 * What targets of each class weigh: a number for each class, by its index, or 'balanced' for N / (classes · count), where N targets count
 * and `classes` of them occur (scikit-learn's formula): each class then weighs the same in all.
 */
export type ClassWeight = 'balanced' | readonly number[];

/** The class weights of the targets of all outputs, or of each by its name. */
export type ClassWeights = ClassWeight | { readonly [output: string]: ClassWeight };

/** Something given for a head, and its name in messages. */
interface Named<T> {
  readonly where: string;
  readonly value: T;
}

/** What callers give for the weights of a head's rows. */
export interface GivenWeights {
  readonly rows: Named<TensorLike> | undefined;
  readonly classes: Named<ClassWeight> | undefined;
}

/** Throws OptionError unless it is 'balanced' or a list of weights of at least 0, not all 0. */
export function checkClassWeight(where: string, value: unknown): ClassWeight {
  if (value === 'balanced') return value;
  if (!Array.isArray(value) || value.length === 0)
    throw new OptionError(`${where}: expected 'balanced' or a list with a weight for each class, got ${describe(value)}`);
  const weights = Array.from(value, (weight, i) => number(0)(`${where}[${i}]`, weight));
  if (weights.every((weight) => weight === 0)) throw new OptionError(`${where}: expected weights of which one is above 0, got only 0`);
  return weights;
}

/** The targets of a head, as its weights look at them. */
interface Weighted {
  readonly head: Head;
  readonly target: PreparedTarget;
  readonly rows: number;
  /** Whether all may weigh 0. Default false. */
  readonly mayBeNothing?: boolean | undefined;
}

/**
 * A column with one weight a row, or one for each of its targets; undefined where nothing is given. Throws ShapeError, DataError or, for
 * class weights that the targets do not suit, OptionError.
 */
export function* prepareWeights(given: GivenWeights, weighted: Weighted, backend: Numeric): Work<DataColumn | undefined> {
  const { rows, classes } = given;
  if (!rows && !classes) return undefined;
  const own = rows && (yield* ofRows(rows, weighted, backend));
  const column = classes ? yield* timesClasses(own, classes, weighted, backend) : (own as DataColumn);
  if (!weighted.mayBeNothing) yield* checkSome((classes ?? rows)?.where as string, column, weighted.target);
  return column;
}

function* ofRows({ where, value }: Named<TensorLike>, { head, target, rows }: Weighted, backend: Numeric): Work<DataColumn> {
  const dense = yield* densify(where, value);
  checkShape(where, dense, head, rows);
  const width = dense.data.length / rows;
  yield* checkFinite(where, dense.data, width, backend);
  const wrong = yield* findIndex(dense.data, (weight) => weight < 0);
  if (wrong >= 0) throw new DataError(`${where}: expected weights of at least 0, got ${dense.data[wrong]} in ${place(wrong, width)}`);
  if (width > 1 && target.form === 'sequences')
    throw new ShapeError(`${where}: expected one weight a row for ${head.loss.name}, which takes a row as a whole, got ${width}`);
  if (width > 1 && target.form === 'values' && head.loss.definition.outputs === 'sum')
    throw new ShapeError(`${where}: expected one weight a row for ${head.loss.name}, which adds the losses of a row, got ${width}`);
  return { data: dense.data, width };
}

const place = (i: number, width: number) => `row ${Math.floor(i / width)}${width > 1 ? `, place ${i % width}` : ''}`;

function checkShape(where: string, { shape }: Dense, head: Head, rows: number): void {
  const places = head.shape.slice(0, -1);
  const given = shape.slice(1).join();
  if (shape[0] === rows && (given === '' || given === places.join())) return;
  const each = places.length ? ` or [${[rows, ...places].join(', ')}]` : '';
  throw new ShapeError(`${where}: expected shape [${rows}]${each}, a weight for each row of x, got [${shape.join(', ')}]`);
}

/** The weights of rows, or 1, times those of the classes of their targets: one for each target. */
function* timesClasses(
  own: DataColumn | undefined,
  { where, value }: Named<ClassWeight>,
  weighted: Weighted,
  { elementBytes }: Numeric,
): Work<DataColumn> {
  const { count, width, classOf } = classesIn(where, weighted);
  const length = weighted.rows * width;
  if (value !== 'balanced' && value.length !== count)
    throw new OptionError(`${where}: expected a weight for each of ${count} classes, got ${value.length}`);
  const weights = value === 'balanced' ? yield* balanced(length, count, classOf) : value;
  const data = elementBytes === 4 ? new Float32Array(length) : new Float64Array(length);
  const perRow = own ? width / own.width : 1;
  for (const [start, end] of pieces(length)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) {
      const index = classOf(i);
      data[i] = index < 0 ? 0 : weights[index] * (own ? own.data[Math.floor(i / perRow)] : 1);
      if (!Number.isFinite(data[i]))
        throw new DataError(`${where}: expected weights within the range of float${8 * elementBytes}, got ${weights[index]} times others`);
    }
  }
  return { data, width };
}

/** Weights that make the classes weigh the same, by how often each occurs. */
function* balanced(length: number, classes: number, classOf: (i: number) => number): Work<number[]> {
  const counts = new Array<number>(classes).fill(0);
  for (const [start, end] of pieces(length)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) {
      const index = classOf(i);
      if (index >= 0) counts[index]++;
    }
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const occurring = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? total / (occurring * count) : 0));
}

interface Classes {
  readonly count: number;
  /** Targets of a row. */
  readonly width: number;
  /** The class of a target; negative where it is ignored. */
  classOf(i: number): number;
}

/** The classes among targets: of indices, of probabilities by the largest, of one label by its threshold. Throws OptionError for others. */
function classesIn(where: string, { head, target }: Weighted): Classes {
  const { column, comparison } = target;
  const { name } = head.loss;
  if (!comparison)
    throw new OptionError(
      `${where}: expected targets that name classes, got ${target.form === 'sequences' ? 'sequences' : 'numbers'} of ${name}`,
    );
  const each = column.width / comparison.answers;
  const width = comparison.answers;
  if (comparison.comparison === COMPARISON.index) return { count: head.shape.at(-1) ?? 1, width, classOf: (i) => column.data[i] };
  if (comparison.comparison === COMPARISON.largest) return { count: each, width, classOf: (i) => largest(column.data, i * each, each) };
  if (each > 1) throw new OptionError(`${where}: expected targets that name one class, got ${each} labels a row of ${name}`);
  return { count: 2, width, classOf: (i) => (column.data[i] > 0.5 ? 1 : 0) };
}

function largest(data: Numbers | Int32Array, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (data[start + i] > data[start + best]) best = i;
  return best;
}

/** Throws DataError where no target that counts weighs anything. */
function* checkSome(where: string, { data, width }: DataColumn, { column, ignores }: PreparedTarget): Work<void> {
  const perWeight = ignores ? column.width / width : 1;
  const counts = (i: number) => {
    if (!ignores) return true;
    for (let j = i * perWeight; j < (i + 1) * perWeight; j++) if (column.data[j] !== IGNORED) return true;
    return false;
  };
  for (const [start, end] of pieces(data.length)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) if (data[i] > 0 && counts(i)) return;
  }
  throw new DataError(`${where}: expected a weight above 0 for some target that counts, got none`);
}
