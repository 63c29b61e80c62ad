/** Comparing what a float32 backend made of a case with what the op's definition says. */
import type { Elements } from '../../src/backends/backend.ts';
import { fromWords } from '../../src/backends/words.ts';
import { unpack } from '../../src/ops/bfloat16.ts';
import { type Assembled, type Place, written } from './case-program.ts';
import { elementsIn, isIndex, type OpCase } from './op-case.ts';

/**
 * What is wrong with the results, undefined where nothing is: every written operand within the op's own tolerance, indices and the record to
 * the bit.
 */
export function resultProblem(test: OpCase, assembled: Assembled, actual: Elements, expected: Elements): string | undefined {
  const { program, places } = assembled;
  for (const name of written(test)) {
    const place = places.get(name) as Place;
    if (isIndex(test, name)) {
      const wrong = firstWrongIndex(actual, expected, place);
      if (wrong) return `${name}: ${wrong}`;
      continue;
    }
    if (elementsIn(test, name) === 'bfloat16') {
      const wrong = wrongRounding(unpacked(actual, place), unpacked(expected, place));
      if (wrong) return `${name}: ${wrong}`;
      continue;
    }
    const error = largestError(test, actual, expected, place);
    if (error > test.op.tolerance) return `${name} is off by ${error}, more than ${test.op.tolerance}`;
  }
  const i = actual.subarray(program.arenaSize).findIndex((x, k) => !Object.is(x, expected[program.arenaSize + k]));
  return i < 0 ? undefined : `number ${i} of the record is ${actual[program.arenaSize + i]}, not ${expected[program.arenaSize + i]}`;
}

function firstWrongIndex(actual: Elements, expected: Elements, { offset, size }: Place): string | undefined {
  // A slice has the bits of floats; read as numbers, some would be others.
  const own = actual.slice(offset, offset + size);
  const found = own instanceof Float32Array ? new Int32Array(own.buffer) : own;
  const i = found.findIndex((index, k) => index !== expected[offset + k]);
  return i < 0 ? undefined : `index ${i} is ${found[i]}, not ${expected[offset + i]}`;
}

/** One in so many numbers may be rounded the other way, since float32 is near the place where that changes. */
const SELDOM = 100;
/** The relative difference of neighbours. */
const UNIT = 2 ** -7;

/** What is wrong with numbers that are rounded at random. */
function wrongRounding(actual: Float32Array, expected: Float32Array): string | undefined {
  const other = [...actual.keys()].filter((i) => actual[i] !== expected[i]);
  const far = other.find((i) => !(Math.abs(actual[i] - expected[i]) <= UNIT * Math.abs(expected[i])));
  if (far !== undefined) return `number ${far} is ${actual[far]}, not ${expected[far]}`;
  const most = Math.ceil(actual.length / SELDOM);
  return other.length > most ? `${other.length} of ${actual.length} numbers are rounded otherwise, more than ${most}` : undefined;
}

/** The numbers of bfloat16 in some elements of an arena. */
function unpacked(elements: Elements, { offset, size }: Place): Float32Array {
  const numbers = new Float32Array(2 * size);
  unpack(fromWords(elements.slice(offset, offset + size)), numbers);
  return numbers;
}

/** The largest error of any written operand, as the op's tolerance counts. */
export function largestDifference(test: OpCase, { places }: Assembled, actual: Elements, expected: Elements): number {
  const names = written(test).filter((name) => elementsIn(test, name) !== 'bfloat16');
  return Math.max(...names.map((name) => largestError(test, actual, expected, places.get(name) as Place)));
}

/**
 * Relative to the output's largest magnitude; for special values to each one's own, or to 1 where it is smaller. What is too large for
 * float32 must be infinite, what is no number must be none.
 */
function largestError({ special }: OpCase, actual: Elements, expected: Elements, { offset, size }: Place): number {
  let magnitude = 0;
  let error = 0;
  for (let i = offset; i < offset + size; i++) {
    const wanted = Math.fround(expected[i]);
    if (Object.is(actual[i], wanted) || actual[i] === wanted) {
      if (Number.isFinite(wanted)) magnitude = Math.max(magnitude, Math.abs(wanted));
      continue;
    }
    if (!Number.isFinite(wanted) || !Number.isFinite(actual[i])) return Number.POSITIVE_INFINITY;
    magnitude = Math.max(magnitude, Math.abs(wanted));
    const off = Math.abs(actual[i] - wanted);
    error = Math.max(error, special ? off / Math.max(1, Math.abs(wanted)) : off);
  }
  return special || error === 0 ? error : error / magnitude;
}
