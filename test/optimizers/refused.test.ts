/** Optimisers that cannot be: typed errors that name what was expected and what came, before anything is touched. */
import {
  adam,
  add,
  defineOptimizer,
  dense,
  type GraphValue,
  type NetworkOptions,
  type Optimizer,
  type OptimizerScope,
  OptionError,
  optimizerFromConfig,
  ShapeError,
  subtract,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

type Body = (scope: OptimizerScope, parameter: GraphValue, gradient: GraphValue) => GraphValue;

const options: Omit<NetworkOptions, 'backend'> = { input: [3], layers: [dense(4), dense(2)], loss: 'meanSquaredError' };
const data = { x: spreadTensor([6, 3]), y: spreadTensor([6, 2], 5) };

const own = (body: (...given: never[]) => unknown, config: object = {}) =>
  defineOptimizer({ type: 'own', learningRate: 0.1, ...config }, body as Body);

const BAD_RULES: readonly Case<Optimizer>[] = [
  ['a number', own(() => 3), OptionError, 'optimizer own: the next value of 0.weight: expected a graph value, got 3'],
  ['nothing', own(() => undefined), OptionError, 'the next value of 0.weight', 'got undefined'],
  ['a promise', own(async (_: unknown, p: GraphValue) => p), OptionError, 'optimizer own', 'must not be async'],
  ['one number for all elements', own((scope: OptimizerScope) => scope.step), ShapeError, 'expected the shape [4, 3], got []'],
  ['a value of another graph', own(() => new Graph().parameter('p', [4, 3])), OptionError, 'a value of the step', 'another graph'],
  [
    'a state that is a number',
    own((s: OptimizerScope, p: GraphValue) => {
      s.assign(s.state('a'), 1 as never);
      return p;
    }),
    OptionError,
    'the next state a of 0.weight',
    'got 1',
  ],
  [
    'a state of another shape',
    own((s: OptimizerScope, p: GraphValue) => {
      s.assign(s.state('a'), s.step);
      return p;
    }),
    ShapeError,
    'the next state a',
    'got []',
  ],
  [
    'an assignment to the parameter',
    own((s: OptimizerScope, p: GraphValue) => {
      s.assign(p, p);
      return p;
    }),
    OptionError,
    'scope.state()',
    '0.weight',
  ],
  [
    'an assignment to the gradient',
    own((s: OptimizerScope, p: GraphValue, g: GraphValue) => {
      s.assign(g, p);
      return p;
    }),
    OptionError,
    'scope.state()',
  ],
  ['an assignment to the state of another parameter', own(assigningForeign()), OptionError, 'scope.state()', '0.bias'],
  [
    'a state without a name',
    own((s: OptimizerScope, p: GraphValue) => {
      s.state('a/b');
      return p;
    }),
    OptionError,
    "got 'a/b'",
  ],
  [
    'a state that begins at infinity',
    own((s: OptimizerScope, p: GraphValue) => {
      s.state('a', Infinity);
      return p;
    }),
    OptionError,
    'state a',
    'Infinity',
  ],
  [
    'a state that begins at two values',
    own((s: OptimizerScope, p: GraphValue) => {
      s.state('a', 1);
      s.state('a', 2);
      return p;
    }),
    OptionError,
    'state a',
    'got 2',
  ],
  [
    'a shared state that counts steps',
    own((s: OptimizerScope, p: GraphValue) => {
      s.shared('step', 0, (n) => n);
      return p;
    }),
    OptionError,
    'other than step, trained, averaged',
  ],
  [
    'a state that it reads and never assigns',
    own((s: OptimizerScope, p: GraphValue, g: GraphValue) => {
      s.assign(s.state('mean'), g);
      return subtract(p, s.state('velocity'));
    }),
    OptionError,
    'optimizer own',
    'scope.assign() to give the state velocity of 0.weight its next value',
    'got none',
  ],
  [
    'a shared state that advances to itself',
    own((s: OptimizerScope, p: GraphValue) =>
      subtract(
        p,
        s.shared('n', 1, (n) => n),
      ),
    ),
    OptionError,
    'optimizer state n',
    'got the same',
  ],
  [
    'a shared state that begins at two values',
    own((s: OptimizerScope, p: GraphValue) =>
      subtract(
        p,
        s.shared('n', s.name === '0.weight' ? 1 : 2, (n) => add(n, 1)),
      ),
    ),
    OptionError,
    'optimizer state n',
    'expected the initial value 1 again, got 2',
  ],
  [
    'no interest in its weight decay',
    own((_: unknown, p: GraphValue) => p, { weightDecay: 0.1 }),
    OptionError,
    'own.weightDecay',
    'scope.weightDecay',
    'got 0.1',
  ],
];

/** Keeps the first parameter's state, and assigns it at the second's update. */
function assigningForeign(): Body {
  let foreign: GraphValue | undefined;
  return (scope, parameter, gradient) => {
    if (foreign?.graph === scope.graph) scope.assign(foreign, gradient);
    else {
      foreign = scope.state('a');
      scope.assign(foreign, gradient);
    }
    return parameter;
  };
}

const BAD_DEFINITIONS: readonly Case<() => unknown>[] = [
  ['no config', () => defineOptimizer(undefined as never, (_, p) => p), OptionError, 'got undefined'],
  ['no type', () => defineOptimizer({ learningRate: 1 } as never, (_, p) => p), OptionError, 'defineOptimizer.type', 'got undefined'],
  ['a type that is no name', () => defineOptimizer({ type: 'a b', learningRate: 1 }, (_, p) => p), OptionError, "got 'a b'"],
  [
    "a built-in optimiser's options with another update",
    () => optimizerFromConfig({ ...adam(), update: own((_: unknown, p: GraphValue) => p).update }),
    OptionError,
    "got 'adam'",
  ],
  ['no learning rate', () => defineOptimizer({ type: 'a' } as never, (_, p) => p), OptionError, 'a.learningRate', 'got undefined'],
  [
    'a negative learning rate',
    () => defineOptimizer({ type: 'a', learningRate: -1 }, (_, p) => p),
    OptionError,
    'a.learningRate',
    'got -1',
  ],
  [
    'a weight decay that is text',
    () => defineOptimizer({ type: 'a', learningRate: 1, weightDecay: '1' as never }, (_, p) => p),
    OptionError,
    "got '1'",
  ],
  ['no update', () => defineOptimizer({ type: 'a', learningRate: 1 }, undefined as never), OptionError, 'for a, got undefined'],
];

describe('an optimiser is refused with', () => {
  it.each(titled(BAD_DEFINITIONS))('%s', (_, test) => expectRefused(test[1], test));
});

describe('an update rule is refused, and nothing is touched, with', () => {
  it.each(titled(BAD_RULES))('%s', async (_, test) => {
    using network = await createOn(FASTEST, options);
    const before = weightsOf(network);
    await expectRefused(() => network.fit(data, { optimizer: test[1] }), test);
    expect(weightsOf(network)).toEqual(before);
    expect(network.progress.step).toBe(0);
  });

  it("a group's weight decay that it does not read", async () => {
    using network = await createOn(FASTEST, options);
    const fit = { optimizer: own((_: unknown, p: GraphValue) => p), groups: [{ parameters: '1', weightDecay: 0.5 }] };
    await expectRefused(() => network.fit(data, fit), ['', fit, OptionError, 'own.weightDecay', 'got 0.5']);
  });
});
