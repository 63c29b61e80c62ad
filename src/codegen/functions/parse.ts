/**
 * The notation in which the kernels' functions of vectors are written once, for every language: definitions like
 *
 *     // What it computes, and its error.
 *     name(x, n: integers) =
 *       step = x * COEFFICIENT + 1
 *       step < x ? step : x
 *
 * The last line is the result. Operators have C's precedence. Names in capitals are constants (src/codegen/coefficients.ts).
 */

/**
 * `vector`: lanes of float32. `integers`: as many of int32. `mask`: what a comparison of vectors gives. `double`, `bits`, `test`: the same in
 * 64 bits, one in C++, two lanes in WebAssembly. `constant`: a number known when the kernels are compiled.
 */
export type VectorType = 'vector' | 'integers' | 'mask' | 'double' | 'bits' | 'test' | 'constant';

export type Operator = '+' | '-' | '*' | '/' | '&' | '|' | '^' | '<<' | '>>' | '<' | '<=' | '==';

export type Expression =
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly of: readonly Expression[] }
  | { readonly kind: 'negative'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no: Expression };

export interface Parameter {
  readonly name: string;
  readonly type: VectorType;
}

export interface Definition {
  /** Lines without the slashes. */
  readonly comment: readonly string[];
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly steps: readonly { readonly name: string; readonly value: Expression }[];
  readonly result: Expression;
}

/** From those that bind least; operators of a level associate to the left. */
const LEVELS: readonly (readonly Operator[])[] = [['|'], ['^'], ['&'], ['=='], ['<', '<='], ['<<', '>>'], ['+', '-'], ['*', '/']];

const TOKEN = /\s*(\w+(?:\.\d+)?|<<|>>|<=|==|[-+*/&|^<>()?:,])/y;

export function parseDefinitions(source: string): Definition[] {
  const definitions: Definition[] = [];
  let comment: string[] = [];
  let lines: string[] = [];
  const finish = () => {
    if (lines.length > 0) definitions.push(parseDefinition(comment, lines));
    lines = [];
  };
  for (const line of source.split('\n')) {
    if (line.startsWith('  ')) lines.push(line);
    else {
      finish();
      if (line.startsWith('// ')) comment.push(line.slice(3));
      else if (line !== '') lines.push(line);
      else comment = [];
    }
  }
  finish();
  return definitions;
}

function parseDefinition(comment: readonly string[], [head, ...body]: readonly string[]): Definition {
  const [, name, parameters, rest] = /^(\w+)\((.*?)\) =(.*)$/.exec(head) ?? fail(head, 'name(parameters) =');
  const lines = rest === '' ? body : [rest];
  const last = lines.at(-1) ?? fail(head, 'a result');
  return {
    comment,
    name,
    parameters: parameters.split(', ').map((text) => {
      const [own, type = 'vector'] = text.split(': ');
      return { name: own, type: type as VectorType };
    }),
    steps: lines.slice(0, -1).map((line) => {
      const [, own, value] = /^ {2}(\w+) = (.*)$/.exec(line) ?? fail(line, 'step = value');
      return { name: own, value: parseExpression(value) };
    }),
    result: parseExpression(last),
  };
}

function fail(text: string, expected: string): never {
  throw new Error(`expected ${expected}, got “${text}”`);
}

export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text);
  let next = 0;
  const take = (token: string) => tokens[next] === token && next++ >= 0;
  const expect = (token: string) => take(token) || fail(text, `“${token}” before “${tokens.slice(next).join(' ')}”`);

  function choice(): Expression {
    const test = binary(0);
    if (!take('?')) return test;
    const yes = choice();
    expect(':');
    return { kind: 'choice', test, yes, no: choice() };
  }

  function binary(level: number): Expression {
    if (level === LEVELS.length) return unary();
    let left = binary(level + 1);
    for (let operator = operatorOf(level); operator; operator = operatorOf(level)) {
      left = { kind: 'binary', operator, left, right: binary(level + 1) };
    }
    return left;
  }

  const operatorOf = (level: number) => LEVELS[level].find((operator) => take(operator));

  function unary(): Expression {
    return take('-') ? { kind: 'negative', of: unary() } : primary();
  }

  function primary(): Expression {
    if (take('(')) {
      const inner = choice();
      expect(')');
      return inner;
    }
    const token = tokens[next++] ?? fail(text, 'an operand at the end');
    if (/^\d/.test(token)) return { kind: 'number', text: token };
    if (!/^\w/.test(token)) fail(text, `an operand instead of “${token}”`);
    return take('(') ? { kind: 'call', name: token, of: operands() } : { kind: 'name', name: token };
  }

  function operands(): Expression[] {
    const of = [choice()];
    while (take(',')) of.push(choice());
    expect(')');
    return of;
  }

  const whole = choice();
  if (next < tokens.length) fail(text, `the end before “${tokens.slice(next).join(' ')}”`);
  return whole;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(text) ?? fail(text.slice(from), 'a name, a number or an operator');
    tokens.push(token);
  }
  return tokens;
}
