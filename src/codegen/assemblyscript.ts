/**
 * The AssemblyScript half of the generator: constants and coefficients, the selection of scalar functions, one loop for each
 * function of a family, and the dispatch switch. Everything refers to kernels and functions by name, so that a forgotten one fails
 * to compile.
 */
import { BATCHING, RECORD_WIDTH } from '../ops/batch.ts';
import { CLASSIFICATION, COMPARISON } from '../ops/classification.ts';
import { ELEMENTWISE } from '../ops/elementwise.ts';
import { ACTIVATIONS, BINARY_FUNCTIONS, MATHEMATICS } from '../ops/functions.ts';
import { MATMUL } from '../ops/matmul.ts';
import { MOVEMENT } from '../ops/movement.ts';
import { UPDATES } from '../ops/optimizers.ts';
import { REDUCTIONS } from '../ops/reductions.ts';
import type { OpSpec, Role, ScalarKind } from '../ops/spec.ts';
import { OPS, TABLE_HASH } from '../ops/table.ts';
import { HEADER_WORDS, PROGRAM_VERSION } from '../program/format.ts';
import { PURPOSE } from '../random/philox.ts';
import { declarations } from './coefficients.ts';

const BANNER = '// Generated from the op table by src/codegen: do not edit, run `npm run generate`.\n';

/** Which file of assembly/kernels holds an op's kernel: the one called like the file that defines the op. */
const MODULES: readonly (readonly [string, readonly OpSpec[]])[] = [
  ['batch', BATCHING],
  ['movement', MOVEMENT],
  ['matmul', MATMUL],
  ['elementwise', ELEMENTWISE],
  ['reductions', REDUCTIONS],
  ['classification', CLASSIFICATION],
  ['optimizers', UPDATES],
];

/** How each family's kernel asks for its scalar function: `(function id, vectors…, alpha)`. */
const FAMILIES = {
  unary: { ids: 'Unary', select: 'value', operands: ['x'], suffix: '' },
  unaryGradient: { ids: 'Unary', select: 'derivative', operands: ['saved'], suffix: 'Derivative' },
  binary: { ids: 'Binary', select: 'combine', operands: ['x', 'y'], suffix: '' },
  binaryGradient: { ids: 'Binary', select: 'partial', operands: ['x', 'y'], suffix: 'Partial' },
} as const;

const SCALAR_TYPES: Readonly<Record<ScalarKind, string>> = { size: 'i32', integer: 'i32', activation: 'i32', float: 'f64' };

/** Every generated AssemblyScript file, by path from the repository's root. */
export function emitAssemblyScript(): Map<string, string> {
  return new Map([
    ['assembly/generated/constants.ts', constants()],
    ['assembly/generated/coefficients.ts', coefficients()],
    ['assembly/generated/functions.ts', functions()],
    ['assembly/generated/families.ts', families()],
    ['assembly/generated/dispatch.ts', dispatch()],
  ]);
}

const capitalized = (name: string) => name[0].toUpperCase() + name.slice(1);

/** The ops of one family. */
const members = (family: string) => OPS.filter((op) => op.function !== undefined && op.kernel === family);

/** The name of the one loop that a family has for a function. */
const instance = (op: OpSpec) => `${op.kernel}${capitalized(op.function as string)}`;

function enumeration(name: string, comment: string, entries: readonly (readonly [string, number])[]): string {
  return `\n/** ${comment} */\nexport const enum ${name} {\n${entries.map(([key, value]) => `  ${key} = ${value},\n`).join('')}}\n`;
}

const numbered = (items: readonly { readonly name: string }[]) => items.map((item, id) => [item.name, id] as const);

function constants(): string {
  return [
    BANNER,
    `\n/** Compared when a backend loads: a binary made from another op table is refused. */\nexport const TABLE_HASH: u32 = ${TABLE_HASH};\n`,
    `\n/** The program format that the dispatch reads. */\nexport const PROGRAM_VERSION: i32 = ${PROGRAM_VERSION};\n`,
    `\n/** Values that \`record\` stores for each step. */\nexport const RECORD_WIDTH: i32 = ${RECORD_WIDTH};\n`,
    enumeration('Purpose', 'What a stream of random numbers is for.', Object.entries(PURPOSE)),
    enumeration('Comparison', 'How `correct` compares.', Object.entries(COMPARISON)),
    enumeration('Activation', 'Ids of the activations that a matmul can fuse, as programs hold them.', numbered(ACTIVATIONS)),
    enumeration('Unary', 'Functions of one argument.', numbered([...ACTIVATIONS, ...MATHEMATICS])),
    enumeration('Binary', 'Functions of two arguments.', numbered(BINARY_FUNCTIONS)),
  ].join('');
}

function coefficients(): string {
  const constants = declarations(
    {
      float32: (name, value) => `export const ${name}: f32 = ${value};\n`,
      float64: (name, value) => `export const ${name}: f64 = ${value};\n`,
      bits32: (name, value) => `export const ${name}: i32 = ${value};\n`,
      bits64: (name, value) => `export const ${name}: i64 = ${value};\n`,
    },
    (text) => `/* ${text} */\n`,
  );
  return `// Generated from src/codegen/coefficients.ts: do not edit, run \`npm run generate\`.\n${constants}`;
}

/** For each family, the function that an id names: with a constant id only one branch is left after inlining. */
function functions(): string {
  const imported = Object.entries(FAMILIES).flatMap(([family, { suffix }]) => members(family).map((op) => `${op.function}${suffix}`));
  const selections = Object.entries(FAMILIES).map(([family, { ids, select, operands, suffix }]) => {
    const parameters = operands.map((name) => `${name}: v128, `).join('');
    const branches = members(family).map(
      (op) => `  if (f == ${ids}.${op.function}) return functions.${op.function}${suffix}(${operands.join(', ')}, alpha);\n`,
    );
    const last = branches.pop()?.replace(/if \(.*?\) /, '');
    return `\n// @ts-ignore: decorator\n@inline\nexport function ${select}(f: i32, ${parameters}alpha: v128): v128 {\n${branches.join('')}${last}}\n`;
  });
  if (new Set(imported).size !== imported.length) throw new Error('two functions of the op table have one name');
  return [
    BANNER,
    "import * as functions from '../kernels/functions';\n",
    "import { Binary, Unary } from './constants';\n",
    ...selections,
  ].join('');
}

/** One loop for each function of a family, shared by the dispatch switch and the epilogues of the matrix products. */
function families(): string {
  const instances = Object.entries(FAMILIES).flatMap(([family, { ids }]) =>
    members(family).map((op) => {
      const names = [...Object.keys(op.operands), ...Object.keys(op.scalars)];
      const parameters = [
        ...Object.keys(op.operands).map((name) => `${name}: usize`),
        ...Object.entries(op.scalars).map(([name, kind]) => `${name}: ${SCALAR_TYPES[kind]}`),
      ];
      return `\nexport function ${instance(op)}(${parameters.join(', ')}): void {\n  ${family}(${ids}.${op.function}, ${names.join(', ')});\n}\n`;
    }),
  );
  const epilogue = (name: string, family: string, operands: readonly string[], comment: string) => {
    const cases = ACTIVATIONS.filter((f) => f.name !== 'identity').map(
      (f) => `    case Activation.${f.name}: ${family}${capitalized(f.name)}(${operands.join(', ')}, size, alpha); break;\n`,
    );
    const parameters = operands.map((operand) => `${operand}: usize`).join(', ');
    return `\n/** ${comment} */\nexport function ${name}(activation: i32, ${parameters}, size: i32, alpha: f64): void {\n  switch (activation) {\n${cases.join('')}  }\n}\n`;
  };
  return [
    BANNER,
    `import { ${Object.keys(FAMILIES).sort().join(', ')} } from '../kernels/elementwise';\n`,
    "import { Activation, Binary, Unary } from './constants';\n",
    ...instances,
    epilogue('activate', 'unary', ['x', 'out'], 'out = f(x) for an activation chosen at run time; identity leaves `out` as it is.'),
    epilogue(
      'activateGradient',
      'unaryGradient',
      ['delta', 'saved', 'out'],
      'out = δ ⊙ f′(saved) for an activation chosen at run time; identity leaves `out` as it is.',
    ),
  ].join('');
}

function dispatch(): string {
  const modules = MODULES.filter(([, ops]) => ops.some((op) => op.function === undefined)).map(([name]) => name);
  return [
    BANNER,
    "import { Context } from '../context';\n",
    ...modules.sort().map((name) => `import * as ${name} from '../kernels/${name}';\n`),
    "import * as families from './families';\n",
    DISPATCH_HELPERS,
    '\n/** Executes the instruction whose first word lies at `at`. */\n',
    'export function dispatch(context: Context, at: usize): void {\n',
    '  const arena = context.arena;\n  const literals = context.literals;\n  const rows = context.rows;\n',
    '  switch (load<i32>(at)) {\n',
    ...OPS.map((op, id) => `    case ${id}: // ${op.name}\n      ${call(op)};\n      break;\n`),
    '  }\n}\n',
  ].join('');
}

const DISPATCH_HELPERS = `
// @ts-ignore: decorator
@inline
function buffer(arena: usize, offset: i32): usize {
  return arena + (<usize>offset << 2);
}

/** 0 where the operand is absent. */
// @ts-ignore: decorator
@inline
function optional(arena: usize, offset: i32): usize {
  return offset < 0 ? 0 : buffer(arena, offset);
}

// @ts-ignore: decorator
@inline
function size(word: i32, rows: i32): i32 {
  return word < 0 ? -word * rows : word;
}

// @ts-ignore: decorator
@inline
function float(literals: usize, index: i32): f64 {
  return load<f64>(literals + (<usize>index << 3));
}
`;

function call(op: OpSpec): string {
  let word = HEADER_WORDS;
  const next = () => `load<i32>(at, ${4 * word++})`;
  const operand = (role: Role) => (role === 'in?' ? `optional(arena, ${next()})` : `buffer(arena, ${next()})`);
  const scalar = (kind: ScalarKind) => {
    if (kind === 'size') return `size(${next()}, rows)`;
    return kind === 'float' ? `float(literals, ${next()})` : next();
  };
  const parameters = [
    ...(op.context ? ['context'] : []),
    ...Object.values(op.operands).map(operand),
    ...Object.values(op.scalars).map(scalar),
  ];
  const kernel = op.function === undefined ? `${moduleOf(op)}.${op.kernel}` : `families.${instance(op)}`;
  return `${kernel}(${parameters.join(', ')})`;
}

function moduleOf(op: OpSpec): string {
  const found = MODULES.find(([, ops]) => ops.includes(op));
  if (!found) throw new Error(`the op ${op.name} is in none of the files of src/ops that the generator knows`);
  return found[0];
}
