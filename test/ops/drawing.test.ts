/** Initial values: what is drawn has the same bits on every backend and instruction set, wherever it is cut, and the distribution it should. */
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { Attributes } from '../../src/ops/spec.ts';
import type { Slot } from '../../src/program/format.ts';
import { normalFrom } from '../../src/random/normal.ts';
import { PURPOSE, RandomStream } from '../../src/random/philox.ts';
import { BACKENDS } from '../support/backends.ts';

const OPS = [
  ['drawUniform', { limit: 0.05 }],
  ['drawNormal', { deviation: 0.3 }],
] as const;
const SEEDS = [0, 1, 2 ** 32 - 1, 2 ** 40 + 12345, Number.MAX_SAFE_INTEGER];

function drawn(backend: LocalBackend, op: string, size: number, attributes: Attributes, seed = 1): Float32Array {
  const graph = new Graph();
  graph.outputs.set('y', new GraphExpressions(graph).apply(op, [], { stream: 3, shape: [size], ...attributes }));
  const program = compile(graph);
  const session = backend.openArena(program, seed);
  try {
    session.run({ from: 0, to: program.code.length, repeats: 1, clock: { epoch: 0, batch: 5 }, rows: 1 });
    return Float32Array.from(session.read((program.outputs.get('y') as Slot).offset, size));
  } finally {
    session.dispose();
  }
}

/** As TypeScript draws them, one after the other. */
function expected(op: string, size: number, scale: number, seed: number): Float32Array {
  const stream = new RandomStream(seed, PURPOSE.initialize, 3);
  const normal = normalFrom(stream);
  return Float32Array.from({ length: size }, () => scale * (op === 'drawUniform' ? 2 * stream.uniform() - 1 : normal()));
}

/** In one look: comparing element by element takes longer than drawing. */
function expectSameBits(actual: Float32Array, wanted: Float32Array): void {
  if (Buffer.compare(Buffer.from(actual.buffer), Buffer.from(wanted.buffer)) === 0) return;
  const at = actual.findIndex((x, i) => !Object.is(x, wanted[i]));
  expect([at, actual[at], actual.length]).toEqual([at, wanted[at], wanted.length]);
}

describe.each(BACKENDS)('on $name', (backend) => {
  describe.each(OPS)('%s', (op, attributes) => {
    const [scale] = Object.values(attributes);

    it.each(SEEDS)('gives the stream’s bits, with seed %d', (seed) => {
      expectSameBits(drawn(backend, op, 5003, attributes, seed), expected(op, 5003, scale, seed));
    });

    it('does not depend on where it is cut, nor on the number of threads', () => {
      const size = 300_000;
      const whole = drawn(backend.with({ threads: 1 }), op, size, attributes);
      for (const first of [4, 252, 200_000]) {
        expectSameBits(drawn(backend, op, 1001, { ...attributes, first }), whole.slice(first, first + 1001));
      }
      for (const threads of [2, 3]) expectSameBits(drawn(backend.with({ threads }), op, size, attributes), whole);
    });
  });
});

describe('distributions, by a million draws', () => {
  const [fastest] = BACKENDS.toReversed();
  const SIZE = 2 ** 20;
  /** Five times the standard error of a share of the draws. */
  const tolerance = (share: number) => 5 * Math.sqrt((share * (1 - share)) / SIZE);

  it('uniform: every hundredth as likely, nothing outside', () => {
    const counts = new Array(100).fill(0);
    for (const x of drawn(fastest, 'drawUniform', SIZE, { limit: 1 })) counts[Math.floor(50 * (x + 1))]++;
    for (const count of counts) expect(Math.abs(count / SIZE - 0.01)).toBeLessThan(tolerance(0.01));
  });

  it('normal: shares beyond one to four deviations on both sides, moments, no word of one in the next', () => {
    const values = drawn(fastest, 'drawNormal', SIZE, { deviation: 1 });
    for (const [limit, share] of [
      [0, 0.5],
      [1, 0.158655],
      [2, 0.02275],
      [3, 0.0013499],
      [4, 3.167e-5],
    ]) {
      for (const sign of [1, -1]) {
        const beyond = values.reduce((count, x) => count + Number(sign * x > limit), 0) / SIZE;
        expect(Math.abs(beyond - share), `beyond ${sign * limit}`).toBeLessThan(tolerance(share));
      }
    }
    const moment = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / SIZE;
    [0, 1, 0, 3].forEach((value, i) => {
      expect(Math.abs(moment(i + 1) - value), `moment ${i + 1}`).toBeLessThan(0.04);
    });
    for (const lag of [1, 2, 3]) {
      const product = values.subarray(lag).reduce((sum, x, i) => sum + x * values[i], 0) / SIZE;
      expect(Math.abs(product), `lag ${lag}`).toBeLessThan(0.006);
    }
  });
});
