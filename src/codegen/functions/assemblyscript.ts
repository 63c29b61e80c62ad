/** Functions of vectors in AssemblyScript: every value is a v128, of four floats or two doubles. */
import type { Checked } from './check.ts';
import type { Expression, Operator, VectorType } from './parse.ts';

/** Where functions with these names come from. */
const IMPORTED = ['atLeast', 'atMost', 'constant', 'difference', 'horner', 'hornerOfDoubles', 'product', 'select', 'sum', 'withSign'];

const OPERATIONS: Readonly<Partial<Record<VectorType, Partial<Record<Operator, string>>>>> = {
  vector: { '+': 'sum', '-': 'difference', '*': 'product', '/': 'f32x4.div', '<': 'f32x4.lt', '<=': 'f32x4.le', '==': 'f32x4.eq' },
  double: { '+': 'f64x2.add', '-': 'f64x2.sub', '*': 'f64x2.mul', '/': 'f64x2.div', '<': 'f64x2.lt', '<=': 'f64x2.le', '==': 'f64x2.eq' },
  integers: {
    ...{ '+': 'i32x4.add', '-': 'i32x4.sub', '*': 'i32x4.mul', '&': 'v128.and', '^': 'v128.xor' },
    ...{ '<<': 'i32x4.shl', '>>': 'i32x4.shr_s' },
  },
  bits: { '+': 'i64x2.add', '-': 'i64x2.sub', '&': 'v128.and', '|': 'v128.or', '<<': 'i64x2.shl', '>>': 'i64x2.shr_u' },
  mask: { '&': 'v128.and' },
  test: { '&': 'v128.and' },
};

const BUILT_IN: Readonly<Partial<Record<VectorType, Readonly<Record<string, string>>>>> = {
  vector: { absolute: 'f32x4.abs', squareRoot: 'f32x4.sqrt', bitsOf: '', negative: 'f32x4.neg' },
  double: { absolute: 'f64x2.abs', atLeast: 'f64x2.pmax', atMost: 'f64x2.pmin', bitsOf: '', negative: 'f64x2.neg' },
  integers: { fromBits: '', toFloats: 'f32x4.convert_i32x4_s' },
  bits: { fromBits: '' },
};

const SPLAT: Readonly<Partial<Record<VectorType, string>>> = {
  vector: 'constant',
  double: 'f64x2.splat',
  integers: 'i32x4.splat',
  bits: 'i64x2.splat',
};

export function writeAssemblyScript(functions: readonly Checked[]): string {
  const text = functions.map(writeFunction).join('');
  const imports = IMPORTED.filter((name) => new RegExp(`(?<![.\\w])${name}\\(`).test(text));
  return `import * as c from './coefficients';\nimport { ${imports.join(', ')} } from '../kernels/vector';\n${text}`;
}

function writeFunction(f: Checked): string {
  const write = writer(f);
  const comment =
    f.comment.length === 0
      ? ''
      : f.comment.length === 1
        ? `/** ${f.comment[0]} */\n`
        : `/**\n${f.comment.map((line) => ` * ${line}\n`).join('')} */\n`;
  const parameters = f.parameters.map(({ name }) => `${name}: v128`).join(', ');
  const steps = f.steps.flatMap(({ name, value }) => step(f, write, name, value));
  const lines = [...steps, `return ${write(f.result, f.type)};`].map((line) => `  ${line}\n`).join('');
  return `\n${comment}@inline\nexport function ${f.name}(${parameters}): v128 {\n${lines}}\n`;
}

/** A polynomial takes a line for each coefficient: the language knows no functions of any number of arguments. */
function step(f: Checked, write: (x: Expression, wanted: VectorType) => string, name: string, value: Expression): string[] {
  const type = f.typeOf(value);
  if (value.kind !== 'call' || value.name !== 'polynomial') return [`const ${name} = ${write(value, type)};`];
  const [x, highest, ...rest] = value.of;
  const horner = type === 'double' ? 'hornerOfDoubles' : 'horner';
  return [`let ${name} = ${write(highest, type)};`, ...rest.map((c) => `${name} = ${horner}(${name}, ${write(x, type)}, ${scalar(c)});`)];
}

/** A constant as a number. */
function scalar(x: Expression): string {
  if (x.kind === 'number') return x.text;
  if (x.kind === 'negative') return `-${scalar(x.of)}`;
  if (x.kind === 'binary') return `${scalar(x.left)} ${x.operator} ${scalar(x.right)}`;
  if (x.kind !== 'name') throw new Error('a constant is a number, a name or their sum');
  return { INFINITY: 'Infinity', NAN: 'NaN' }[x.name] ?? `c.${x.name}`;
}

function writer(f: Checked) {
  /** An expression where a value of that type is wanted. */
  const write = (x: Expression, wanted: VectorType): string => (f.typeOf(x) === 'constant' ? `${SPLAT[wanted]}(${scalar(x)})` : written(x));

  function written(x: Expression): string {
    if (x.kind === 'name') return x.name;
    if (x.kind === 'negative') return `${BUILT_IN[f.typeOf(x)]?.negative}(${written(x.of)})`;
    if (x.kind === 'binary') return binary(x.operator, x.left, x.right);
    if (x.kind === 'choice') return choice(x);
    if (x.kind === 'number') throw new Error(`${f.name}: a number has the type of what it meets`);
    if (x.name === 'polynomial') throw new Error(`${f.name}: a polynomial is a step of its own`);
    const type = x.of.map(f.typeOf).find((own) => own !== 'constant') ?? 'vector';
    const of = x.of.map((operand) => write(operand, type)).join(', ');
    if (x.name === 'isNegative') return `i64x2.lt_s(${of}, i64x2.splat(0))`;
    const builtIn = BUILT_IN[type]?.[x.name];
    return builtIn === '' ? of : `${builtIn ?? x.name}(${of})`;
  }

  function binary(operator: Operator, left: Expression, right: Expression): string {
    const type = [left, right].map(f.typeOf).find((own) => own !== 'constant') as VectorType;
    const by = operator === '<<' || operator === '>>' ? scalar(right) : write(right, type);
    return `${OPERATIONS[type]?.[operator]}(${write(left, type)}, ${by})`;
  }

  /** A choice of which one side is 0 is a mask of the other's bits. */
  function choice({ test, yes, no }: Extract<Expression, { kind: 'choice' }>): string {
    const type = f.typeOf(test) === 'mask' ? 'vector' : 'double';
    const isZero = (x: Expression) => x.kind === 'number' && x.text === '0';
    if (isZero(no)) return `v128.and(${write(test, 'mask')}, ${write(yes, type)})`;
    if (isZero(yes)) return `v128.andnot(${write(no, type)}, ${write(test, 'mask')})`;
    return `select(${write(test, 'mask')}, ${write(yes, type)}, ${write(no, type)})`;
  }

  return write;
}
