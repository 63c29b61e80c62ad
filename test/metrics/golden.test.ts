/** Every metric over random predictions with ties, missing classes and weights, in batches, against scikit-learn's values. */
import { readFileSync } from 'node:fs';
import {
  accuracy,
  averagePrecision,
  confusionMatrix,
  defineLoss,
  f1,
  meanAbsoluteError,
  meanSquaredError,
  negate,
  perplexity,
  pick,
  precision,
  r2,
  recall,
  rocAuc,
  topK,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { Graph } from '../../src/graph/graph.ts';
import { lossFrom } from '../../src/losses/config.ts';
import type { Loss } from '../../src/losses/loss.ts';
import { rowsOf } from '../../src/losses/rows.ts';
import { compareIndices, compareValues } from '../../src/metrics/accuracy.ts';
import { METRIC_NAMES } from '../../src/metrics/index.ts';
import type { Metric, MetricResult } from '../../src/metrics/metric.ts';
import { headTotals, recordMeasures } from '../../src/model/measures.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { BACKENDS } from '../support/backends.ts';

type Golden = Readonly<Record<string, readonly unknown[]>>;
const { sets: SETS, ...GOLDEN }: { readonly sets: number } & Readonly<Record<string, Golden>> = JSON.parse(
  readFileSync(new URL('../golden/metrics.json', import.meta.url), 'utf8'),
) as never;

const WEIGHTS = [0.5, 1, 2, 0];

/** Numbers from 0 to below 1: the same as in metrics.py. */
class Draws {
  constructor(private state: number) {}

  next(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return (this.state >>> 8) / 2 ** 24;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }
}

interface Drawn {
  readonly predictions: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

interface Kind {
  readonly columns: number;
  readonly loss: Loss;
  readonly form: 'classes' | 'values';
  target(draws: Draws, number: number): readonly number[];
  /** By the names in the file. */
  readonly metrics: Readonly<Record<string, Metric>>;
}

function drawn(number: number, { columns, target }: Kind): Drawn {
  const draws = new Draws(number * 7919 + 1);
  const n = 2 + draws.below(40);
  const rows = Array.from({ length: n }, (_, r) => {
    const prediction = Array.from({ length: columns }, () => (1 + draws.below(8)) / 8);
    const asked = target(draws, number);
    const weight = WEIGHTS[draws.below(4)];
    return { prediction, asked, weight: number % 2 && r > 1 ? weight : 1 };
  });
  return {
    predictions: rows.map(({ prediction }) => prediction),
    targets: rows.map(({ asked }) => asked),
    weights: rows.map(({ weight }) => weight),
  };
}

/** Predictions are probabilities of classes, which need not add up to 1. */
const ofClasses = defineLoss({ type: 'ofProbabilities' }, (x, y) => negate(pick(x, y)), { targets: 'classes', probabilities: 'identity' });

const AVERAGES = ['macro', 'micro', 'weighted', 'none'] as const;
const averaged = Object.fromEntries(
  AVERAGES.flatMap((average) => Object.entries({ precision, recall, f1 }).map(([name, make]) => [`${name} ${average}`, make({ average })])),
);
/** Each score of the sets lies in a bin of its own, so that bins make no error. */
const curvesOf = (exact: boolean) =>
  Object.fromEntries(
    AVERAGES.flatMap((average) =>
      Object.entries({ rocAuc, averagePrecision }).map(([name, make]) => [`${name} ${average}`, make({ average, exact })]),
    ),
  );

const KINDS: Readonly<Record<string, Kind>> = {
  classes: {
    columns: 4,
    loss: ofClasses,
    form: 'classes',
    target: (draws, number) => [draws.below(1 + (number % 4))],
    metrics: { topK: topK({ k: 2 }), confusionMatrix: confusionMatrix(), perplexity: perplexity(), ...averaged, ...curvesOf(true) },
  },
  pairs: {
    columns: 2,
    loss: ofClasses,
    form: 'classes',
    target: (draws, number) => [draws.below(1 + ((number % 3) % 2))],
    metrics: {
      ...{ precision: precision(), recall: recall({ average: 'binary' }), f1: f1(), confusionMatrix: confusionMatrix() },
      ...{ rocAuc: rocAuc(), averagePrecision: averagePrecision({ exact: true }) },
    },
  },
  labels: {
    columns: 3,
    loss: lossFrom('binaryCrossEntropy'),
    form: 'values',
    target: (draws, number) =>
      [0, 1, 2].map((k) => {
        const isUsed = draws.below(2) < number % (k + 3);
        const given = draws.below(2);
        return isUsed ? given : 0;
      }),
    metrics: { accuracy: accuracy(), confusionMatrix: confusionMatrix(), ...averaged, ...curvesOf(false) },
  },
  values: {
    columns: 2,
    loss: lossFrom('meanSquaredError'),
    form: 'values',
    target: (draws, number) => [0, 1].map(() => (number % 5 === 0 ? 0.25 : draws.below(9) / 4)),
    metrics: { meanSquaredError: meanSquaredError(), meanAbsoluteError: meanAbsoluteError(), r2: r2() },
  },
};

/** Rows of a batch: each set takes several. */
const LARGEST = 16;

/** The program that records a kind's metrics, of a head whose predictions, targets and weights are inputs. */
function measuring({ columns, loss, form, metrics }: Kind, isWeighted: boolean) {
  const graph = new Graph();
  const prediction = graph.input('prediction', [BATCH, columns]);
  const target = form === 'classes' ? graph.input('target', [BATCH], 'index') : graph.input('target', [BATCH, columns]);
  const weight = isWeighted ? graph.input('weight', [BATCH]) : undefined;
  const named = Object.entries(metrics).map(([name, one]) => Object.assign(Object.create(one), { name }) as Metric);
  const head = { name: 'y', label: undefined, loss, weight: 1, metrics: named, shape: [columns], tables: new Set<string>() };
  const comparison = form === 'classes' ? compareIndices(1) : compareValues([columns], loss.definition);
  const rowsFor = (one: Loss) => ({ ...rowsOf(one, prediction, target, form), weight });
  recordMeasures(graph, head, { loss, shape: [columns], form, comparison, rowsFor, prediction, target });
  const program = compile(graph, { maximumRows: LARGEST });
  return { program, totals: () => headTotals(program, head, { form, comparison }) };
}

/** Numbers with infinitely many digits are compared up to what float32 has of sums of some tens. */
function expectResult(found: MetricResult | undefined, golden: unknown, what: string): void {
  if (Array.isArray(golden)) {
    expect(found, what).toHaveLength(golden.length);
    golden.forEach((one, i) => {
      expectResult((found as MetricResult[])[i], one, `${what}[${i}]`);
    });
  } else if (golden === null) expect(found, what).toBeNaN();
  else
    expect(Math.abs((found as number) - (golden as number)), `${what}: ${found} for ${golden}`).toBeLessThan(
      2e-6 * Math.max(1, Math.abs(golden as number)),
    );
}

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  it.each(Object.keys(KINDS))('metrics of %s over 250 sets are those of scikit-learn', (name) => {
    const kind = KINDS[name];
    const golden = GOLDEN[name];
    expect(Object.keys({ accuracy: 0, ...kind.metrics }).filter((one) => !(one in golden) && name !== 'values')).toEqual([]);
    const opened = [false, true].map((isWeighted) => {
      const { program, totals } = measuring(kind, isWeighted);
      return { session: backend.open(program, 0), totals, isWeighted };
    });
    for (let number = 0; number < SETS; number++) {
      const { session, totals, isWeighted } = opened[number % 2];
      const total = totals();
      const { predictions, targets, weights } = drawn(number, kind);
      for (let start = 0; start < predictions.length; start += LARGEST) {
        const rows = Math.min(LARGEST, predictions.length - start);
        const part = (list: readonly (readonly number[])[]) => list.slice(start, start + rows).flat();
        session.write('prediction', part(predictions));
        session.write('target', kind.form === 'classes' ? Int32Array.from(part(targets)) : part(targets));
        // Every part of a weighted set comes twice: first as a batch in which nothing counts.
        for (const own of isWeighted ? [weights.map(() => 0), weights] : [undefined]) {
          if (own) session.write('weight', own.slice(start, start + rows));
          session.now?.run({ rows });
          total.add(session.now?.records(1) as Float64Array, 0, rows);
        }
      }
      const { accuracy: right, metrics } = total.results;
      if ('accuracy' in golden) expectResult(right, golden.accuracy[number], `accuracy of set ${number}`);
      for (const metric of Object.keys(kind.metrics)) expectResult(metrics[metric], golden[metric][number], `${metric} of set ${number}`);
    }
    for (const { session } of opened) session.dispose();
  });
});

it('every built-in metric has values from outside, and every value of the file is compared', () => {
  const typed = Object.values(KINDS).flatMap(({ metrics }) => Object.values(metrics).map(({ config }) => config.type));
  expect([...new Set([...typed, 'accuracy'])].sort()).toEqual([...METRIC_NAMES].sort());
  for (const [kind, golden] of Object.entries(GOLDEN)) {
    const compared = new Set([...Object.keys(KINDS[kind].metrics), ...('accuracy' in golden ? ['accuracy'] : [])]);
    expect([...compared].sort(), kind).toEqual(Object.keys(golden).sort());
    for (const values of Object.values(golden)) expect(values).toHaveLength(SETS);
  }
});
