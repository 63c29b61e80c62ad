/** Ops between numbers and indices, and on indices alone. */
import { count } from './shape.ts';
import { defineOp, noGradient, type ReferenceOf } from './spec.ts';

/** The index that a number without a 32-bit integer becomes. It is below every count: an index of nothing. */
export const NO_INDEX = -(2 ** 31);

const isIndex = (x: number) => Number.isInteger(x) && x >= NO_INDEX && x < -NO_INDEX;

export const INDICES = [
  defineOp({
    /** numbers as indices; −2³¹, an index of nothing, for what is no integer of 32 bits. */
    name: 'toIndex',
    operands: { x: 'in', out: 'out' },
    scalars: { size: 'size' },
    indices: { out: {} },
    shapes: ([x]) => [x],
    lower: (_, [out]) => ({ size: count(out) }),
    extents: ({ size }) => ({ x: size, out: size }),
    divide: () => ({ over: 'size' }),
    inPlace: ['x'],
    gradient: noGradient,
  }),
  defineOp({
    /** indices as numbers, rounded where these have fewer digits. */
    name: 'toNumber',
    operands: { x: 'in', out: 'out' },
    scalars: { size: 'size' },
    indices: { x: {} },
    shapes: ([x]) => [x],
    lower: (_, [out]) => ({ size: count(out) }),
    extents: ({ size }) => ({ x: size, out: size }),
    divide: () => ({ over: 'size' }),
    inPlace: ['x'],
    gradient: noGradient,
  }),
  defineOp({
    /** indices, 0 for negative ones: a target that is ignored is taken for the first class. */
    name: 'clampIndex',
    operands: { x: 'in', out: 'out' },
    scalars: { size: 'size' },
    indices: { x: {}, out: {} },
    shapes: ([x]) => [x],
    lower: (_, [out]) => ({ size: count(out) }),
    extents: ({ size }) => ({ x: size, out: size }),
    divide: () => ({ over: 'size' }),
    inPlace: ['x'],
    gradient: noGradient,
  }),
];

export const INDICES_REFERENCE: ReferenceOf<(typeof INDICES)[number]> = {
  toIndex: ({ x, out, size }) => {
    // 0 is added so that −0 becomes 0.
    for (let i = 0; i < size; i++) out[i] = isIndex(x[i]) ? x[i] + 0 : NO_INDEX;
  },
  toNumber: ({ x, out, size }) => {
    out.set(x.subarray(0, size));
  },
  clampIndex: ({ x, out, size }) => {
    for (let i = 0; i < size; i++) out[i] = Math.max(x[i], 0);
  },
};
