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
  LITERALS,
  OUTPUTS,
  PLACES,
  placeName,
  REGISTERS,
  STEPS,
} from './element-steps.ts';
import { BROADCAST_LEVELS } from './elementwise.ts';
import { broadcastStrides, collapse, count, formatShape, type Level, sameShape } from './shape.ts';
import { type Dim, defineOp, type OpSpec, type Shape } from './spec.ts';

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
 * `ways` has three bits for each input: whether it moves with the outer, the middle and the inner size (4, 2, 1). Literals whose bits are
 * set in `counted` are divided by `count`.
 */
const SCALARS = {
  outer: 'size',
  middle: 'size',
  inner: 'size',
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
export const BLOCK = 512;

/** Floats of scratch memory: the literals as floats, a block for each register, and one for each input that is repeated. */
const SCRATCH = (1 + REGISTERS + INPUTS) * BLOCK;

const WHOLE = 7;
const INNER = 1;

/** The loop nest in which all inputs move; an input that has as many elements as the domain, or one, moves at every level or none. */
export function elementLevels(inputs: readonly (Shape | undefined)[], domain: Shape): readonly Level[] {
  const steps = inputs
    .filter((shape) => shape !== undefined)
    .map((shape) => (count(shape) === 1 ? domain.map(() => 0) : broadcastStrides(shape, domain)));
  return collapse(domain.map((size, axis) => ({ size, steps: steps.map((own) => own[axis]) })));
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
  return `${size} ${formatSteps(decodeSteps(stepWords(s)), literal)}`;
}

/** A block of one place: its elements, and how far one is from the next (0: all are one number). */
interface Block {
  readonly from: Float64Array;
  readonly step: 0 | 1;
}

/** Computes all steps for the elements of one row, block by block, as the kernels do. */
function evaluateRow(steps: readonly ElementStep[], places: readonly Block[], size: number): void {
  for (let start = 0; start < size; start += BLOCK) {
    const end = Math.min(size, start + BLOCK);
    for (const { function: f, to, sources } of steps) {
      const [x, y, z] = sources.map((place) => places[place]);
      const out = places[to].from;
      const inRegister = !isOutput(to);
      const read = (block: Block | undefined, place: number | undefined, i: number) => {
        if (!block || place === undefined) return 0;
        return block.from[block.step === 0 ? 0 : isInput(place) || isOutput(place) ? i : i - start];
      };
      for (let i = start; i < end; i++) {
        out[inRegister ? i - start : i] = f.value(read(x, sources[0], i), read(y, sources[1], i), read(z, sources[2], i));
      }
    }
  }
}

export const FUSED: readonly OpSpec[] = [
  defineOp({
    name: 'elementwise',
    synopsis: 'a run of element-wise operations over blocks of elements: steps over inputs, registers and literals',
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
    },
    shapes: (_, { shape, outputs }) => range(outputs).map(() => shape),
    lower: (inputs, _, { shape, steps, literals, count: divisor, counted }) => {
      const levels = elementLevels(inputs, shape);
      if (levels.length > BROADCAST_LEVELS)
        throw new ShapeError(
          `elementwise: expected inputs that broadcast to ${formatShape(shape)} in at most ${BROADCAST_LEVELS} runs of axes`,
        );
      const sizes: Dim[] = [...range(BROADCAST_LEVELS - levels.length).map(() => 1), ...levels.map(({ size }) => size)];
      return {
        outer: sizes[0],
        middle: sizes[1],
        inner: sizes[2],
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
      areSteps(stepWords(s), isNumber(s.ways)),
    needs: (s) => [...touched(decodeSteps(stepWords(s)))] as (keyof typeof OPERANDS)[],
    describe,
    extents: (s) => {
      const sizes = [s.outer, s.middle, s.inner];
      const moved = (way: number) => sizes.reduce((product, size, level) => ((way >>> (2 - level)) & 1 ? product * size : product), 1);
      const inputs = range(INPUTS).map((k) => [`x${k}`, moved(wayOf(s.ways, k))]);
      const outputs = range(OUTPUTS).map((j) => [`out${j}`, moved(WHOLE)]);
      return Object.fromEntries([...inputs, ...outputs]) as Record<keyof typeof OPERANDS, number>;
    },
    divide: ({ outer, middle }) => ({ over: outer > 1 ? 'outer' : middle > 1 ? 'middle' : 'inner' }),
    scratch: () => SCRATCH,
    work: (s) => {
      const steps = decodeSteps(stepWords(s));
      return s.outer * s.middle * s.inner * (steps.length + touched(steps).size);
    },
    inPlace: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
    mergesOver: 'inner',
    keepsZeros: (s) => {
      const steps = decodeSteps(stepWords(s));
      return [0.5, 1, 2].every((number) => {
        const places = range(PLACES).map((): Block => ({ from: new Float64Array(BLOCK), step: 1 }));
        for (const k of range(INPUTS)) if (wayOf(s.ways, k) !== WHOLE) places[k].from.fill(number);
        literalsOf(s).forEach((value, i) => {
          places[FIRST_LITERAL + i].from.fill(value);
        });
        evaluateRow(steps, places, 1);
        return range(OUTPUTS).every((j) => places[FIRST_OUTPUT + j].from[0] === 0);
      });
    },
    tolerance: 1e-4,
    evaluate: (s) => {
      const steps = decodeSteps(stepWords(s));
      const operands = s as unknown as Readonly<Record<string, Float64Array | undefined>>;
      const registers = range(REGISTERS).map((): Block => ({ from: new Float64Array(BLOCK), step: 1 }));
      const literals = literalsOf(s).map((value): Block => ({ from: Float64Array.of(value), step: 0 }));
      const none = new Float64Array(0);
      for (let a = 0; a < s.outer; a++) {
        for (let b = 0; b < s.middle; b++) {
          const row = (way: number) =>
            (way & 4 ? a * (way & 2 ? s.middle : 1) * (way & INNER ? s.inner : 1) : 0) + (way & 2 ? b * (way & INNER ? s.inner : 1) : 0);
          const inputs = range(INPUTS).map((k): Block => {
            const way = wayOf(s.ways, k);
            return { from: (operands[`x${k}`] ?? none).subarray(row(way)), step: way & INNER ? 1 : 0 };
          });
          const outputs = range(OUTPUTS).map((j): Block => ({ from: (operands[`out${j}`] ?? none).subarray(row(WHOLE)), step: 1 }));
          evaluateRow(steps, [...inputs, ...outputs, ...registers, ...literals], s.inner);
        }
      }
    },
  }),
];
