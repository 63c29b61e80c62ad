/** The values that may be watched at the ends of epochs. */
import { OptionError } from '../errors.ts';
import { describe } from '../options.ts';
import type { MetricResults, OutputEvaluation } from './evaluation.ts';

/**
 * The name of a value in the reports of epochs: a metric's (`f1`), with `validation` before it that on the validation data (`validationF1`);
 * of a named output `digit.f1`, `digit.validationF1`.
 */
export type Monitor = 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy' | (string & {});

/** The report that values are read from: a part of an epoch's. */
interface Report {
  readonly loss: number;
  readonly accuracy: number | undefined;
  readonly metrics?: MetricResults;
  readonly outputs?: Readonly<Record<string, OutputEvaluation>>;
  readonly validationLoss?: number | undefined;
  readonly validationAccuracy?: number | undefined;
  readonly validationMetrics?: MetricResults;
  readonly validationOutputs?: Readonly<Record<string, OutputEvaluation>>;
}

/** A value that can be monitored. */
export interface Monitored {
  readonly name: Monitor;
  /** Whether a higher or a lower value is better. */
  readonly better: 'higher' | 'lower';
  /** Why reports lack it; undefined where they have it. */
  readonly lacks?: { readonly expected: string; readonly got: string };
  /** Its value in a report; NaN where that has no number. */
  read(report: Report): number;
}

/** Throws OptionError unless it is text. Whether a fit reports the value is known when it begins. */
export function checkMonitor(where: string, value: unknown): Monitor {
  if (typeof value === 'string' && value !== '') return value;
  throw new OptionError(`${where}: expected the name of a value in the reports of epochs, got ${describe(value)}`);
}

/** By how much a value of what is monitored is better than another. */
export const improvement = ({ better }: Pick<Monitored, 'better'>, value: number, than: number): number =>
  better === 'higher' ? value - than : than - value;

/** A head as monitors see it. */
export interface MonitoredHead {
  readonly name: string;
  readonly metrics: readonly { readonly name: string; readonly better: 'higher' | 'lower' }[];
  /** The names of its metrics that give tables. */
  readonly tables: ReadonlySet<string>;
  /** Whether its right answers are counted. */
  readonly hasAnswers: boolean;
}

/** The values in reports of heads, with or without names: during training, or on validation data. */
export function monitorsOf(heads: readonly MonitoredHead[], tellsHeads: boolean, ofValidation: boolean): Monitored[] {
  const nameOf = (name: string) => (ofValidation ? `validation${name.charAt(0).toUpperCase()}${name.slice(1)}` : name);
  const outputs = ofValidation ? 'validationOutputs' : 'outputs';
  const metrics = ofValidation ? 'validationMetrics' : 'metrics';
  const [loss, accuracy] = ofValidation ? (['validationLoss', 'validationAccuracy'] as const) : (['loss', 'accuracy'] as const);
  const lacks = heads.length > 1 ? `${heads.length} outputs` : heads[0].hasAnswers ? undefined : 'values';
  const whole: Monitored[] = [
    { name: loss, better: 'lower', read: (report) => numberIn(report[loss]) },
    {
      name: accuracy,
      better: 'higher',
      ...(lacks && { lacks: { expected: 'class targets of a single output', got: lacks } }),
      read: (report) => numberIn(report[accuracy]),
    },
  ];
  const ofHead = (head: MonitoredHead): Monitored[] => {
    const resultOf = (report: Report) => report[outputs]?.[head.name];
    const own: Monitored[] = [
      { name: `${head.name}.${nameOf('loss')}`, better: 'lower', read: (report) => numberIn(resultOf(report)?.loss) },
      ...(head.hasAnswers
        ? [
            {
              name: `${head.name}.${nameOf('accuracy')}`,
              better: 'higher' as const,
              read: (report: Report) => numberIn(resultOf(report)?.accuracy),
            },
          ]
        : []),
    ];
    const measured = head.metrics.map(
      ({ name, better }): Monitored => ({
        name: tellsHeads ? `${head.name}.${nameOf(name)}` : nameOf(name),
        better,
        ...(head.tables.has(name) && { lacks: { expected: 'a metric of one number', got: 'a table' } }),
        read: (report) => numberIn((tellsHeads ? resultOf(report)?.metrics : report[metrics])?.[name]),
      }),
    );
    return tellsHeads ? [...own, ...measured] : measured.filter(({ name }) => name !== accuracy);
  };
  return [...whole, ...heads.flatMap(ofHead)];
}

const numberIn = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);
