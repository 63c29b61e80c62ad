/**
 * Optimisers whose states are numbers of bfloat16. A step computes with floats, and each new state becomes one of the two numbers beside it, the
 * nearer one more likely: in the mean over the steps it is right, where rounding to the nearest would leave an average that changes by less
 * than half a unit as it is for ever. The seed, the parameter, the step and the number of an element give 32 random bits: the lower half rounds
 * the first state, the upper half the second. Every backend has the same, with any number of threads.
 */
import { PURPOSE, RandomStream } from '../random/philox.ts';
import { packAt, roundedBits, unpack } from './bfloat16.ts';
import type { Context } from './context.ts';

/** The cost of an element's random bits, in elements of plain arithmetic. */
export const ROUNDING_WORK = 2;

/** Of a parameter: the stream of random numbers that its states are rounded by. */
export const STREAM = { stream: { kind: 'natural', default: 0 } } as const;

/** Any that follow have the same bits. float32 counts steps up to 2²⁴, but may hold any number. */
const LAST_STEP = 2 ** 52;

const WEYL = 0x61c88647;
const SCRAMBLE = 0x735a2d97;

/**
 * 32 random bits of element i in a step. Step for step they are as independent as Philox's words, of which each step has one; within a step they
 * are those of a Weyl sequence that begins there, hashed by one multiplication, so that neighbours are not rounded alike.
 */
function randomBits(seed: number, stream: number, step: number): (i: number) => number {
  const begin = new RandomStream(seed, PURPOSE.rounding, stream, Math.min(Math.floor(step), LAST_STEP)).word();
  return (i) => {
    const place = (begin + Math.imul(i, WEYL)) | 0;
    const x = Math.imul(place ^ (place >>> 15), SCRAMBLE);
    return (x ^ (x >>> 15)) >>> 0;
  };
}

interface Rounding {
  readonly context: Context;
  readonly stream: number;
  readonly step: Float64Array;
}

/**
 * A step with states of `size` numbers: `update` changes them as numbers, then all are rounded. Those that it leaves as they are stay, since
 * no number of bfloat16 is rounded.
 */
export function withRounding(
  words: readonly Float64Array[],
  size: number,
  { context, stream, step }: Rounding,
  update: (states: readonly Float64Array[]) => void,
): void {
  const states = words.map((state) => {
    const numbers = new Float64Array(size);
    unpack(state, numbers);
    return numbers;
  });
  update(states);
  const bits = randomBits(context.seed, stream, step[0]);
  for (let i = 0; i < size; i++) {
    const random = bits(i);
    states.forEach((state, which) => {
      packAt(words[which], i, roundedBits(state[i], (random >>> (16 * which)) & 0xffff));
    });
  }
}
