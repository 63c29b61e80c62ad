/** The targets of a head: class indices, values or sequences, and how right answers are counted. */
import type { DataColumn } from '../backends/backend.ts';
import { DataError, ShapeError } from '../errors.ts';
import { pieces, type Work } from '../event-loop/slices.ts';
import { IGNORED, type Loss, type TargetForm } from '../losses/loss.ts';
import { type Comparison, compareIndices, compareLargest, compareValues } from '../metrics/accuracy.ts';
import type { Head } from '../model/heads.ts';
import { copied, type Dense, densify, type TensorLike } from '../nested.ts';
import { count } from '../ops/shape.ts';
import { checkFinite, findIndex, type Numbers, type Numeric } from './finite-numbers.ts';
import { type InputColumns, sequences } from './sequences.ts';

export interface PreparedTarget {
  /** Class indices that are ignored are IGNORED in it. */
  readonly column: DataColumn;
  readonly form: TargetForm;
  /** Undefined where no right answers are counted. */
  readonly comparison: Comparison | undefined;
  /** Whether some class indices may be ignored. */
  readonly ignores: boolean;
}

/** Targets but for their numbers. */
export type TargetTask = Omit<PreparedTarget, 'column' | 'weights'>;

const taskOfClasses = (answers: number, { ignore }: Loss): TargetTask => ({
  form: 'classes',
  comparison: compareIndices(answers),
  ignores: ignore !== undefined,
});

const taskOfValues = (output: readonly number[], { definition }: Loss): TargetTask => ({
  form: 'values',
  comparison: compareValues(output, definition),
  ignores: false,
});

const TASK_OF_SEQUENCES: TargetTask = { form: 'sequences', comparison: undefined, ignores: false };

/** The targets that a head's loss takes first: class indices where it takes them, else sequences or values. */
export function usualTask({ shape, loss }: Head): TargetTask {
  if (loss.takesSequences) return TASK_OF_SEQUENCES;
  const isOfClasses = loss.definition.targets[0] === 'classes';
  return isOfClasses ? taskOfClasses(count(shape.slice(0, -1)), loss) : taskOfValues(shape, loss);
}

/** The samples that targets belong to, and the numbers of the backend. */
export interface TargetContract {
  readonly rows: number;
  /** Asked for by losses of sequences alone. */
  inputs(): InputColumns;
  readonly backend: Numeric;
}

/** Checks the targets given for a head. Throws ShapeError or DataError. */
export function* prepareTarget(where: string, value: TensorLike, head: Head, contract: TargetContract): Work<PreparedTarget> {
  const { shape: output, loss } = head;
  const { rows, backend } = contract;
  const target = yield* densify(where, value);
  if (target.shape[0] !== rows)
    throw new DataError(`${where}: expected one target for each of ${rows} rows of x, got shape [${target.shape.join(', ')}]`);
  yield* checkFinite(where, target.data, Math.max(1, target.data.length / rows), backend);
  if (loss.takesSequences) return { column: yield* sequences(where, target, head, contract.inputs()), ...TASK_OF_SEQUENCES };
  const classes = classesAmong(target, output, loss);
  return yield* classes === undefined ? values(where, target, output, loss) : indices(where, target, { classes, output, loss });
}

/** The number of classes that the targets index; undefined where they are values. */
function classesAmong({ shape }: Dense, output: readonly number[], loss: Loss): number | undefined {
  const given = shape.slice(1).join();
  const places = output.slice(0, -1);
  const classes = output.at(-1) ?? 1;
  if (loss.definition.targets[0] === 'classes') return given === places.join() || given === [...places, 1].join() ? classes : undefined;
  if (loss.definition.target) return undefined;
  const among = given === '' ? count(output) : given === places.join() ? classes : 1;
  return among > 1 ? among : undefined;
}

function* values(where: string, { shape, data }: Dense, output: readonly number[], loss: Loss): Work<PreparedTarget> {
  const places = output.slice(0, -1);
  const classes = places.length ? `class indices of shape [rows, ${places.join(', ')}]` : 'one class index a row';
  if (loss.ignore !== undefined || !loss.definition.targets.includes('values')) {
    const who = loss.ignore === undefined ? loss.name : `${loss.name} that ignores some`;
    throw new ShapeError(`${where}: expected ${classes} for ${who}, got shape [${shape.join(', ')}]${flattenHint(shape, output)}`);
  }
  const sample = loss.targetShape(output);
  const flat = shape.length === 1 && count(sample) === 1;
  if (!flat && shape.slice(1).join() !== sample.join())
    throw new ShapeError(
      `${where}: expected shape [${['rows', ...sample].join(', ')}]${loss.definition.target ? '' : ` or ${classes}`}, got [${shape.join(', ')}]${flattenHint(shape, output)}`,
    );
  const width = count(sample);
  yield* checkRange(where, data, width, loss);
  return { column: { data, width }, ...taskOfValues(output, loss) };
}

/** A hint: the targets have one answer a row, and the network gives several. */
function flattenHint(shape: readonly number[], output: readonly number[]): string {
  const isForRows = output.length > 1 && (shape.length === 1 || (shape.length === 2 && shape[1] === output.at(-1)));
  return isForRows ? `; the network gives [${output.join(', ')}] for a row: flatten() before its last layer makes it one answer` : '';
}

function* checkRange(where: string, data: Numbers, width: number, { name, definition: { range } }: Loss): Work<void> {
  if (!range) return;
  const [least, most] = range;
  const wrong = yield* findIndex(data, (value) => value < least || value > most);
  if (wrong < 0) return;
  const place = `row ${Math.floor(wrong / width)}, element ${wrong % width}`;
  const expected = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new DataError(`${where}: expected targets ${expected} for ${name}, got ${data[wrong]} in ${place}`);
}

interface Among {
  readonly classes: number;
  readonly output: readonly number[];
  readonly loss: Loss;
}

/** Kernels use indices as addresses: they are copied before they are checked, so that a change of the caller's array does no harm. */
function* indices(where: string, { data: theirs, isOwn }: Dense, { classes, output, loss }: Among): Work<PreparedTarget> {
  const given = isOwn ? theirs : yield* copied(where, theirs);
  const answers = count(output) / classes;
  yield* checkClasses(where, given, { answers, classes, ignore: loss.ignore });
  if (!loss.definition.targets.includes('classes')) {
    const column = { data: yield* oneHot(given, classes), width: count(output) };
    return { column, form: 'values', comparison: compareLargest(answers), ignores: false };
  }
  const { ignore = IGNORED } = loss;
  return { column: { data: yield* integers(given, ignore), width: answers }, ...taskOfClasses(answers, loss) };
}

function* checkClasses(where: string, data: Numbers, among: { answers: number; classes: number; ignore?: number }): Work<void> {
  const { answers, classes, ignore } = among;
  const wrong = yield* findIndex(data, (index) => index !== ignore && (!Number.isInteger(index) || index < 0 || index >= classes));
  if (wrong >= 0) {
    const place = `row ${Math.floor(wrong / answers)}${answers > 1 ? `, place ${wrong % answers}` : ''}`;
    const rest = ignore === undefined ? '' : `, or ${ignore}`;
    throw new DataError(`${where}: expected class indices from 0 to ${classes - 1}${rest}, got ${data[wrong]} in ${place}`);
  }
  if ((yield* findIndex(data, (index) => index !== ignore)) < 0)
    throw new DataError(`${where}: expected class indices that are not all ignored, got only ${ignore}`);
}

function* oneHot(indices: Numbers, classes: number): Work<Float32Array> {
  const hot = new Float32Array(indices.length * classes);
  for (const [start, end] of pieces(indices.length)) {
    if (start > 0) yield;
    for (let place = start; place < end; place++) hot[place * classes + indices[place]] = 1;
  }
  return hot;
}

/** The indices, with IGNORED in place of those to ignore. */
function* integers(data: Numbers, ignore: number): Work<Int32Array> {
  const indices = new Int32Array(data.length);
  for (const [start, end] of pieces(data.length)) {
    if (start > 0) yield;
    for (let i = start; i < end; i++) indices[i] = data[i] === ignore ? IGNORED : data[i];
  }
  return indices;
}
