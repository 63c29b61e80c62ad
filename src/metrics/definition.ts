/** The definition of a metric that chainrule has: its type, its options, and how they make a metric. */
import { type OptionsRead, type OptionTable, optional, readOptions, storableOptions, type TableOf, text } from '../options/table.ts';
import { Metric, type MetricBody, type MetricParts, partsOf } from './metric.ts';

/** An option of every metric. */
export interface NamedMetric {
  /** Reports have its result under this name; default its type. */
  readonly name?: string;
}

const NAMED = { name: optional(text) } satisfies TableOf<NamedMetric>;

export interface BuiltInMetric {
  /** Its name in configs. */
  readonly type: string;
  /** Throws OptionError for an unknown or impossible option. */
  make(options: Readonly<Record<string, unknown>>): Metric;
}

/** The definition of a metric whose body is made of its options. */
export function builtIn<const T extends OptionTable>(
  type: string,
  better: Metric['better'],
  table: T,
  body: (options: OptionsRead<T>) => MetricBody,
): BuiltInMetric {
  return builtInOf(type, better, table, (options) => partsOf(type, body(options)));
}

/** The same of a metric that adds to programs in a way of its own. */
export function builtInOf<const T extends OptionTable>(
  type: string,
  better: Metric['better'],
  table: T,
  parts: (options: OptionsRead<T>) => MetricParts,
): BuiltInMetric {
  const options = { ...table, ...NAMED };
  return {
    type,
    make: (given) => {
      const { name = type, ...read } = readOptions(type, options, given) as OptionsRead<T> & OptionsRead<typeof NAMED>;
      return new Metric(name, better, { type, ...storableOptions(options, given) }, parts(read as OptionsRead<T>));
    },
  };
}
