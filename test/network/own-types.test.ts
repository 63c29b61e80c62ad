/** Types of layers, losses, metrics and optimisers of a user's own: none that chainrule has, since a file would read it as that one. */
import {
  defineLayer,
  defineLoss,
  defineMetric,
  defineOptimizer,
  type GraphValue,
  type MetricRows,
  Network,
  OptionError,
  subtract,
  sum,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { LAYERS } from '../../src/layers/index.ts';
import { LOSS_NAMES } from '../../src/losses/index.ts';
import { METRIC_NAMES } from '../../src/metrics/index.ts';
import { OPTIMIZER_TYPES } from '../../src/optimizers/index.ts';
import { createOn, FASTEST } from '../support/networks.ts';
import { expectMessage } from '../support/refused.ts';

const body = (x: GraphValue, y: GraphValue) => subtract(x, y);
const measures = { targets: 'values', sums: ({ weight }: MetricRows) => ({ all: sum(weight) }), result: () => 0 } as const;
/** Each kind: its function, what it makes of a type, and the types that chainrule has. */
const KINDS: readonly [name: string, make: (type: string) => unknown, taken: readonly string[]][] = [
  ['defineLayer', (type) => defineLayer({ type }, (_, x: GraphValue) => x), LAYERS.map(({ type }) => type)],
  ['defineLoss', (type) => defineLoss({ type }, body, { targets: 'values' }), LOSS_NAMES],
  ['defineMetric', (type) => defineMetric({ name: 'own', type, better: 'lower' }, measures), [...METRIC_NAMES, ...LOSS_NAMES]],
  ['defineOptimizer', (type) => defineOptimizer({ type, learningRate: 0.1 }, (_, p) => p), OPTIMIZER_TYPES],
];

describe.each(KINDS)('%s', (name, make, taken) => {
  it.each([...new Set(taken)])('refuses the type %s of chainrule’s', (type) =>
    expectMessage(() => make(type), OptionError, `${name}.type: expected a type other than chainrule's own, got '${type}'`),
  );

  it.each(['', 3, null, {}, ['own']])('refuses the type %j, which is no name', (type) => {
    expect(() => make(type as string)).toThrow(OptionError);
    expect(() => make(type as string)).toThrow(`${name}.type: expected a name`);
  });

  it('takes any other', () => expect(() => make('own')).not.toThrow());
});

it('a metric whose name is its type has none of chainrule’s', () => {
  expect(() => defineMetric({ name: 'f1', better: 'lower' }, measures)).toThrow("expected a type other than chainrule's own, got 'f1'");
});

it.each(METRIC_NAMES.filter((name) => !LOSS_NAMES.some((loss) => loss === name)))(
  'a loss of the type %s of a metric measures nothing',
  (type) => {
    const loss = defineLoss({ type }, body, { targets: 'values' });
    const network = () => createOn(FASTEST, { input: [2], layers: [(x) => x], loss: 'meanSquaredError', metrics: [loss] });
    return expectMessage(network, OptionError, `metrics: expected a loss of a type that no metric of chainrule's has, got ${type}`);
  },
);

describe.each([
  ['layers', LAYERS.map(({ type }) => type)],
  ['losses', LOSS_NAMES],
  ['metrics', [...METRIC_NAMES, ...LOSS_NAMES]],
])('a file’s makers of %s', (kind, taken) => {
  it.each([...new Set<string>(taken)])('are none of the type %s of chainrule’s', (type) =>
    expectMessage(
      () => Network.fromBytes(new Uint8Array(), { [kind]: { [type]: () => 3 } }),
      OptionError,
      `Network.fromBytes.${kind}: expected types other than chainrule's own, got '${type}'`,
    ),
  );
});
