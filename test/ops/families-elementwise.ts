/** Cases of the element-wise ops, of softmax and its kin. */
import { BATCH } from '../../src/ops/shape.ts';
import type { OpSpec, Shape } from '../../src/ops/spec.ts';
import { batched, LENGTHS, make, POSITIVE, SIZES, TAME } from './make-case.ts';
import type { Fill, OpCase } from './op-case.ts';

/** Values that overflow, vanish, sit on a kink or are subnormal in float32. */
const SPECIAL = [1000, -1000, 0, -0, 1e-40, -1e-40, 88, -88, 104, -104, 3, -3, 1, -1, 0.5, -0.5, 6, -6, 20, -20];
const POSITIVE_SPECIAL = [1000, 1e-38, 1, 0.5, 1e30, 3];
const UNIT_SPECIAL = [0, 1, 1e-40, 0.5, 0.999999, 1e-7];

const PROBABILITY: Fill = { low: 0.02, high: 0.98 };

/** What suits each op that does not take just any numbers; the last fill serves the inputs left. */
const FILLS: Readonly<Record<string, readonly Fill[]>> = {
  log: [POSITIVE],
  sqrt: [POSITIVE],
  divide: [TAME, POSITIVE],
  power: [POSITIVE, TAME],
  sigmoidGradient: [TAME, PROBABILITY],
  hardSigmoidGradient: [TAME, PROBABILITY],
  tanhGradient: [TAME, { low: -0.98, high: 0.98 }],
  bernoulliError: [PROBABILITY],
  // Steeper towards 0 and 1 than differences can follow.
  bernoulliErrorGradient: [TAME, { low: 0.05, high: 0.95 }],
  relativeEntropy: [{ low: -3, high: 0 }, PROBABILITY],
  relativeEntropyGradient: [TAME, { low: -3, high: 0 }, PROBABILITY],
  logisticError: [TAME, PROBABILITY],
  logisticErrorGradient: [TAME, TAME, PROBABILITY],
};

/** Special values by op: where anything goes, by default. */
const SPECIALS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  log: [[...POSITIVE_SPECIAL, 1e-40, 0]],
  sqrt: [[...POSITIVE_SPECIAL, 1e-40, 0]],
  divide: [SPECIAL, POSITIVE_SPECIAL],
  power: [POSITIVE_SPECIAL.filter((x) => x >= 0.5 && x < 1e10), [0, 1, 2, -2, 0.5, 10, -10]],
  bernoulliError: [UNIT_SPECIAL, [0, 1, 0.5]],
  bernoulliErrorGradient: [[1], [0, 1, 1e-7, 0.5, 0.999999], [0, 1, 0.5]],
  relativeEntropy: [[-1000, 0, -1, -1e-40], UNIT_SPECIAL],
  relativeEntropyGradient: [[1], [-1000, 0, -1], UNIT_SPECIAL],
  logisticError: [SPECIAL, [0, 1, 0.5]],
  logisticErrorGradient: [[1, -2], SPECIAL, [0, 1, 0.5]],
};

const fillsOf = (op: OpSpec) => FILLS[op.name] ?? [TAME];
const ALPHA = { alpha: 0.25 };

/** Every special value of one operand against every one of the others, as far as the lists' lengths differ in their factors. */
function special(op: OpSpec, operands: number): OpCase {
  const lists =
    SPECIALS[op.name] ?? (operands === 1 ? [SPECIAL] : operands === 2 ? [[1, -2], SPECIAL] : [[1, -2, 0.5], SPECIAL, SPECIAL.slice(1)]);
  const size = lists.reduce((product, list) => product * list.length, 1);
  let period = 1;
  const fills = lists.map((list) => {
    const every = period;
    period *= list.length;
    return { values: Array.from({ length: size }, (_, i) => list[Math.floor(i / every) % list.length]) };
  });
  return make(op, Array(operands).fill([size]), { fills, special: true });
}

function unary(op: OpSpec): OpCase[] {
  const rest = { fills: fillsOf(op), attributes: ALPHA };
  const shapes = (shape: Shape) => op.inputs.map(() => shape);
  return [
    ...LENGTHS.map((n) => make(op, shapes([n]), rest)),
    ...batched(op, shapes([BATCH, 7]), rest),
    make(op, shapes([33]), { fills: fillsOf(op) }),
    special(op, op.inputs.length),
  ];
}

const BROADCASTS: readonly (readonly [Shape, Shape])[] = [
  [[65], []],
  [[], [65]],
  [[5, 17], [17]],
  [[17], [5, 17]],
  [
    [5, 1],
    [5, 17],
  ],
  [
    [5, 17],
    [5, 1],
  ],
  [
    [5, 1],
    [1, 17],
  ],
  [
    [1, 63],
    [3, 1],
  ],
  [
    [2, 3, 5],
    [2, 1, 5],
  ],
  [
    [2, 3, 5],
    [3, 1],
  ],
  [
    [2, 1, 5],
    [1, 3, 1],
  ],
  [[1], [1]],
];
const BATCH_BROADCASTS: readonly (readonly [Shape, Shape])[] = [
  [[BATCH, 17], [17]],
  [
    [BATCH, 17],
    [BATCH, 1],
  ],
  [
    [BATCH, 1],
    [1, 17],
  ],
  [[], [BATCH]],
  [
    [BATCH, 3, 5],
    [3, 1],
  ],
  [
    [BATCH, 3, 5],
    [BATCH, 3, 5],
  ],
  [
    [3, BATCH],
    [3, 1],
  ],
];

function binary(op: OpSpec): OpCase[] {
  const rest = { fills: fillsOf(op), attributes: { alpha: 0.5 } };
  const specials = special(op, 2);
  return [
    ...LENGTHS.map((n) => make(op, [[n], [n]], rest)),
    ...BROADCASTS.map((shapes) => make(op, shapes, rest)),
    ...BATCH_BROADCASTS.flatMap((shapes) => batched(op, shapes, rest)),
    ...(SPECIALS[op.name]
      ? [specials]
      : [make(op, [[SPECIAL.length, 1], [SPECIAL.length]], { fills: [{ values: SPECIAL }], special: true })]),
  ];
}

function binaryGradient(op: OpSpec): OpCase[] {
  const rest = { fills: fillsOf(op), attributes: { alpha: 0.5 } };
  return [
    ...LENGTHS.map((n) => make(op, [[n], [n], [n]], rest)),
    ...LENGTHS.map((n) => make(op, [[], [n], [n]], rest)),
    ...batched(
      op,
      [
        [BATCH, 7],
        [BATCH, 7],
        [BATCH, 7],
      ],
      rest,
    ),
    ...batched(op, [[1], [BATCH, 7], [BATCH, 7]], rest),
    special(op, 3),
  ];
}

const ROW_SPECIAL = { values: [1000, -1000, 0, 1e-40, 1000, 999.5, -1000] };

/** Softmax, its logarithm, and the gradients of both. */
function rowwise(op: OpSpec): OpCase[] {
  const shapes = (shape: Shape) => op.inputs.map(() => shape);
  const fills =
    op.name === 'softmaxGradient' ? [TAME, PROBABILITY] : op.name === 'logSoftmaxGradient' ? [TAME, { low: -3, high: -0.1 }] : [TAME];
  const tame = [
    ...SIZES.map((n) => make(op, shapes([3, n]), { fills })),
    ...SIZES.map((n) => make(op, shapes([n, 10]), { fills })),
    // Of more elements, and more of them, than a block of a sum has.
    ...[
      [2, 1803],
      [603, 5],
    ].map((shape) => make(op, shapes(shape), { fills })),
    ...batched(op, shapes([BATCH, 10]), { fills }),
    ...batched(op, shapes([BATCH, 3, 17]), { fills }),
    make(op, shapes([7]), { fills }),
  ];
  return op.inputs.length === 1 ? [...tame, make(op, [[5, 7]], { fills: [ROW_SPECIAL], special: true })] : tame;
}

export const elementwiseCases: Readonly<Record<string, (op: OpSpec) => readonly OpCase[]>> = {
  unary,
  unaryGradient: unary,
  binary,
  binaryGradient,
  softmax: rowwise,
  softmaxGradient: rowwise,
  logSoftmax: rowwise,
  logSoftmaxGradient: rowwise,
};
