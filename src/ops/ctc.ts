/**
 * Connectionist temporal classification (Graves et al. 2006): −ln of the probability that a sequence of classes, one a step, reads as the
 * labels once repeats are merged and blanks left out. The labels with a blank before, between and behind them are the states; a path stays
 * in its state, goes to the next one, or past a blank between two different labels. Probabilities are logarithms all the way, those of a
 * step relative to its likeliest state, so that long sequences lose no digits.
 */
import { ShapeError } from '../errors.ts';
import { EXPONENTIAL } from './reductions.ts';
import { formatShape } from './shape.ts';
import { type AttributesOf, defineOp, type ReferenceOf, type Shape } from './spec.ts';

const SIZES = { rows: 'size', steps: 'size', classes: 'size', length: 'size', blank: 'integer', zeroInfinity: 'integer' } as const;

const ATTRIBUTES = { blank: { kind: 'natural', default: 0 }, zeroInfinity: { kind: 'flag', default: false } } as const;

type Sizes = Readonly<Record<keyof typeof SIZES, number>>;

function lowerSizes(logs: Shape, labels: Shape, { blank, zeroInfinity }: AttributesOf<typeof ATTRIBUTES>): Sizes {
  return { rows: logs[0], steps: logs[1], classes: logs[2], length: labels[1], blank, zeroInfinity: zeroInfinity ? 1 : 0 };
}

function checkShapes(op: string, logs: Shape, labels: Shape, lengths: Shape | undefined): void {
  if (logs.length !== 3 || logs[1] < 1 || logs[2] < 1)
    throw new ShapeError(`${op}: expected logarithms of [rows, steps, classes], got ${formatShape(logs)}`);
  if (labels.length !== 2 || labels[0] !== logs[0] || labels[1] < 1)
    throw new ShapeError(`${op}: expected labels of [rows, length] for ${formatShape(logs)}, got ${formatShape(labels)}`);
  if (lengths && (lengths.length !== 1 || lengths[0] !== logs[0]))
    throw new ShapeError(`${op}: expected one length a row for ${formatShape(logs)}, got ${formatShape(lengths)}`);
}

const isSane = ({ rows, steps, classes, length, blank, zeroInfinity }: Sizes) =>
  rows !== 0 && steps > 0 && classes > 0 && length > 0 && blank < classes && zeroInfinity <= 1;

const logsSize = (s: Sizes) => s.rows * s.steps * s.classes;
const statesOf = (s: Sizes) => 2 * s.length + 1;
/** Three exponentials and a logarithm for each state of a step. */
const workOf = (s: Sizes) => 4 * EXPONENTIAL * s.rows * s.steps * statesOf(s);
const byRows = () => ({ over: 'rows' }) as const;

/** ln Σ e^x; −∞ of nothing. */
function logSum(...terms: readonly number[]): number {
  const largest = Math.max(...terms);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  return largest + Math.log(terms.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

/** One row: the classes of its states, and how many steps it has. */
interface Path {
  readonly states: readonly number[];
  readonly steps: number;
}

/** The states of row r; undefined where a label is no class. The first negative label ends a row's labels. */
function pathOf(s: Sizes, r: number, labels: Float64Array, lengths: Float64Array | undefined): Path | undefined {
  const states = [s.blank];
  for (let i = 0; i < s.length && labels[r * s.length + i] >= 0; i++) {
    const label = labels[r * s.length + i];
    if (!(label < s.classes)) return undefined;
    states.push(label, s.blank);
  }
  return { states, steps: lengths ? Math.ceil(Math.min(Math.max(lengths[r], 0), s.steps)) || 0 : s.steps };
}

/** Whether a path may go from state i − 2 to state i. */
const mayPass = ({ states }: Path, i: number) => i % 2 === 1 && i >= 3 && states[i] !== states[i - 2];

/** ln of the probability of all that leads to each state at each step: the step's own class included, steps −1 to the last. */
function prefixes(path: Path, log: (step: number, state: number) => number): number[][] {
  const { states, steps } = path;
  const all = [states.map((_, i) => (i === 0 ? 0 : Number.NEGATIVE_INFINITY))];
  for (let t = 0; t < steps; t++) {
    const before = (i: number) => all[t][i] ?? Number.NEGATIVE_INFINITY;
    all.push(
      states.map((_, i) => logSum(before(i), before(i - 1), mayPass(path, i) ? before(i - 2) : Number.NEGATIVE_INFINITY) + log(t, i)),
    );
  }
  return all;
}

/** ln of the probability of all that follows each state at each step, steps 0 to the last. */
function suffixes(path: Path, log: (step: number, state: number) => number): number[][] {
  const { states, steps } = path;
  const all: number[][] = [];
  let after = states.map((_, i) => (i === states.length - 1 ? 0 : Number.NEGATIVE_INFINITY));
  for (let t = steps - 1; t >= 0; t--) {
    const next = (i: number) => after[i] ?? Number.NEGATIVE_INFINITY;
    all[t] = states.map((_, i) => logSum(next(i), next(i + 1), mayPass(path, i + 2) ? next(i + 2) : Number.NEGATIVE_INFINITY));
    after = all[t].map((x, i) => x + log(t, i));
  }
  return all;
}

const logsOf =
  (s: Sizes, logs: Float64Array, r: number, { states }: Path) =>
  (step: number, state: number) =>
    logs[(r * s.steps + step) * s.classes + states[state]];

/** ln p of the labels: a path ends in the last state or in the one before. */
const logProbability = (last: readonly number[]) => logSum(...last.slice(-2));

export const CTC = [
  defineOp({
    /**
     * losses[r] = −ln p of labels[r], which a negative index ends, over the first lengths[r] steps (or all) of log-probabilities; ∞, or 0
     * with zeroInfinity, where no path reads so; NaN where a label is no class.
     */
    name: 'ctc',
    operands: { logs: 'in', labels: 'in', lengths: 'in?', losses: 'out' },
    scalars: SIZES,
    attributes: ATTRIBUTES,
    indices: { labels: {} },
    meanings: { lengths: { lengthUpTo: 'steps' } },
    shapes: ([logs, labels, lengths]) => {
      checkShapes('ctc', logs, labels, lengths);
      return [[logs[0]]];
    },
    lower: ([logs, labels], _, attributes) => lowerSizes(logs, labels, attributes),
    valid: isSane,
    extents: (s) => ({ logs: logsSize(s), labels: s.rows * s.length, lengths: s.rows, losses: s.rows }),
    divide: byRows,
    // States before a step and behind it, which of them may be passed, and the borders.
    scratch: (s) => 3 * statesOf(s) + 4,
    work: workOf,
    gradient: (m, { inputs: [logs, labels, lengths], attributes }, [delta]) => [
      delta && m.apply('ctcGradient', [delta, logs, labels, lengths], attributes),
      undefined,
      undefined,
    ],
  }),
  defineOp({
    /**
     * δ of ctc’s log-probabilities from δ of its losses: −δ[r] times the probability that a path which reads as the labels gives a class at
     * a step; NaN, or 0 with zeroInfinity, where no path does.
     */
    name: 'ctcGradient',
    operands: { delta: 'in', logs: 'in', labels: 'in', lengths: 'in?', out: 'out' },
    scalars: SIZES,
    attributes: ATTRIBUTES,
    indices: { labels: {} },
    meanings: { lengths: { lengthUpTo: 'steps' } },
    shapes: ([delta, logs, labels, lengths]) => {
      checkShapes('ctcGradient', logs, labels, lengths);
      if (delta.length !== 1 || delta[0] !== logs[0])
        throw new ShapeError(`ctcGradient: expected one δ a row for ${formatShape(logs)}, got ${formatShape(delta)}`);
      return [logs];
    },
    lower: ([, logs, labels], _, attributes) => lowerSizes(logs, labels, attributes),
    valid: isSane,
    extents: (s) => ({ delta: s.rows, logs: logsSize(s), labels: s.rows * s.length, lengths: s.rows, out: logsSize(s) }),
    divide: byRows,
    // The same, and what leads to each state at each step.
    scratch: (s) => (3 + s.steps) * statesOf(s) + 4,
    work: (s) => 3 * workOf(s),
    tolerance: 1e-4,
  }),
];

export const CTC_REFERENCE: ReferenceOf<(typeof CTC)[number]> = {
  ctc: (s) => {
    const { logs, labels, losses, rows, zeroInfinity } = s;
    const lengths: Float64Array | undefined = s.lengths;
    for (let r = 0; r < rows; r++) {
      const path = pathOf(s, r, labels, lengths);
      const last = path && prefixes(path, logsOf(s, logs, r, path))[path.steps];
      const log = last ? logProbability(last) : Number.NaN;
      losses[r] = log === Number.NEGATIVE_INFINITY && zeroInfinity ? 0 : -log;
    }
  },
  ctcGradient: (s) => {
    const { delta, logs, labels, out, rows, steps, classes, zeroInfinity } = s;
    const lengths: Float64Array | undefined = s.lengths;
    for (let r = 0; r < rows; r++) {
      const start = r * steps * classes;
      out.fill(0, start, start + steps * classes);
      const path = pathOf(s, r, labels, lengths);
      const log = path ? logsOf(s, logs, r, path) : () => Number.NaN;
      const leading = path ? prefixes(path, log) : [];
      const total = path ? logProbability(leading[path.steps]) : Number.NaN;
      if (!path || total === Number.NEGATIVE_INFINITY) {
        if (!path || !zeroInfinity) out.fill(Number.NaN, start, start + steps * classes);
        continue;
      }
      suffixes(path, log).forEach((following, t) => {
        const at = start + t * classes;
        path.states.forEach((state, i) => {
          out[at + state] -= delta[r] * Math.exp(leading[t + 1][i] + following[i] - total);
        });
      });
    }
  },
};
