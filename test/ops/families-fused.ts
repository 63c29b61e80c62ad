/** Cases of `elementwise`: every function as a step, every way to read an input, blocks within rows and rows within blocks, sums. */
import { ELEMENT_FUNCTIONS, elementFunctionId } from '../../src/ops/element-functions.ts';
import { encodeStep, FIRST_LITERAL, FIRST_OUTPUT, FIRST_REGISTER } from '../../src/ops/element-steps.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { batched, make, SIZES, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

/** Where every function is defined, and none is large. */
const PROPER: Fill = { low: 0.1, high: 0.9 };

export const out = (j: number) => FIRST_OUTPUT + j;
export const register = (i: number) => FIRST_REGISTER + i;
export const literal = (i: number) => FIRST_LITERAL + i;

/** A step by its function's name: the place of its result, then those of its sources. */
export const step = (name: string, to: number, ...sources: readonly number[]) =>
  encodeStep({ function: ELEMENT_FUNCTIONS[elementFunctionId(name)], to, sources });

/** out1 = x0·x1 + 0.5; out0 = tanh(out1 / x2) − x3·0.25/count: its sources may be any shapes that broadcast. */
export const MIXED = {
  outputs: 2,
  steps: [
    step('multiply', register(0), 0, 1),
    step('add', out(1), register(0), literal(0)),
    step('divide', register(1), out(1), 2),
    step('tanh', register(1), register(1)),
    step('multiply', register(0), 3, literal(1)),
    step('subtract', out(0), register(1), register(0)),
  ],
  literals: [0.5, 0.25],
  counted: 2,
} as const;

/** The shape of the results, and those of four inputs. */
const BROADCASTS: readonly (readonly [Shape, readonly Shape[]])[] = [
  [
    [5, 17],
    [[5, 17], [17], [5, 1], []],
  ],
  [
    [5, 17],
    [[17], [5, 1], [], [5, 17]],
  ],
  [
    [3, 700],
    [[3, 700], [700], [3, 1], []],
  ],
  [
    [3, 700],
    [[3, 1], [3, 700], [700], [1]],
  ],
  [
    [70, 16],
    [[16], [70, 1], [70, 16], []],
  ],
  [
    [2, 3, 5],
    [[3, 1], [2, 1, 5], [2, 3, 5], [5]],
  ],
  [
    [40, 3, 5],
    [
      [3, 1],
      [40, 1, 1],
      [40, 3, 5],
      [3, 5],
    ],
  ],
  [
    [2, 3, 1100],
    [
      [2, 3, 1100],
      [3, 1],
      [2, 1, 1100],
      [3, 1100],
    ],
  ],
  [[1], [[1], [], [1], [1]]],
];
const BATCH_BROADCASTS: readonly (readonly [Shape, readonly Shape[]])[] = [
  [
    [BATCH, 17],
    [[BATCH, 17], [17], [BATCH, 1], []],
  ],
  [[BATCH], [[BATCH], [], [1], [BATCH]]],
  [
    [BATCH, 1100],
    [[BATCH, 1], [1100], [BATCH, 1100], []],
  ],
  [
    [BATCH, 3, 50],
    [[BATCH, 3, 50], [3, 1], [50], [BATCH, 1, 1]],
  ],
  [
    [3, BATCH],
    [[3, 1], [3, BATCH], [], [3, BATCH]],
  ],
];

/** Σ of eight inputs, all of them read before the result is written. */
const EIGHT: Attributes = {
  outputs: 1,
  steps: [
    step('add', register(0), 0, 1),
    step('add', register(1), 2, 3),
    step('add', register(2), 4, 5),
    step('add', register(3), 6, 7),
    step('add', register(4), register(0), register(1)),
    step('add', register(5), register(2), register(3)),
    step('add', out(0), register(4), register(5)),
  ],
};

const COPIES: Attributes = {
  outputs: 4,
  steps: [step('copy', out(1), literal(0)), step('copy', out(2), 1), step('copy', out(3), 2), step('copy', out(0), 0)],
  literals: [0.1],
};

/** With d = x0 − x1: out0 = Σ d², out1 = d/4, out2 = Σ d/4, out3 = Σ x0. */
export const SUMS: Attributes = {
  outputs: 4,
  steps: [
    step('subtract', register(0), 0, 1),
    step('multiply', register(1), register(0), register(0)),
    step('sum', out(0), register(1)),
    step('multiply', out(1), register(0), literal(0)),
    step('sum', out(2), out(1)),
    step('sum', out(3), 0),
  ],
  literals: [0.25],
};

/** Around the lengths of a sum's steps, its blocks, the blocks of elements and the parts that threads take. */
const SUMMED = [2, 15, 16, 17, 255, 256, 257, 511, 512, 513, 767, 768, 1023, 1024, 1025, 2049, 5000];

/** A shape, that of what is subtracted from it, and over how many of the last axes sums go. */
const SUM_SHAPES: readonly (readonly [Shape, Shape, number])[] = [
  ...SUMMED.map((n) => [[n], [n], 1] as const),
  ...[7, 300, 1025, 1100].flatMap((n) => [[[5, n], [n], 1] as const, [[5, n], [5, 1], 1] as const, [[5, n], [n], 2] as const]),
  ...[1, 2, 3].flatMap((axes) => [[[4, 3, 5], [3, 1], axes] as const, [[2, 3, 1100], [2, 1, 1100], axes] as const]),
  [[80, 7, 3], [7, 1], 3],
  [[40, 40], [], 1],
  [[40, 1, 40], [40, 1, 1], 2],
  [[3, 5, 130], [], 2],
];
const BATCH_SUM_SHAPES: readonly (readonly [Shape, Shape, number])[] = [
  [[BATCH], [BATCH], 1],
  [[BATCH, 17], [17], 1],
  [[BATCH, 17], [17], 2],
  [[BATCH, 300], [BATCH, 1], 2],
  [[BATCH, 3, 50], [3, 1], 1],
  [[BATCH, 3, 50], [3, 1], 2],
  [[BATCH, 1100], [], 1],
  [[3, BATCH], [BATCH], 1],
];

function sums(op: OpSpec): OpCase[] {
  const attributes = (shape: Shape, axes: number) => ({ attributes: { ...SUMS, shape, axes } });
  return [
    ...SUM_SHAPES.map(([shape, other, axes]) => make(op, [shape, other], attributes(shape, axes))),
    ...BATCH_SUM_SHAPES.flatMap(([shape, other, axes]) => batched(op, [shape, other], attributes(shape, axes))),
  ];
}

/** Every function that takes numbers, with a number in place of some of its elements, or of all. */
function numbered(op: OpSpec): OpCase[] {
  return ELEMENT_FUNCTIONS.filter(({ takesNumbers }) => takesNumbers).flatMap(({ name, arity, hasParameter }) =>
    Array.from({ length: 2 ** arity - 1 }, (_, i) => {
      const places = [0, 1, 2, 3].slice(0, arity).map((k) => (((i + 1) >> k) & 1 ? literal(k) : k));
      const steps = [step(name, out(0), ...places, ...(hasParameter ? [literal(3)] : []))];
      const shapes = places.map((place, k) => (place === k ? [37] : undefined));
      return make(op, shapes, { fills: [PROPER], attributes: { outputs: 1, steps, literals: [0.7, 0.3, 0.6, 0.25], shape: [37] } });
    }),
  );
}

export function elementwise(op: OpSpec): OpCase[] {
  const functions = ELEMENT_FUNCTIONS.filter(({ family }) => family !== 'sum').flatMap(({ name, arity, hasParameter }) => {
    const places = [0, 1, 2, 3].slice(0, arity);
    const attributes = { outputs: 1, steps: [step(name, out(0), ...places, ...(hasParameter ? [literal(0)] : []))], literals: [0.25] };
    const shapes = (n: number) => places.map(() => [n]);
    return [3, 16, 1043].map((n) => make(op, shapes(n), { fills: [PROPER], attributes: { ...attributes, shape: [n] } }));
  });
  const mixed = (shape: Shape, count: number) => ({ fills: [TAME, TAME, PROPER, TAME], attributes: { ...MIXED, shape, count } });
  return [
    ...functions,
    ...numbered(op),
    ...sums(op),
    ...SIZES.map((n) => make(op, [[n], [n], [n], [n]], mixed([n], 3))),
    ...SIZES.map((n) => make(op, Array(8).fill([n]), { attributes: { ...EIGHT, shape: [n] } })),
    make(op, Array(8).fill([3200]), { attributes: { ...EIGHT, shape: [3200] } }),
    ...[7, 1100].map((n) => make(op, [[n], [1], []], { attributes: { ...COPIES, shape: [n] } })),
    ...[7, 1100].map((n) => make(op, [[3, n], [n], [3, 1]], { attributes: { ...COPIES, shape: [3, n] } })),
    ...BROADCASTS.map(([shape, inputs]) => make(op, inputs, mixed(shape, 7))),
    ...BATCH_BROADCASTS.flatMap(([shape, inputs]) => batched(op, inputs, mixed(shape, 5 * BATCH))),
  ];
}
