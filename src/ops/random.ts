/** Ops that draw the initial values of parameters: element i of a drawing depends on the seed, the stream and i alone. */
import { normalPair } from '../random/normal.ts';
import { PURPOSE, philox } from '../random/philox.ts';
import type { Context } from './context.ts';
import { count } from './shape.ts';
import { type AttributesOf, defineOp, type ReferenceOf, type Shape } from './spec.ts';

/** The cost of an element, in elements of plain arithmetic. */
const UNIFORM = 16;
const NORMAL = 40;
/** Words in a block of the generator. Parts of a drawing begin with a block. */
export const BLOCK_WORDS = 4;

/** Calls `use` with every block of words for elements `first` … `first` + size − 1, and the place of its words among them. */
function forEachBlock(size: number, first: number, stream: number, { seed }: Context, use: (words: Uint32Array, at: number) => void): void {
  const counter = new Uint32Array([0, stream, 0, 0]);
  const words = new Uint32Array(BLOCK_WORDS);
  const key1 = Math.floor(seed / 2 ** 32) + (PURPOSE.initialize << 24);
  for (let at = 0; at < size; at += BLOCK_WORDS) {
    counter[0] = (first + at) / BLOCK_WORDS;
    philox(counter, seed, key1, words);
    use(words, at);
  }
}

/** A range of elements of a drawing. */
const PART = { shape: { kind: 'shape' }, first: { kind: 'natural', default: 0 }, stream: { kind: 'natural' } } as const;

const DRAWING = {
  context: true,
  operands: { out: 'out' },
  shapes: (_: readonly Shape[], { shape }: AttributesOf<typeof PART>) => [shape],
  extents: ({ size }: { size: number }) => ({ out: size }),
  valid: ({ first }: { first: number }) => first % BLOCK_WORDS === 0,
  divide: () => ({ over: 'size' as const }),
  ranges: ['size'] as const,
} as const;

const lowerTo = ([out]: readonly Shape[], { first, stream }: AttributesOf<typeof PART>) => ({ size: count(out), first, stream });

export const RANDOM = [
  defineOp({
    ...DRAWING,
    /** elements `first`, `first` + 1, … of a drawing between −limit and limit, by the seed and the stream. */
    name: 'drawUniform',
    scalars: { size: 'size', first: 'integer', stream: 'integer', limit: 'float' },
    attributes: { ...PART, limit: { kind: 'nonNegative' } },
    lower: (_, outputs, attributes) => ({ ...lowerTo(outputs, attributes), limit: attributes.limit }),
    work: ({ size }) => UNIFORM * size,
  }),
  defineOp({
    ...DRAWING,
    /** elements `first`, `first` + 1, … of a normal drawing with mean 0 and this deviation, by the seed and the stream. */
    name: 'drawNormal',
    scalars: { size: 'size', first: 'integer', stream: 'integer', deviation: 'float' },
    attributes: { ...PART, deviation: { kind: 'nonNegative' } },
    lower: (_, outputs, attributes) => ({ ...lowerTo(outputs, attributes), deviation: attributes.deviation }),
    work: ({ size }) => NORMAL * size,
  }),
];

export const RANDOM_REFERENCE: ReferenceOf<(typeof RANDOM)[number]> = {
  drawUniform: ({ out, size, first, stream, limit, context }) =>
    forEachBlock(size, first, stream, context, (words, at) => {
      for (let i = at; i < Math.min(at + BLOCK_WORDS, size); i++) out[i] = limit * ((words[i - at] + 0.5) * 2 ** -31 - 1);
    }),
  drawNormal: ({ out, size, first, stream, deviation, context }) =>
    forEachBlock(size, first, stream, context, (words, at) => {
      for (let i = at; i < Math.min(at + BLOCK_WORDS, size); i++) {
        const pair = (i - at) & ~1;
        out[i] = deviation * normalPair(words[pair], words[pair + 1])[(i - at) & 1];
      }
    }),
};
