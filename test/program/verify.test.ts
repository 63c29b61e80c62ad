/** The verifier: what it passes stays inside the arena, what does not is refused with a reason. */
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { FormatError } from '../../src/errors.ts';
import { Graph } from '../../src/graph/graph.ts';
import { ACTIVATIONS } from '../../src/ops/functions.ts';
import { evaluationOf } from '../../src/ops/reference.ts';
import { opId, opNamed } from '../../src/ops/registry.ts';
import { BATCH } from '../../src/ops/shape.ts';
import { OPS } from '../../src/ops/table.ts';
import { decode, type Program } from '../../src/program/format.ts';
import { verify } from '../../src/program/verify.ts';
import { assemble } from '../ops/case-program.ts';
import { casesOf } from '../ops/families.ts';
import { BACKENDS } from '../support/backends.ts';
import { acceptedMutations, MUTATIONS, runOnce, validPrograms, wordOf } from './mutations.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as LocalBackend;

/**
 * Ops read and write through operands that cannot leave what the verifier was told of: each access outside is counted. Instructions that
 * are those of `checked` are left out: each is run by itself, so it would do the same again.
 */
function strayAccesses(program: Program, rows: number, checked?: Program): string[] {
  const strays: string[] = [];
  for (let at = 0; at < program.code.length; at += program.code[at + 1]) {
    const words = program.code.subarray(at, at + program.code[at + 1]);
    if (checked && words.every((word, i) => word === checked.code[at + i])) continue;
    const { op, operands, scalars } = decode(program, at);
    const resolved = Object.fromEntries(
      Object.entries(scalars).map(([name, value]) => [name, op.scalars[name] === 'size' && value < 0 ? -value * rows : value]),
    );
    const watched = Object.keys(op.operands)
      .filter((name) => operands[name] >= 0)
      .map((name) => [name, watch(op.extents(resolved)[name], (what) => strays.push(`${op.name}'s ${name}: ${what}`))]);
    const { recordWidth } = program;
    const records = watch(recordWidth, (what) => strays.push(`${op.name}'s record: ${what}`));
    const context = { rows, epoch: 0, batch: 0, repeat: 0, batchSize: 1, seed: 0, order: new Int32Array(1), records, recordWidth };
    evaluationOf(op)({ ...resolved, ...Object.fromEntries(watched), context } as never);
  }
  return strays;
}

/** Zeros, any access outside of which is reported. A Proxy is their prototype and not around them: what lies inside is as fast as ever. */
function watch(size: number, report: (what: string) => void): Float64Array {
  const zeros = Object.assign(new Array<number>(size).fill(0), { report });
  return Object.setPrototypeOf(zeros, OUTSIDE);
}

type Watched = number[] & { report(what: string): void };

/** What operands have that arrays have not. A part is watched by itself. */
const OF_TYPED_ARRAYS = Object.assign(Object.create(Array.prototype), {
  subarray(this: Watched, from: number, to = this.length) {
    if (from < 0 || to > this.length) this.report(`took ${from} to ${to} of ${this.length}`);
    return watch(Math.max(to - from, 0), this.report);
  },
  set(this: Watched, values: ArrayLike<number>, offset = 0) {
    for (let i = 0; i < values.length; i++) this[offset + i] = values[i];
  },
});

/** Asked for each element that is not there. */
const OUTSIDE = new Proxy(OF_TYPED_ARRAYS, {
  get(target, key, zeros: Watched) {
    if (typeof key === 'string' && !Number.isNaN(Number(key))) zeros.report(`read ${key} of ${zeros.length}`);
    return Reflect.get(target, key, zeros);
  },
  set(_, key, __, zeros: Watched) {
    zeros.report(`wrote ${String(key)} of ${zeros.length}`);
    return true;
  },
});

describe('mutated programs', () => {
  const accepted = acceptedMutations();

  it('are refused, or stay inside the arena on reference', () => {
    validPrograms().forEach((program, i) => {
      for (const rows of [program.maximumRows, 1]) expect(strayAccesses(program, rows), `program ${i}, ${rows} rows`).toEqual([]);
    });
    accepted.forEach(({ program, original }, i) => {
      expect(strayAccesses(program, program.maximumRows, original), `accepted ${i}`).toEqual([]);
      expect(strayAccesses(program, 1, original), `accepted ${i}, one row`).toEqual([]);
    });
    expect(accepted.length).toBeGreaterThan(MUTATIONS / 50);
    expect(accepted.length).toBeLessThan(MUTATIONS / 2);
  });

  it.each(BACKENDS.map((backend) => [backend.name, backend] as const))('that are accepted run on %s', (_, backend) => {
    for (const { program } of accepted) runOnce(backend, program);
  });
});

describe('the verifier refuses', () => {
  const example = (op: string, i = 0) => assemble(casesOf(opNamed(op))[i]).program;
  const withWord = (program: Program, word: number, value: number): Program => ({ ...program, code: program.code.with(word, value) });
  const set = (op: string, name: string, value: number) => withWord(example(op), wordOf(example(op), name), value);

  const BAD: readonly (readonly [string, Program, RegExp])[] = [
    ['another version', { ...example('relu'), version: 99 }, /version 1, got 99/],
    ['another op table', { ...example('relu'), tableHash: 1 }, /op table \d+, got 1/],
    ['an arena too large to address', { ...example('relu'), arenaSize: 2 ** 31 }, /arena of at most/],
    ['an arena of no size', { ...example('relu'), arenaSize: Number.NaN }, /arena of at most/],
    ['no rows', { ...example('relu'), maximumRows: 0 }, /at least one row/],
    ['an op that is none', withWord(example('relu'), 0, OPS.length), new RegExp(`op id below ${OPS.length} at word 0`)],
    ['a negative op', withWord(example('relu'), 0, -1), /op id/],
    ['a wrong length', withWord(example('relu'), 1, 5), /6 words for relu at word 0, got 5/],
    ['a length of nothing', withWord(example('relu'), 1, 0), /6 words for relu/],
    ['an instruction cut short', { ...example('relu'), code: example('relu').code.slice(0, 5) }, /6 words for relu/],
    ['a trailing word', { ...example('relu'), code: Int32Array.of(...example('relu').code, opId('relu')) }, /words for relu at word 6/],
    ['an operand before the arena', set('relu', 'x', -16), /relu's x at word 0 within/],
    ['an operand that must not be absent', set('relu', 'x', -1), /relu's x at word 0 within/],
    ['an operand beyond the arena', set('relu', 'out', 1600), /relu's out at word 0 within 49 elements, got 1600/],
    ['a size beyond the arena', set('relu', 'size', 1000), /relu's x at word 0 within/],
    ['a size of too many batches', set('relu', 'size', -1000), /relu's x at word 0 within/],
    ['an operand off its alignment', set('relu', 'out', 8), /relu's out at word 0 to start on 16 elements, got 8/],
    ['a literal that is none', set('leakyRelu', 'alpha', 1), /leakyRelu's alpha from 0 to below 1 at word 0, got 1/],
    ['a negative literal', set('leakyRelu', 'alpha', -1), /leakyRelu's alpha/],
    ['an activation that is none', set('affine', 'activation', ACTIVATIONS.length), /affine's activation/],
    ['a negative integer', set('affine', 'transposeA', -1), /affine's transposeA/],
    ['an output over an input', set('matmul', 'out', 0), /matmul's out at word 0 not to overlap a/],
    ['a histogram without bins', set('histogram', 'bins', 0), /histogram/],
    ['parts beyond a row of insert', set('insert', 'start', 100), /insert's (base|out) at word 0/],
  ];

  it.each(BAD)('%s', (_, program, message) => {
    expect(() => verify(program)).toThrow(FormatError);
    expect(() => verify(program)).toThrow(message);
  });

  it('an output partly over the input that it may replace whole', () => {
    const program = assemble({ ...casesOf(opNamed('relu'))[0], inputs: [[40]] }, {}, 40).program;
    expect(() => verify(withWord(program, wordOf(program, 'out'), 16))).toThrow(/relu's out at word 0 not to overlap x/);
  });

  it('constants, inputs and outputs beyond the arena', () => {
    const program = example('relu');
    const slot = new Map([['x', { offset: 46, shape: [7] }]]);
    expect(() => verify({ ...program, inputs: slot })).toThrow(/x within 49 elements/);
    expect(() => verify({ ...program, outputs: slot })).toThrow(/x within 49 elements/);
    expect(() => verify({ ...program, constants: [{ offset: 49, values: Float64Array.of(1) }] })).toThrow(/a constant within/);
  });

  it('a record beyond its width, and a width beyond measure', () => {
    const graph = new Graph();
    graph.record('x', graph.input('x', [BATCH, 3]));
    graph.record('sum', graph.input('sum', []));
    const program = compile(graph, { maximumRows: 4 });
    expect(program.recordWidth).toBe(13);
    const at = (name: string, value: number) => withWord(program, wordOf(program, name), value);
    for (const [bad, message] of [
      [at('at', 2), /record at word 0 within a record of 13 numbers, got 14/],
      [at('at', -1), /record's at from 0/],
      [at('after', 3), /scalars that suit record/],
      [at('size', -4), /record's x at word 0 within|within a record of 13 numbers, got 16/],
      [{ ...program, recordWidth: 12 }, /sum within a record of 12 numbers, got 13/],
      [{ ...program, recordWidth: 2 ** 27 + 1 }, /a record of at most 134217728 numbers/],
      [{ ...program, recordWidth: Number.NaN }, /a record of at most/],
    ] as const)
      expect(() => verify(bad)).toThrow(message);
  });

  it('overwriting a constant or any part of an input', () => {
    const program = assemble({ ...casesOf(opNamed('relu'))[0], inputs: [[40]] }).program;
    const out = decode(program, 0).operands.out;
    expect(() => verify({ ...program, constants: [{ offset: out + 1, values: Float64Array.of(1) }] })).toThrow(/not to overwrite/);
    const inputs = new Map([['x', { offset: out - 16, shape: [20] }]]);
    expect(() => verify({ ...program, inputs })).toThrow(/not to overwrite/);
  });

  const holding = (program: Program, offset: number, size: number): Program => ({
    ...program,
    state: new Map([['held', { offset, shape: [size], elements: 'index' }]]),
  });
  const lookup = example('embed');
  const { offset, shape } = lookup.state.get('index') ?? { offset: 0, shape: [0] };
  const joined = example('insert');
  const converted = example('toIndex');

  it.each<[string, Program, RegExp]>([
    ['indices read as numbers', holding(example('relu'), 0, 1), /relu's x at word 0 to hold numbers, got/],
    ['numbers read as indices', { ...lookup, state: new Map() }, /embed's index at word 0 to hold indices, got numbers/],
    [
      'numbers among indices',
      holding(lookup, offset, shape[0] - 1),
      /embed's index at word 0 to hold indices, got several kinds of elements/,
    ],
    ['indices joined to numbers', holding(joined, decode(joined, 0).operands.x, 3), /insert's x at word 0 to hold numbers, got/],
    [
      'indices given out as numbers',
      { ...converted, outputs: new Map([['y', { offset: decode(converted, 0).operands.out, shape: [1] }]]) },
      /output y to hold numbers, got indices/,
    ],
  ])('%s', (_, program, message) => {
    expect(() => verify(program)).toThrow(FormatError);
    expect(() => verify(program)).toThrow(message);
  });

  it('no program of the compiler or of the conformance tests', () => {
    for (const program of validPrograms()) expect(() => verify(program)).not.toThrow();
  });
});

describe('reference', () => {
  it('runs programs that passed', () => {
    for (const program of validPrograms()) runOnce(REFERENCE, program);
  });
});
