/** Functions of vectors in C++: `Vector` is that of the instruction set; doubles come one at a time. */
import type { Checked } from './check.ts';
import type { Expression, Operator, VectorType } from './parse.ts';

const TYPES: Readonly<Record<VectorType, string>> = {
  vector: 'Vector',
  integers: 'Integers',
  mask: 'Mask',
  double: 'double',
  bits: 'uint64_t',
  test: 'bool',
  constant: 'float',
};

/** Those that are calls; vectors and doubles have the operators. */
const CALLS: Readonly<Partial<Record<VectorType, Partial<Record<Operator, string>>>>> = {
  vector: { '<': 'less', '<=': 'lessOrEqual', '==': 'equal' },
  integers: { '+': 'addIntegers', '-': 'subtractIntegers', '*': 'multiplyLow', '&': 'andIntegers', '^': 'xorIntegers' },
  mask: { '&': 'both' },
};

/** How strongly an operator binds; a call binds most. */
const STRENGTH: Readonly<Record<string, number>> = {
  '?': 0,
  '|': 1,
  '&': 2,
  '==': 3,
  '<': 4,
  '<=': 4,
  '<<': 5,
  '>>': 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
};
const PREFIX = 8;
const CALL = 9;

type Written = readonly [text: string, strength: number];

export function writeCpp(functions: readonly Checked[]): string {
  return functions.map(writeFunction).join('\n');
}

function writeFunction(f: Checked): string {
  const write = writer(f);
  const used = new Set([...f.steps.map(({ value }) => value), f.result].flatMap(namesIn));
  const parameters = f.parameters.map(({ name, type }) => (used.has(name) ? `${TYPES[type]} ${name}` : TYPES[type]));
  const head = `inline ${TYPES[f.type]} ${f.name}(${parameters.join(', ')}) {`;
  const steps = f.steps.map(({ name, value }) => `const ${TYPES[f.typeOf(value)]} ${name} = ${write(value, f.typeOf(value))};`);
  const result = `return ${write(f.result, f.type)};`;
  const comment = f.comment.map((line) => `// ${line}\n`).join('');
  if (steps.length === 0 && `${head} ${result} }`.length <= 130) return `${comment}${head} ${result} }\n`;
  return `${comment}${head}\n${[...steps, result].map((line) => `  ${line}\n`).join('')}}\n`;
}

export function namesIn(x: Expression): string[] {
  if (x.kind === 'name') return [x.name];
  if (x.kind === 'number') return [];
  if (x.kind === 'negative') return namesIn(x.of);
  if (x.kind === 'binary') return [...namesIn(x.left), ...namesIn(x.right)];
  return (x.kind === 'choice' ? [x.test, x.yes, x.no] : x.of).flatMap(namesIn);
}

function writer(f: Checked) {
  /** An expression where a value of that type is wanted. */
  const write = (x: Expression, wanted: VectorType): string => (f.typeOf(x) === 'constant' ? constant(x, wanted) : written(x)[0]);

  function constant(x: Expression, wanted: VectorType): string {
    const number = scalar(x, wanted)[0];
    if (wanted === 'vector') return x.kind === 'number' && x.text === '0' ? 'zero()' : `broadcast(${number})`;
    return wanted === 'integers' ? `broadcastInteger(${number})` : number;
  }

  /** A constant as a number of C++. */
  function scalar(x: Expression, wanted: VectorType): Written {
    if (x.kind === 'number') return [number(x.text, wanted), CALL];
    if (x.kind === 'negative') return [`-${parenthesized(scalar(x.of, wanted), PREFIX)}`, PREFIX];
    if (x.kind === 'binary') return infix(x.operator, scalar(x.left, wanted), scalar(x.right, wanted));
    if (x.kind !== 'name') throw new Error(`${f.name}: a constant is a number, a name or their sum`);
    return [x.name === 'NAN' && wanted === 'double' ? 'static_cast<double>(NAN)' : x.name, CALL];
  }

  function written(x: Expression): Written {
    if (x.kind === 'name') return [x.name, CALL];
    if (x.kind === 'negative') return [`-${parenthesized(written(x.of), PREFIX)}`, PREFIX];
    if (x.kind === 'choice') return choice(x);
    if (x.kind === 'binary') return binary(x.operator, x.left, x.right);
    if (x.kind === 'number') throw new Error(`${f.name}: a number has the type of what it meets`);
    const [first, ...coefficients] = x.of;
    if (x.name === 'polynomial') {
      const type = f.typeOf(first);
      return [`polynomial(${[write(first, type), ...coefficients.map((c) => scalar(c, type)[0])].join(', ')})`, CALL];
    }
    // Of several types the first that is no constant says which.
    const type = x.of.map(f.typeOf).find((own) => own !== 'constant') ?? 'vector';
    return [`${x.name}(${x.of.map((operand) => write(operand, type)).join(', ')})`, CALL];
  }

  function choice({ test, yes, no }: Extract<Expression, { kind: 'choice' }>): Written {
    if (f.typeOf(test) === 'mask') return [`select(${write(test, 'mask')}, ${write(yes, 'vector')}, ${write(no, 'vector')})`, CALL];
    const side = (x: Expression): Written => (f.typeOf(x) === 'constant' ? scalar(x, 'double') : written(x));
    return [`${parenthesized(written(test), 1)} ? ${parenthesized(side(yes), 1)} : ${side(no)[0]}`, 0];
  }

  function binary(operator: Operator, left: Expression, right: Expression): Written {
    const type = [left, right].map(f.typeOf).find((own) => own !== 'constant') as VectorType;
    const call = CALLS[type]?.[operator];
    if (call) return [`${call}(${write(left, type)}, ${write(right, type)})`, CALL];
    if (type === 'integers')
      return [`${operator === '<<' ? 'shiftLeft' : 'shiftRight'}<${scalar(right, type)[0]}>(${write(left, type)})`, CALL];
    const side = (x: Expression): Written => (f.typeOf(x) === 'constant' ? scalar(x, type) : written(x));
    return infix(operator, side(left), side(right));
  }

  return write;
}

function number(text: string, wanted: VectorType): string {
  if (wanted === 'integers' || wanted === 'bits') return text;
  const decimal = text.includes('.') ? text : `${text}.0`;
  return wanted === 'double' ? decimal : `${decimal}f`;
}

const parenthesized = ([text, strength]: Written, least: number) => (strength < least ? `(${text})` : text);

function infix(operator: Operator, left: Written, right: Written): Written {
  const own = STRENGTH[operator];
  return [`${grouped(left, own)} ${operator} ${grouped(right, own + 1)}`, own];
}

/** Compilers warn of sums within shifts and the like. */
const grouped = (side: Written, least: number) => parenthesized(side, least >= 6 || side[1] >= PREFIX ? least : PREFIX);
