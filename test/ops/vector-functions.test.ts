import { describe, expect, it } from 'vitest';
import { writeAssemblyScript } from '../../src/codegen/functions/assemblyscript.ts';
import { checkDefinitions } from '../../src/codegen/functions/check.ts';
import { writeCpp } from '../../src/codegen/functions/cpp.ts';
import { takenBy, VECTOR_FUNCTIONS } from '../../src/codegen/functions/index.ts';
import { parseDefinitions } from '../../src/codegen/functions/parse.ts';

const checked = (source: string) => checkDefinitions(parseDefinitions(source));
/** The text of the result, in both languages. */
const cpp = (source: string) => /return (.*);/.exec(writeCpp(checked(`f(x, y) = ${source}`)))?.[1];
const assemblyScript = (source: string) => /return (.*);/.exec(writeAssemblyScript(checked(`f(x, y) = ${source}`)))?.[1];

describe('the notation of functions of vectors', () => {
  it.each([
    ['x - y - 1', 'x - y - 1.0f', 'difference(difference(x, y), constant(1))'],
    ['x - (y - 1)', 'x - (y - 1.0f)', 'difference(x, difference(y, constant(1)))'],
    ['x * y * 0.5', 'x * y * 0.5f', 'product(product(x, y), constant(0.5))'],
    ['x * (y * 0.5)', 'x * (y * 0.5f)', 'product(x, product(y, constant(0.5)))'],
    ['x + y * x', 'x + y * x', 'sum(x, product(y, x))'],
    ['(x + y) / -x', '(x + y) / -x', 'f32x4.div(sum(x, y), f32x4.neg(x))'],
    ['-(x + y)', '-(x + y)', 'f32x4.neg(sum(x, y))'],
    ['x < y ? x : 0', 'select(less(x, y), x, zero())', 'v128.and(f32x4.lt(x, y), x)'],
    ['x <= y ? 0 : x', 'select(lessOrEqual(x, y), zero(), x)', 'v128.andnot(x, f32x4.le(x, y))'],
    [
      '0 < x & x < y ? 1 : y',
      'select(both(less(zero(), x), less(x, y)), broadcast(1.0f), y)',
      'select(v128.and(f32x4.lt(constant(0), x), f32x4.lt(x, y)), constant(1), y)',
    ],
    [
      'x < y ? 1 : y < x ? 2 : 3',
      'select(less(x, y), broadcast(1.0f), select(less(y, x), broadcast(2.0f), broadcast(3.0f)))',
      'select(f32x4.lt(x, y), constant(1), select(f32x4.lt(y, x), constant(2), constant(3)))',
    ],
    [
      'fromBits((bitsOf(x) >> 1) + ONE_BITS)',
      'fromBits(addIntegers(shiftRight<1>(bitsOf(x)), broadcastInteger(ONE_BITS)))',
      'i32x4.add(i32x4.shr_s(x, 1), i32x4.splat(c.ONE_BITS))',
    ],
    ['fromBits(bitsOf(x) * bitsOf(y))', 'fromBits(multiplyLow(bitsOf(x), bitsOf(y)))', 'i32x4.mul(x, y)'],
  ])('writes %s', (source, inCpp, inAssemblyScript) => {
    expect(cpp(source)).toBe(inCpp);
    expect(assemblyScript(source)).toBe(inAssemblyScript);
  });

  it.each([
    ['x + ', 'an operand at the end'],
    ['x + * y', 'an operand instead of “*”'],
    ['(x + y', '“)”'],
    ['x y', 'the end before “y”'],
    ['x # y', 'a name, a number or an operator'],
    ['z', 'z is nothing'],
    ['bitsOf(x) / 2', '/ of integers'],
    ['bitsOf(x) + y', 'integers + vector'],
    ['x ? x : y', 'a choice by vector'],
    ['cosine(x)', 'cosine is no function'],
    ['absolute(x, y)', 'absolute of vector, vector'],
    ['polynomial(x, y)', 'coefficients are constants'],
  ])('refuses %s', (source, message) => {
    expect(() => checked(`f(x, y) = ${source}`)).toThrow(message);
  });

  it('refuses two functions of one name, and one that calls what comes later', () => {
    expect(() => checked('f(x) = x\n\nf(x) = x')).toThrow('two functions are named f');
    expect(() => checked('f(x) = g(x)\n\ng(x) = x')).toThrow('g is no function');
  });

  it('says what a function takes, and refuses a name that it does not know', () => {
    expect(takenBy('elu', ['x'])).toEqual(['x', 'alpha']);
    expect(takenBy('power', ['x', 'y'])).toEqual(['x', 'y']);
    expect(() => takenBy('nothing', ['x'])).toThrow('no function of vectors is named nothing');
    expect(VECTOR_FUNCTIONS.length).toBeGreaterThan(60);
  });
});
