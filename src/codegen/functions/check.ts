/** The types of a definition's expressions. A definition that has none throws, and is named. */
import { BITS32, BITS64, FLOAT32, FLOAT64 } from '../coefficients.ts';
import type { Definition, Expression, Operator, VectorType } from './parse.ts';

export type Typed = Expression & { readonly type: VectorType };

/** What is built in, by name: the types of operands and result, for each way in which it is called. */
const BUILT_IN: Readonly<Record<string, readonly (readonly [operands: readonly VectorType[], result: VectorType])[]>> = {
  absolute: [
    [['vector'], 'vector'],
    [['double'], 'double'],
  ],
  squareRoot: [[['vector'], 'vector']],
  /** x < limit ? limit : x; x > limit ? limit : x. NaN comes through. */
  atLeast: [
    [['vector', 'vector'], 'vector'],
    [['double', 'double'], 'double'],
  ],
  atMost: [
    [['vector', 'vector'], 'vector'],
    [['double', 'double'], 'double'],
  ],
  /** |x| with the sign of y. */
  withSign: [[['vector', 'vector'], 'vector']],
  isNegative: [[['double'], 'test']],
  bitsOf: [
    [['vector'], 'integers'],
    [['double'], 'bits'],
  ],
  fromBits: [
    [['integers'], 'vector'],
    [['bits'], 'double'],
  ],
  toFloats: [[['integers'], 'vector']],
};

const ARITHMETIC: Readonly<Record<string, readonly Operator[]>> = {
  vector: ['+', '-', '*', '/'],
  double: ['+', '-', '*', '/'],
  integers: ['+', '-', '*', '&', '^', '<<', '>>'],
  bits: ['+', '-', '&', '|', '<<', '>>'],
  mask: ['&'],
  test: ['&'],
  constant: ['+', '-', '<<', '>>'],
};

const COMPARISONS: readonly Operator[] = ['<', '<=', '=='];
const TESTS: Readonly<Partial<Record<VectorType, VectorType>>> = { vector: 'mask', double: 'test' };
const CHOICES: Readonly<Partial<Record<VectorType, VectorType>>> = { mask: 'vector', test: 'double' };

const CONSTANTS = new Set([
  'INFINITY',
  'NAN',
  ...[FLOAT32, FLOAT64, BITS32, BITS64].flatMap((table) => Object.values(table).flatMap(([, values]) => Object.keys(values))),
]);

/** A definition whose every expression has been checked; `typeOf` says the type of each. */
export interface Checked extends Definition {
  readonly type: VectorType;
  typeOf(expression: Expression): VectorType;
}

/** Checks definitions in order: each may call those before it. */
export function checkDefinitions(definitions: readonly Definition[]): Checked[] {
  const known = new Map<string, Checked>();
  for (const definition of definitions) {
    if (known.has(definition.name)) throw new Error(`two functions are named ${definition.name}`);
    known.set(definition.name, checkDefinition(definition, known));
  }
  return [...known.values()];
}

function checkDefinition(definition: Definition, known: ReadonlyMap<string, Checked>): Checked {
  const names = new Map(definition.parameters.map(({ name, type }) => [name, type]));
  const types = new Map<Expression, VectorType>();
  const fail = (what: string): never => {
    throw new Error(`${definition.name}: ${what}`);
  };

  const typeOf = (x: Expression): VectorType => types.get(x) ?? fail('an expression has no type');

  function check(x: Expression): VectorType {
    const type = infer(x);
    types.set(x, type);
    return type;
  }

  function infer(x: Expression): VectorType {
    if (x.kind === 'number') return 'constant';
    if (x.kind === 'name') return names.get(x.name) ?? (CONSTANTS.has(x.name) ? 'constant' : fail(`${x.name} is nothing`));
    if (x.kind === 'negative') return check(x.of);
    if (x.kind === 'binary') return binary(x.operator, check(x.left), check(x.right));
    if (x.kind === 'choice') return chosen(check(x.test), check(x.yes), check(x.no));
    return called(x.name, x.of.map(check));
  }

  function binary(operator: Operator, left: VectorType, right: VectorType): VectorType {
    const type = left === 'constant' ? right : left;
    if (right !== type && right !== 'constant') fail(`${left} ${operator} ${right}`);
    if (COMPARISONS.includes(operator)) return TESTS[type] ?? fail(`${operator} of ${type}`);
    return ARITHMETIC[type].includes(operator) ? type : fail(`${operator} of ${type}`);
  }

  function chosen(test: VectorType, yes: VectorType, no: VectorType): VectorType {
    const type = CHOICES[test] ?? fail(`a choice by ${test}`);
    return [type, 'constant'].includes(yes) && [type, 'constant'].includes(no) ? type : fail(`a choice of ${yes} and ${no}`);
  }

  function called(name: string, of: readonly VectorType[]): VectorType {
    if (name === 'polynomial') return of.slice(1).every((type) => type === 'constant') ? of[0] : fail('coefficients are constants');
    const other = known.get(name);
    const ways = other
      ? [[other.parameters.map(({ type }) => type), other.type] as const]
      : (BUILT_IN[name] ?? fail(`${name} is no function`));
    const way = ways.find(
      ([operands]) => operands.length === of.length && operands.every((type, i) => of[i] === type || of[i] === 'constant'),
    );
    return way ? way[1] : fail(`${name} of ${of.join(', ')}`);
  }

  for (const { name, value } of definition.steps) names.set(name, check(value));
  const result = check(definition.result);
  return { ...definition, type: result === 'constant' ? 'vector' : result, typeOf };
}
