/**
 * Scaled dot-product attention for several heads (Vaswani et al. 2017): softmax(q·kᵀ · scale)·v of each head. Heads lie side by side in the
 * features, so that nothing is permuted. The scores exist one tile of keys and queries at a time, in the thread's scratch memory: a query takes
 * its keys tile by tile, with a running maximum, sum and mean of values (Milakov and Gimelshein 2018, Dao et al. 2022). The backward pass computes
 * the scores again from the logarithms of the rows' sums.
 */
import { ShapeError } from '../errors.ts';
import { EXPONENTIAL } from './reductions.ts';
import { formatShape, sameShape } from './shape.ts';
import { type Application, type AttributesOf, defineOp, type Expressions, type ReferenceOf, type Shape, type Value } from './spec.ts';

/** Queries, and keys, of which the scores exist at a time: part of the order of the sums over both. */
export const ATTENTION_TILE = 64;

/** The score of a key that a query may not see: its exponential is 0 beside that of any other. */
const UNSEEN = -1e30;

const ATTENTION = {
  batches: 'size',
  heads: 'size',
  queries: 'size',
  keys: 'size',
  features: 'size',
  causal: 'integer',
  scale: 'float',
} as const;

const HEADS = { heads: { kind: 'positive' }, causal: { kind: 'flag', default: false }, scale: { kind: 'number' } } as const;

type Attributes = AttributesOf<typeof HEADS>;
type Expanded = Omit<Application<Attributes>, 'outputs'>;

type Attention = { [K in keyof typeof ATTENTION]: number };

function lowerAttention(q: Shape, k: Shape, { heads, causal, scale }: Attributes): Attention {
  return {
    batches: q[0],
    heads,
    queries: q[1],
    keys: k[1],
    features: q[2] / heads,
    causal: causal ? 1 : 0,
    scale,
  };
}

function checkShapes(op: string, q: Shape, k: Shape, v: Shape, mask: Shape | undefined, { heads }: Attributes): void {
  const all = [q, k, v].map(formatShape).join(', ');
  const fits = [q, k, v].every((shape) => shape.length === 3 && shape[0] === q[0] && shape[1] > 0 && shape[2] === q[2]);
  if (!fits || !sameShape(k, v)) throw new ShapeError(`${op}: expected queries, keys and values of [batch, time, features], got ${all}`);
  if (!(heads >= 1) || q[2] < 1 || q[2] % heads !== 0)
    throw new ShapeError(`${op}: expected features that ${heads} heads divide evenly, got ${formatShape(q)}`);
  if (mask && !sameShape(mask, [k[0], k[1]]))
    throw new ShapeError(`${op}: expected a mask of ${formatShape([k[0], k[1]])}, one number for each key, got ${formatShape(mask)}`);
}

const sums = (s: Attention) => s.batches * s.heads * s.queries;
const queriesSize = (s: Attention) => sums(s) * s.features;
const keysSize = (s: Attention) => s.batches * s.heads * s.keys * s.features;
const SCORES = ATTENTION_TILE ** 2;
/** Rows of a head that a tile takes, packed: no vector is longer than 16 elements. */
const packedSize = ({ features }: Attention) => ATTENTION_TILE * Math.ceil(features / 16) * 16;
const divideHeads = () => ({ over: 'batches', within: 'heads' }) as const;

/** The cost, in elements of plain arithmetic, of `products` products of queries, keys and features with one exponential a score. */
const workOf = (s: Attention, products: number) => sums(s) * s.keys * ((products * s.features) / 4 + EXPONENTIAL);

/** Where a head's row of queries, keys or values begins. */
const rowOf = (s: Attention, length: number, batch: number, head: number, row: number) =>
  ((batch * length + row) * s.heads + head) * s.features;

function dot(a: Float64Array, b: Float64Array, i: number, j: number, size: number): number {
  let sum = 0;
  for (let p = 0; p < size; p++) sum += a[i + p] * b[j + p];
  return sum;
}

/** to[i …] += factor · from[j …]. */
function addScaled(to: Float64Array, from: Float64Array, i: number, j: number, size: number, factor: number): void {
  for (let p = 0; p < size; p++) to[i + p] += factor * from[j + p];
}

interface Scored {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly mask: Float64Array | undefined;
}

/** The scores of one query's keys; −∞ where it may not see one. */
function scoresOf(s: Attention, { q, k, mask }: Scored, batch: number, head: number, query: number): number[] {
  const at = rowOf(s, s.queries, batch, head, query);
  return Array.from({ length: s.keys }, (_, key) => {
    const seen = !(s.causal && key > query) && mask?.[batch * s.keys + key] !== 0;
    return seen ? s.scale * dot(q, k, at, rowOf(s, s.keys, batch, head, key), s.features) : Number.NEGATIVE_INFINITY;
  });
}

function eachQuery(s: Attention, visit: (batch: number, head: number, query: number) => void): void {
  for (let batch = 0; batch < s.batches; batch++)
    for (let head = 0; head < s.heads; head++) for (let query = 0; query < s.queries; query++) visit(batch, head, query);
}

/** 0, 1, … size − 1, by doubling. */
function indices(m: Expressions, size: number): Value {
  let length = 1;
  let result = m.fill(0, [1]);
  while (length < size) {
    const doubled = m.insert(m.fill(0, [2 * length]), result, 0, 0);
    result = m.insert(doubled, m.add(result, length), 0, length);
    length *= 2;
  }
  return length === size ? result : m.slice(result, 0, 0, size);
}

/** [batch, time, features] by heads: [batch, heads, time, features of a head]. */
function byHeads(m: Expressions, x: Value, heads: number): Value {
  const [batch, time, features] = x.shape;
  return m.permute(m.reshape(x, [batch, time, heads, features / heads]), [0, 2, 1, 3]);
}

const sideBySide = (m: Expressions, x: Value, shape: Shape) => m.reshape(m.permute(x, [0, 2, 1, 3]), shape);

/** The scores of all heads, with those of unseen keys replaced; and a mask, 1 where a key is seen, undefined where all are. */
function expandScores(m: Expressions, [q, k, mask]: readonly (Value | undefined)[], { heads, causal: isCausal, scale }: Attributes) {
  const [queries, keys] = [q as Value, k as Value];
  const product = m.matmul(byHeads(m, queries, heads), byHeads(m, keys, heads), { transposeB: true });
  const scores = m.scale(product, scale);
  const [rows, columns] = [queries.shape[1], keys.shape[1]];
  const ordered = () => m.step(m.add(m.subtract(m.reshape(indices(m, rows), [rows, 1]), indices(m, columns)), 0.5));
  const causal = isCausal ? ordered() : undefined;
  const present = mask && m.reshape(m.step(m.abs(mask)), [mask.shape[0], 1, 1, columns]);
  const seen = causal && present ? m.multiply(m.broadcast(present, scores.shape), causal) : (causal ?? present);
  if (!seen) return { scores, seen };
  const everywhere = m.broadcast(seen, scores.shape);
  return { scores: m.add(m.multiply(scores, everywhere), m.multiply(m.subtract(1, everywhere), UNSEEN)), seen: everywhere };
}

/** ln Σ e^score; 0 for a query that sees no key. */
function expandLogSums(m: Expressions, scores: Value, seen: Value | undefined): Value {
  const total = m.sum(m.exp(scores), [-1]);
  return m.log(seen ? m.add(total, m.subtract(1, m.step(m.sum(seen, [-1])))) : total);
}

function expandForward(m: Expressions, { inputs: [q, k, v, mask], attributes }: Expanded): readonly Value[] {
  const { scores, seen } = expandScores(m, [q, k, mask], attributes);
  const softmax = m.apply('softmax', [scores]);
  const probabilities = seen ? m.multiply(softmax, seen) : softmax;
  const out = m.matmul(probabilities, byHeads(m, v, attributes.heads));
  return [sideBySide(m, out, q.shape), expandLogSums(m, scores, seen)];
}

function expandBackward(m: Expressions, { inputs, attributes }: Expanded): readonly Value[] {
  const [delta, ofLogSums, q, k, v, mask, out, logSums] = inputs as readonly (Value | undefined)[] as readonly Value[];
  const { heads } = attributes;
  const column = (x: Value) => m.reshape(x, [...x.shape, 1]);
  const probabilities = m.exp(m.subtract(expandScores(m, [q, k, mask], attributes).scores, column(logSums)));
  const outDelta = byHeads(m, delta, heads);
  const dots = m.sum(m.multiply(outDelta, byHeads(m, out, heads)), [-1]);
  const shift = ofLogSums ? m.subtract(dots, ofLogSums) : dots;
  const ofProbabilities = m.matmul(outDelta, byHeads(m, v, heads), { transposeB: true });
  const ofScores = m.scale(m.multiply(probabilities, m.subtract(ofProbabilities, column(shift))), attributes.scale);
  return [
    sideBySide(m, m.matmul(ofScores, byHeads(m, k, heads)), q.shape),
    sideBySide(m, m.matmul(ofScores, byHeads(m, q, heads), { transposeA: true }), k.shape),
    sideBySide(m, m.matmul(probabilities, outDelta, { transposeA: true }), v.shape),
  ];
}

export const ATTENTIONS = [
  defineOp({
    /**
     * out = softmax(q·kᵀ · scale)·v of each head; causal: a query sees no later key; mask: 0 for keys that none sees. logSums = ln Σ
     * e^score.
     */
    name: 'attention',
    operands: { q: 'in', k: 'in', v: 'in', mask: 'in?', out: 'out', logSums: 'out' },
    meanings: { mask: 'mask' },
    scalars: ATTENTION,
    attributes: HEADS,
    shapes: ([q, k, v, mask], attributes) => {
      checkShapes('attention', q, k, v, mask, attributes);
      return [q, [q[0], attributes.heads, q[1]]];
    },
    lower: ([q, k], _, attributes) => lowerAttention(q, k, attributes),
    valid: ({ heads, queries, keys, features }) => [heads, queries, keys, features].every((size) => size > 0),
    extents: (s) => ({
      q: queriesSize(s),
      k: keysSize(s),
      v: keysSize(s),
      mask: s.batches * s.keys,
      out: queriesSize(s),
      logSums: sums(s),
    }),
    divide: divideHeads,
    ranges: ['heads'],
    // A tile's scores, its queries and values, and of each query the largest score, the sum and the part that is kept.
    scratch: (s) => SCORES + 2 * packedSize(s) + 3 * ATTENTION_TILE,
    fuses: true,
    work: (s) => workOf(s, 2),
    gradient: (m, { inputs: [q, k, v, mask], outputs: [out, logSums], attributes }, [delta, ofLogSums]) => {
      if (!delta && !ofLogSums) return [undefined, undefined, undefined, undefined];
      const given = delta ?? m.fill(0, q.shape);
      return [...m.applyAll('attentionGradient', [given, ofLogSums, q, k, v, mask, out, logSums], attributes), undefined];
    },
    expand: expandForward,
    tolerance: 1e-4,
  }),
  defineOp({
    /** δ of attention’s q, k and v from δ of out (and of logSums); the scores are computed again. */
    name: 'attentionGradient',
    operands: {
      delta: 'in',
      ofLogSums: 'in?',
      q: 'in',
      k: 'in',
      v: 'in',
      mask: 'in?',
      out: 'in',
      logSums: 'in',
      ofQ: 'out',
      ofK: 'out',
      ofV: 'out',
    },
    meanings: { mask: 'mask' },
    scalars: ATTENTION,
    attributes: HEADS,
    shapes: ([, , q, k, v, mask], attributes) => {
      checkShapes('attentionGradient', q, k, v, mask, attributes);
      return [q, k, v];
    },
    lower: ([, , q, k], _, attributes) => lowerAttention(q, k, attributes),
    valid: ({ heads, queries, keys, features }) => [heads, queries, keys, features].every((size) => size > 0),
    extents: (s) => ({
      delta: queriesSize(s),
      ofLogSums: sums(s),
      q: queriesSize(s),
      k: keysSize(s),
      v: keysSize(s),
      mask: s.batches * s.keys,
      out: queriesSize(s),
      logSums: sums(s),
      ofQ: queriesSize(s),
      ofK: keysSize(s),
      ofV: keysSize(s),
    }),
    divide: divideHeads,
    ranges: ['heads'],
    // A tile's probabilities and their δ's; of each query the logarithm of its sum, and what its δ's are less by; queries and δ's of their outputs,
    // by rows and transposed; keys.
    scratch: (s) => 2 * SCORES + 2 * ATTENTION_TILE + 5 * packedSize(s),
    fuses: true,
    work: (s) => workOf(s, 5),
    expand: expandBackward,
    tolerance: 1e-4,
  }),
];

export const ATTENTIONS_REFERENCE: ReferenceOf<(typeof ATTENTIONS)[number]> = {
  attention: (s) => {
    eachQuery(s, (batch, head, query) => {
      const scores = scoresOf(s, s, batch, head, query);
      const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
      const exponentials = scores.map((score) => (largest === Number.NEGATIVE_INFINITY ? 0 : Math.exp(score - largest)));
      const total = exponentials.reduce((sum, value) => sum + value, 0);
      const at = rowOf(s, s.queries, batch, head, query);
      s.out.fill(0, at, at + s.features);
      exponentials.forEach((value, key) => {
        if (value !== 0) addScaled(s.out, s.v, at, rowOf(s, s.keys, batch, head, key), s.features, value / total);
      });
      s.logSums[(batch * s.heads + head) * s.queries + query] = total === 0 ? 0 : largest + Math.log(total);
    });
  },
  attentionGradient: (s) => {
    const ofLogSums: Float64Array | undefined = s.ofLogSums;
    for (const [x, size] of [[s.ofQ, queriesSize(s)] as const, [s.ofK, keysSize(s)] as const, [s.ofV, keysSize(s)] as const])
      x.fill(0, 0, size);
    eachQuery(s, (batch, head, query) => {
      const at = rowOf(s, s.queries, batch, head, query);
      const sum = (batch * s.heads + head) * s.queries + query;
      const shift = dot(s.delta, s.out, at, at, s.features) - (ofLogSums?.[sum] ?? 0);
      scoresOf(s, s, batch, head, query).forEach((score, key) => {
        if (score === Number.NEGATIVE_INFINITY) return;
        const other = rowOf(s, s.keys, batch, head, key);
        const probability = Math.exp(score - s.logSums[sum]);
        const ofScore = s.scale * probability * (dot(s.delta, s.v, at, other, s.features) - shift);
        addScaled(s.ofQ, s.k, at, other, s.features, ofScore);
        addScaled(s.ofK, s.q, other, at, s.features, ofScore);
        addScaled(s.ofV, s.delta, other, at, s.features, probability);
      });
    });
  },
};
