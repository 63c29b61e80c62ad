/** `elementwise`: a run of element-wise operations that walks memory once. The compiler makes it (src/compiler/element-runs.ts). */
import { ShapeError } from '../errors.ts';
import {
  areSteps,
  decodeSteps,
  type ElementStep,
  FIRST_LITERAL,
  FIRST_OUTPUT,
  formatSteps,
  INPUTS,
  isInput,
  isLiteral,
  isOutput,
  isSum,
  LITERALS,
  OUTPUTS,
  PLACES,
  placeName,
  REGISTERS,
  STEPS,
  sumOutputs,
} from './element-steps.ts';
import { BROADCAST_LEVELS } from './elementwise.ts';
import { broadcastStrides, collapse, count, formatShape, type Level, resolve, sameShape } from './shape.ts';
import { type Dim, defineOp, type ReferenceOf, type Shape } from './spec.ts';

const range = (length: number) => Array.from({ length }, (_, i) => i);

/** The numbers 0 to 7, 0 to 3, 0 to 11 and 0 to 23. */
type Four = 0 | 1 | 2 | 3;
type Eight = Four | 4 | 5 | 6 | 7;
type Twelve = Eight | 8 | 9 | 10 | 11;
type TwentyFour = Twelve | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22 | 23;

/** One entry for each of `length` names: `x0`, `x1` and so on. */
const numbered = <N extends string, const T>(name: string, length: number, entry: (i: number) => T) =>
  Object.fromEntries(range(length).map((i) => [`${name}${i}`, entry(i)])) as Readonly<Record<N, T>>;

const OPERANDS = {
  ...numbered<`x${Eight}`, 'in?'>('x', INPUTS, () => 'in?'),
  ...numbered<`out${Four}`, 'out?'>('out', OUTPUTS, () => 'out?'),
};

/**
 * The domain is outer × middle × inner elements. Each sum goes over `reduced` neighbours: the inner, the middle and inner, or all of them
 * (0: there are no sums), and gives `sums` numbers. `ways` has three bits for each input: whether it moves with the outer, the middle and
 * the inner size (4, 2, 1). Literals whose bits are set in `counted` are divided by `count`.
 */
const SCALARS = {
  outer: 'size',
  middle: 'size',
  inner: 'size',
  sums: 'size',
  reduced: 'size',
  ways: 'integer',
  count: 'size',
  counted: 'integer',
  ...numbered<`literal${Twelve}`, 'float'>('literal', LITERALS, () => 'float'),
  ...numbered<`step${TwentyFour}`, 'integer'>('step', STEPS, () => 'integer'),
} as const;

type Scalars = { readonly [K in keyof typeof SCALARS]: number };

/** The scalars of those numbered names, in order. */
const scalarsOf = (s: Scalars, name: string, length: number) =>
  range(length).map((i) => (s as Readonly<Record<string, number>>)[`${name}${i}`]);

/** Elements of a block: what registers hold at a time, so that all of them stay in the first cache. */
export const BLOCK = 1024;

/** Floats of the sum of a tree's blocks at one height, and heights of a tree: a memory holds fewer than 2³² blocks. */
const LEVEL = 16;
const LEVELS = 32;

/**
 * Floats of scratch memory: the literals as floats, a block for each register, one for each input that is repeated, and a tree of blocks for
 * each sum (native/kernels/sums.h).
 */
const SCRATCH = (1 + REGISTERS + INPUTS) * BLOCK + OUTPUTS * LEVELS * LEVEL;

/**
 * Elements of a part of a long sum, which one thread computes: a power of two of whole blocks of it, so that what a part comes to is a node
 * in the tree of the whole sum.
 */
export const ELEMENT_PART = 1024;
/** Rows of as many elements or more are long enough for threads to meet over each. */
const LEAST_ROW = 1 << 16;

const WHOLE = 7;
const INNER = 1;

/**
 * The loop nest in which all inputs move, and the sums over the last `axes` axes; an input that has as many elements as the domain, or one,
 * moves at every level or none.
 */
export function elementLevels(inputs: readonly (Shape | undefined)[], domain: Shape, axes: number): readonly Level[] {
  const steps = inputs
    .filter((shape) => shape !== undefined)
    .map((shape) => (count(shape) === 1 ? domain.map(() => 0) : broadcastStrides(shape, domain)));
  const sums = domain.map((size, axis) => (axis < domain.length - axes ? size : 1));
  if (axes > 0) steps.push(broadcastStrides(sums, domain));
  return collapse(domain.map((size, axis) => ({ size, steps: steps.map((own) => own[axis]) })));
}

/** Whether sums go over the inner, the middle and inner, or all elements, in a program of any number of rows. */
function areWholeSums({ outer, middle, inner, sums, reduced }: Scalars): boolean {
  const products = (sizes: readonly number[]) => [1, 2].map((rows) => sizes.reduce((n, size) => n * resolve(size, rows), 1)).join();
  const lengths = [[inner], [middle, inner], [outer, middle, inner]].map(products);
  return lengths.includes(products([reduced])) && products([sums, reduced]) === lengths[2];
}

/** Whether an input of that shape has an element for each of the domain; of one number, whether it is of that shape. */
export const isWhole = (shape: Shape, domain: Shape) => sameShape(shape, domain) || (count(shape) === count(domain) && count(shape) !== 1);

function waysOf(inputs: readonly (Shape | undefined)[], domain: Shape, levels: readonly Level[]): number {
  let present = 0;
  return inputs.reduce((ways, shape, k) => {
    if (!shape) return ways;
    const moves = levels.map(({ steps }) => (steps[present] === 0 ? 0 : 1));
    present++;
    const way = isWhole(shape, domain) ? WHOLE : moves.reduce<number>((bits, bit) => bits * 2 + bit, 0);
    return ways + way * 2 ** (3 * k);
  }, 0);
}

/** The way in which an input is read: bits for outer, middle and inner. */
const wayOf = (ways: number, k: number) => (ways >>> (3 * k)) & WHOLE;

const stepWords = (s: Scalars) => scalarsOf(s, 'step', STEPS);

/** Whether a place is one number over a row: a literal, or an input that stays where it is along the inner size. */
const isNumber = (ways: number) => (place: number) => isLiteral(place) || (isInput(place) && (wayOf(ways, place) & INNER) === 0);

/** The value of each literal. */
const literalsOf = (s: Scalars) => scalarsOf(s, 'literal', LITERALS).map((value, i) => ((s.counted >>> i) & 1 ? value / s.count : value));

/** The operands that steps touch. */
function touched(steps: readonly ElementStep[]): Set<string> {
  const places = steps.flatMap(({ to, sources }) => [to, ...sources]);
  return new Set(places.filter((place) => isInput(place) || isOutput(place)).map(placeName));
}

function describe(s: Scalars): string {
  const size = formatShape([s.outer, s.middle, s.inner].filter((level, i) => level !== 1 || i === 2));
  const values = scalarsOf(s, 'literal', LITERALS);
  const literal = (i: number) => `${values[i]}${(s.counted >>> i) & 1 ? `/${formatShape([s.count]).slice(1, -1)}` : ''}`;
  return `${size} ${formatSteps(decodeSteps(stepWords(s)), literal, formatShape([s.reduced]).slice(1, -1))}`;
}

/** A block of one place: its elements, and how far one is from the next (0: all are one number). */
interface Block {
  readonly from: Float64Array;
  readonly step: 0 | 1;
}

/** Computes all steps for the elements of one row, block by block, as the kernels do; `add` takes the elements of sums. */
function evaluateRow(
  steps: readonly ElementStep[],
  places: readonly Block[],
  size: number,
  add: (output: number, i: number, element: number) => void,
): void {
  for (let start = 0; start < size; start += BLOCK) {
    const end = Math.min(size, start + BLOCK);
    for (const step of steps) {
      const { function: f, to, sources } = step;
      const [x, y, z, w] = sources.map((place) => places[place]);
      const out = places[to].from;
      const inRegister = !isOutput(to);
      const read = (block: Block | undefined, place: number | undefined, i: number) => {
        if (!block || place === undefined) return 0;
        return block.from[block.step === 0 ? 0 : isInput(place) || isOutput(place) ? i : i - start];
      };
      for (let i = start; i < end; i++) {
        const value = f.value(read(x, sources[0], i), read(y, sources[1], i), read(z, sources[2], i), read(w, sources[3], i));
        if (isSum(step)) add(to - FIRST_OUTPUT, i, value);
        else out[inRegister ? i - start : i] = value;
      }
    }
  }
}

export const FUSED = [
  defineOp({
    /** a run of element-wise operations and sums over blocks of elements: steps over inputs, registers and literals. */
    name: 'elementwise',
    compiled: true,
    readsInstruction: true,
    operands: OPERANDS,
    scalars: SCALARS,
    attributes: {
      shape: { kind: 'shape' },
      outputs: { kind: 'positive' },
      steps: { kind: 'words' },
      literals: { kind: 'numbers', default: [] },
      count: { kind: 'size', default: 1 },
      counted: { kind: 'natural', default: 0 },
      axes: { kind: 'natural', default: 0 },
    },
    shapes: (_, { shape, outputs, steps, axes }) => {
      const sums = sumOutputs(decodeSteps(steps));
      return range(outputs).map((j) => (sums.includes(j) ? shape.slice(0, shape.length - axes) : shape));
    },
    lower: (inputs, _, { shape, steps, literals, count: divisor, counted, axes }) => {
      const levels = elementLevels(inputs, shape, axes);
      const split = shape.length - axes;
      if (levels.length > BROADCAST_LEVELS)
        throw new ShapeError(
          `elementwise: expected inputs that broadcast to ${formatShape(shape)} in at most ${BROADCAST_LEVELS} runs of axes`,
        );
      const sizes: Dim[] = [...range(BROADCAST_LEVELS - levels.length).map(() => 1), ...levels.map(({ size }) => size)];
      return {
        outer: sizes[0],
        middle: sizes[1],
        inner: sizes[2],
        sums: axes > 0 ? count(shape.slice(0, split)) : 0,
        reduced: axes > 0 ? count(shape.slice(split)) : 0,
        ways: waysOf(inputs, shape, levels),
        count: divisor,
        counted,
        ...numbered<`literal${Twelve}`, number>('literal', LITERALS, (i) => literals[i] ?? 0),
        ...numbered<`step${TwentyFour}`, number>('step', STEPS, (i) => steps[i] ?? 0),
      };
    },
    valid: (s) =>
      s.outer !== 0 &&
      s.middle !== 0 &&
      s.inner !== 0 &&
      s.ways < 2 ** (3 * INPUTS) &&
      s.counted < 2 ** LITERALS &&
      s.count !== 0 &&
      areSteps(stepWords(s), isNumber(s.ways)) &&
      (decodeSteps(stepWords(s)).some(isSum) ? areWholeSums(s) : s.sums === 0 && s.reduced === 0),
    needs: (s) => [...touched(decodeSteps(stepWords(s)))] as (keyof typeof OPERANDS)[],
    describe,
    extents: (s) => {
      const sizes = [s.outer, s.middle, s.inner];
      const moved = (way: number) => sizes.reduce((product, size, level) => ((way >>> (2 - level)) & 1 ? product * size : product), 1);
      const inputs = range(INPUTS).map((k) => [`x${k}`, moved(wayOf(s.ways, k))]);
      const sums = s.reduced > 0 ? sumOutputs(decodeSteps(stepWords(s))) : [];
      const outputs = range(OUTPUTS).map((j) => [`out${j}`, sums.includes(j) ? moved(WHOLE) / s.reduced : moved(WHOLE)]);
      return Object.fromEntries([...inputs, ...outputs]) as Record<keyof typeof OPERANDS, number>;
    },
    divide: ({ outer, middle, sums, reduced }) => {
      if (sums === 1) return { over: 'sums', within: 'reduced', meetings: 1, granule: ELEMENT_PART };
      const over = outer > 1 ? 'outer' : middle > 1 ? 'middle' : 'inner';
      return reduced < LEAST_ROW ? { over } : { over, within: 'reduced', meetings: sums, granule: ELEMENT_PART };
    },
    ranges: ['reduced'],
    // What the parts of a long sum come to, 16 numbers each, lies in the memory that threads share, for two sums of rows at a time.
    scratch: ({ reduced }) => Math.max(SCRATCH, 2 * OUTPUTS * LEVEL * Math.ceil(reduced / ELEMENT_PART)),
    work: (s) => {
      const steps = decodeSteps(stepWords(s));
      return s.outer * s.middle * s.inner * (steps.length + touched(steps).size);
    },
    inPlace: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
    apart: (s) => sumOutputs(decodeSteps(stepWords(s))).map((j) => `out${j}` as 'out0'),
    mergesOver: 'inner',
    keepsZeros: (s) => {
      const steps = decodeSteps(stepWords(s));
      if (steps.some(isSum)) return false;
      return [0.5, 1, 2].every((number) => {
        const places = range(PLACES).map((): Block => ({ from: new Float64Array(BLOCK), step: 1 }));
        for (const k of range(INPUTS)) if (wayOf(s.ways, k) !== WHOLE) places[k].from.fill(number);
        literalsOf(s).forEach((value, i) => {
          places[FIRST_LITERAL + i].from.fill(value);
        });
        evaluateRow(steps, places, 1, () => {});
        return range(OUTPUTS).every((j) => places[FIRST_OUTPUT + j].from[0] === 0);
      });
    },
    tolerance: 1e-4,
  }),
];

export const FUSED_REFERENCE: ReferenceOf<(typeof FUSED)[number]> = {
  elementwise: (s) => {
    const steps = decodeSteps(stepWords(s));
    const operands = s as unknown as Readonly<Record<string, Float64Array | undefined>>;
    const registers = range(REGISTERS).map((): Block => ({ from: new Float64Array(BLOCK), step: 1 }));
    const literals = literalsOf(s).map((value): Block => ({ from: Float64Array.of(value), step: 0 }));
    const none = new Float64Array(0);
    const operand = (name: string) => operands[name] ?? none;
    for (const j of sumOutputs(steps)) operand(`out${j}`).fill(0, 0, s.sums);
    for (let a = 0; a < s.outer; a++) {
      for (let b = 0; b < s.middle; b++) {
        const row = (way: number) =>
          (way & 4 ? a * (way & 2 ? s.middle : 1) * (way & INNER ? s.inner : 1) : 0) + (way & 2 ? b * (way & INNER ? s.inner : 1) : 0);
        const inputs = range(INPUTS).map((k): Block => {
          const way = wayOf(s.ways, k);
          return { from: operand(`x${k}`).subarray(row(way)), step: way & INNER ? 1 : 0 };
        });
        const outputs = range(OUTPUTS).map((j): Block => ({ from: operand(`out${j}`).subarray(row(WHOLE)), step: 1 }));
        const first = row(WHOLE);
        evaluateRow(steps, [...inputs, ...outputs, ...registers, ...literals], s.inner, (j, i, element) => {
          operand(`out${j}`)[Math.floor((first + i) / s.reduced)] += element;
        });
      }
    }
  },
};
