/**
 * Writes the C++ side of the op table: `ops.h` with the numbers both sides count by, `arguments.h` with what kernels take, `dispatch.inc`
 * with one call per op (and `dispatch_products.inc` with those of the matrix products alone), `activations.inc` with the functions that may
 * ride in a matmul's epilogue, `vector_functions.inc` with the functions of vectors and `functions.h` with those of them that are ops,
 * `element_functions.inc` with the functions of an `elementwise` instruction, and `coefficients.h` with the
 * kernels' constants. A kernel that is missing, or that takes other arguments than the table says, does not compile.
 */

import { ATTENTION_TILE } from '../ops/attention.ts';
import { COMPARISON } from '../ops/classification.ts';
import { COMPOSITIONS, type Composition, formulaArity, writeFormula } from '../ops/compositions.ts';
import { WEIGHT_PARTS } from '../ops/convolution.ts';
import { ELEMENT_FUNCTIONS } from '../ops/element-functions.ts';
import * as places from '../ops/element-steps.ts';
import { ACTIVATIONS, BINARY_FUNCTIONS, MATHEMATICS } from '../ops/functions.ts';
import { BLOCK, ELEMENT_PART } from '../ops/fused.ts';
import { BLOCK_DEPTH, MATMUL } from '../ops/matmul.ts';
import { BYTE_PANEL, BYTE_ROWS, MOST_ACTIVATION, MOST_WEIGHT } from '../ops/quantization.ts';
import { ROW_PART } from '../ops/reductions.ts';
import type { OpSpec, Role, ScalarKind } from '../ops/spec.ts';
import { OPS, tableHash } from '../ops/table.ts';
import { MEETS, SPLITS, TOGETHER } from '../program/divide.ts';
import { ABSENT, ALIGNMENT_BYTES, HEADER_WORDS, PROGRAM_VERSION } from '../program/format.ts';
import { PURPOSE } from '../random/philox.ts';
import { allArguments, allSizes, argumentsOf, type KernelArguments, takesArguments } from './arguments.ts';
import { declarations } from './coefficients.ts';
import { writeCpp } from './functions/cpp.ts';
import { takenBy, VECTOR_FUNCTIONS } from './functions/index.ts';

const NOTICE = '// Generated from the op table by src/codegen/cpp.ts; do not edit.';
const LINE_WIDTH = 120;

/** What a word after the header is, by which a session checks a program before it accepts it. */
const WORD_KINDS = {
  buffer: 'the place of an operand in the arena',
  bufferOrAbsent: 'the same, or ABSENT',
  packable: 'the place of an operand of which the kernel takes a packed copy',
  size: 'a size',
  range: 'a size of which the kernel takes a range',
  integer: 'an integer',
  literal: 'an index into the literals',
  activation: 'an Activation',
} as const;

type WordKind = keyof typeof WORD_KINDS;

const OPERAND_WORDS: Record<Role, WordKind> = {
  in: 'buffer',
  'in?': 'bufferOrAbsent',
  out: 'buffer',
  'out?': 'bufferOrAbsent',
  inout: 'buffer',
};
const SCALAR_WORDS: Record<ScalarKind, WordKind> = { size: 'size', integer: 'integer', float: 'literal', activation: 'activation' };

/** The member of `Argument` that holds a buffer or a scalar. */
const MEMBERS = { buffer: 'buffer', size: 'integer', integer: 'integer', float: 'number' } as const;

/** The generated C++ files, by path from the repository's root. */
export function emitCpp(): Map<string, string> {
  return new Map([
    ['native/generated/ops.h', emitOps()],
    ['native/generated/arguments.h', emitArguments()],
    ['native/generated/dispatch.inc', emitDispatch(OPS)],
    ['native/generated/dispatch_products.inc', emitDispatch(MATMUL)],
    ['native/generated/vector_functions.inc', emitVectorFunctions()],
    ['native/generated/functions.h', emitFunctions()],
    ['native/generated/activations.inc', emitActivations()],
    ['native/generated/element_functions.inc', emitElementFunctions()],
    ['native/generated/coefficients.h', emitCoefficients()],
  ]);
}

function emitOps(): string {
  return [
    NOTICE,
    '#pragma once',
    '',
    '#include <stdint.h>',
    '',
    'namespace chainrule {',
    '',
    '// A binary and a program belong together only where these two agree.',
    `constexpr uint32_t TABLE_HASH = 0x${tableHash().toString(16).padStart(8, '0')}u;`,
    `constexpr int32_t PROGRAM_VERSION = ${PROGRAM_VERSION};`,
    '',
    `constexpr int32_t HEADER_WORDS = ${HEADER_WORDS};`,
    `constexpr int32_t ABSENT = ${ABSENT};`,
    `constexpr int32_t ALIGNMENT_BYTES = ${ALIGNMENT_BYTES};`,
    `constexpr int32_t BLOCK_DEPTH = ${BLOCK_DEPTH};`,
    `constexpr int32_t ROW_PART = ${ROW_PART};`,
    `constexpr int64_t ATTENTION_TILE = ${ATTENTION_TILE};`,
    '// Of sums of a convolution’s weight: their parts, see kernels/convolution_parts.h.',
    ...Object.entries(WEIGHT_PARTS).map(([name, value]) => `constexpr int64_t WEIGHT_${name} = ${value};`),
    '// Of products of bytes: columns of a panel, rows that are quantised together, the largest numbers of a weight and of an activation.',
    `constexpr int64_t BYTE_PANEL = ${BYTE_PANEL};`,
    `constexpr int64_t BYTE_ROWS = ${BYTE_ROWS};`,
    `constexpr int32_t MOST_WEIGHT = ${MOST_WEIGHT};`,
    `constexpr int32_t MOST_ACTIVATION = ${MOST_ACTIVATION};`,
    '// Of an `elementwise` instruction: its places, the bits of a step’s word, the elements of a block.',
    `constexpr int32_t ELEMENT_INPUTS = ${places.INPUTS};`,
    `constexpr int32_t ELEMENT_OUTPUTS = ${places.OUTPUTS};`,
    `constexpr int32_t ELEMENT_REGISTERS = ${places.REGISTERS};`,
    `constexpr int32_t ELEMENT_LITERALS = ${places.LITERALS};`,
    `constexpr int32_t ELEMENT_STEPS = ${places.STEPS};`,
    `constexpr int32_t ELEMENT_FUNCTION_BITS = ${places.FUNCTION_BITS};`,
    `constexpr int32_t ELEMENT_RESULT_BITS = ${places.RESULT_BITS};`,
    `constexpr int32_t ELEMENT_PLACE_BITS = ${places.PLACE_BITS};`,
    `constexpr int32_t ELEMENT_SOURCES = ${places.SOURCES};`,
    `constexpr int64_t ELEMENT_BLOCK = ${BLOCK};`,
    `constexpr int64_t ELEMENT_PART = ${ELEMENT_PART};`,
    '// The number of the function that adds elements up, the last of all.',
    `constexpr int32_t ELEMENT_SUM = ${ELEMENT_FUNCTIONS.length};`,
    '// How the first word of an instruction’s division says that threads meet before it, that they compute it together, and that they divide it within rows.',
    `constexpr int32_t MEETS = ${MEETS};`,
    `constexpr int32_t TOGETHER = ${TOGETHER};`,
    `constexpr int32_t SPLITS = ${SPLITS};`,
    '// An index of nothing.',
    'constexpr int32_t NO_INDEX = INT32_MIN;',
    `constexpr int32_t OP_COUNT = ${OPS.length};`,
    `constexpr int32_t ACTIVATION_COUNT = ${ACTIVATIONS.length};`,
    '',
    enumeration('Op', 'int32_t', Object.fromEntries(OPS.map((op, id) => [op.name, id]))),
    enumeration('Activation', 'int32_t', Object.fromEntries(ACTIVATIONS.map((f, id) => [f.name, id]))),
    enumeration('Comparison', 'int32_t', COMPARISON),
    enumeration('Purpose', 'uint32_t', PURPOSE),
    '// What a word after an instruction’s header is.',
    'enum class WordKind : uint8_t {',
    ...Object.entries(WORD_KINDS).map(([kind, meaning]) => `    ${kind},  // ${meaning}`),
    '};',
    '',
    'constexpr bool isBuffer(WordKind kind) {',
    '  return kind == WordKind::buffer || kind == WordKind::bufferOrAbsent || kind == WordKind::packable;',
    '}',
    '',
    'constexpr bool isSize(WordKind kind) { return kind == WordKind::size || kind == WordKind::range; }',
    '',
    'struct Signature {',
    '  int32_t count;',
    `  WordKind words[${Math.max(...OPS.map((op) => signature(op).length))}];`,
    '};',
    '',
    '// The words after the header, by op.',
    'constexpr Signature SIGNATURES[OP_COUNT] = {',
    ...OPS.flatMap((op) => [`    // ${op.name}`, ...indent(indent(initializer(signature(op))))]),
    '};',
    '',
    ...OPS.filter((op) => op.readsInstruction).flatMap(wordPlaces),
    '',
    '}  // namespace chainrule',
    '',
  ].join('\n');
}

function enumeration(name: string, type: string, values: Readonly<Record<string, number>>): string {
  const members = Object.entries(values).map(([member, value]) => `    ${member} = ${value},`);
  return [`enum class ${name} : ${type} {`, ...members, '};', ''].join('\n');
}

function signature(op: OpSpec): WordKind[] {
  const operands = Object.entries(op.operands).map(([name, role]) => (name in op.packs ? 'packable' : OPERAND_WORDS[role]));
  const scalars = Object.entries(op.scalars).map(([name, kind]) => (op.ranges.includes(name) ? 'range' : SCALAR_WORDS[kind]));
  return [...operands, ...scalars];
}

const initializer = (kinds: readonly WordKind[]) =>
  wrapped(
    `{${kinds.length}, {`,
    kinds.map((kind) => `WordKind::${kind}`),
    '}},',
  );

/** The places of an instruction's words, for a kernel that reads them itself. */
function wordPlaces(op: OpSpec): string[] {
  const names = [...Object.keys(op.operands), ...Object.keys(op.scalars)];
  return [
    `// Places among the arguments of \`${op.name}\`.`,
    `namespace ${op.kernel}Words {`,
    ...names.map((name, place) => `constexpr int ${name} = ${place};`),
    `}  // namespace ${op.kernel}Words`,
    '',
  ];
}

/** A size is resolved, a float is the program's. */
const FIELD_TYPES = { size: 'int64_t', integer: 'int64_t', float: 'double' } as const;
const OPERAND_TYPES: Record<Role, string> = { in: 'const float*', 'in?': 'const float*', out: 'float*', 'out?': 'float*', inout: 'float*' };

/** An activation is the kernel's own, by its type. */
const fieldsOf = (scalars: Readonly<Record<string, ScalarKind>>) =>
  Object.entries(scalars).flatMap(([name, kind]) => (kind === 'activation' ? [] : [`${FIELD_TYPES[kind]} ${name}`]));

const structure = (name: string, fields: readonly string[]) => [`struct ${name} {`, ...fields.map((field) => `  ${field};`), '};', ''];

function emitArguments(): string {
  return [
    NOTICE,
    '// What the kernels take, in the order of an instruction’s words: src/codegen/arguments.ts. An operand that may be absent is null then.',
    '#pragma once',
    '',
    '#include <stdint.h>',
    '',
    'namespace chainrule {',
    '',
    ...allSizes(OPS).flatMap(({ name, scalars }) => structure(name, fieldsOf(scalars))),
    ...allArguments(OPS).flatMap(({ name, operands, sizes, scalars }) =>
      structure(name, [
        ...Object.entries(operands).map(([operand, role]) => `${OPERAND_TYPES[role]} ${operand}`),
        ...(sizes ? [`${sizes.name} sizes`] : []),
        ...fieldsOf(scalars),
      ]),
    ),
    '}  // namespace chainrule',
    '',
  ].join('\n');
}

/** The words of an instruction as the structure that its kernel takes; `values` are those of its operands and scalars. */
function filled({ name, operands, sizes }: KernelArguments, values: readonly string[]): string {
  const first = Object.keys(operands).length;
  const shared = Object.keys(sizes?.scalars ?? {}).length;
  const own = values.slice(first, first + shared);
  const fields = [...values.slice(0, first), ...(sizes ? [`${sizes.name}{${own.join(', ')}}`] : []), ...values.slice(first + shared)];
  return `${name}{${fields.join(', ')}}`;
}

function emitDispatch(ops: readonly OpSpec[]): string {
  return [NOTICE, ...ops.flatMap((op) => [`case Op::${op.name}:`, ...indent(statement(op))]), ''].join('\n');
}

/** A function that takes an instruction's arguments apart; where the op carries an activation, one for each. */
function statement(op: OpSpec): string[] {
  const scalars = Object.entries(op.scalars);
  const kinds = [...Object.keys(op.operands).map(() => 'buffer' as const), ...scalars.map(([, kind]) => kind)];
  const packed = Object.keys(op.packs).map((_, i) => `a[${kinds.length + i}].packed`);
  const firstRange = kinds.length + packed.length;
  const ranges = op.ranges.map((_, i) => `Range{a[${firstRange + 2 * i}].integer, a[${firstRange + 2 * i + 1}].integer}`);
  if (op.readsInstruction) return [`return [](const Argument* a, Context&) { ${op.kernel}(${[...ranges, 'a'].join(', ')}); };`];
  const values = kinds.flatMap((kind, i) => (kind === 'activation' ? [] : [`a[${i}].${MEMBERS[kind]}`]));
  const usesContext = op.context || op.fuses;
  // In parts that lines may end between.
  const taken = takesArguments(op) ? filled(argumentsOf(op), values).split(', ') : [];
  const args = [...(op.context ? ['context'] : op.fuses ? ['context.numerics'] : []), ...packed, ...ranges, ...taken];
  const parameters = `const Argument*${args.length > 0 && kinds.length > 0 ? ' a' : ''}, Context&${usesContext ? ' context' : ''}`;
  const lambda = (kernel: string) => [`return [](${parameters}) {`, ...indent(call(kernel, args, ';')), '};'];
  if (!kinds.includes('activation')) return lambda(op.function ? `${op.kernel}<functions::${op.function}>` : op.kernel);
  return ['return withActivation(activation, [](auto function) -> Kernel {', ...indent(lambda(`${op.kernel}<decltype(function)>`)), '});'];
}

/** A call, its arguments wrapped to the line width. */
const call = (kernel: string, args: readonly string[], end: string) => wrapped(`${kernel}(`, args, `)${end}`);

/** Items between what begins and what ends the text, wrapped to the line width. */
function wrapped(begin: string, items: readonly string[], end: string): string[] {
  const lines: string[] = [];
  let line = begin;
  items.forEach((item, i) => {
    const text = item + (i + 1 < items.length ? ',' : end);
    const gap = line.endsWith('(') || line.endsWith('{') || line.endsWith('    ') ? '' : ' ';
    if (line.length + gap.length + text.length > LINE_WIDTH - 4) {
      lines.push(line);
      line = `    ${text}`;
    } else {
      line += gap + text;
    }
  });
  return [...lines, items.length ? line : `${line}${end}`];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function emitActivations(): string {
  const cases = ACTIVATIONS.flatMap((f) => [`    case Activation::${f.name}:`, `      return body(functions::${f.name}{});`]);
  return [
    NOTICE,
    '// What `body` makes of a value of the activation’s type.',
    'template <typename Body>',
    'inline Kernel withActivation(Activation activation, Body body) {',
    '  switch (activation) {',
    ...cases,
    '  }',
    '  return nullptr;',
    '}',
    '',
  ].join('\n');
}

function emitVectorFunctions(): string {
  return `// Generated from src/codegen/functions by src/codegen/cpp.ts; do not edit.\n\n${writeCpp(VECTOR_FUNCTIONS)}`;
}

/** Each function that is an op as a type with which its family's kernel is instantiated. */
function emitFunctions(): string {
  const member = (name: string, f: string, operands: readonly string[]) => {
    const taken = takenBy(f, operands);
    const parameters = [...operands, 'alpha'].map((own) => (taken.includes(own) ? `Vector ${own}` : 'Vector'));
    return `  static Vector ${name}(${parameters.join(', ')}) { return math::${f}(${taken.join(', ')}); }`;
  };
  const type = (name: string, members: readonly string[]) => [`struct ${name} {`, ...members, '};', ''];
  return [
    NOTICE,
    '// The functions of src/ops/functions.ts as types that the element-wise kernels are instantiated with. `derivative` takes what the function',
    '// saves, `partial` is ∂f/∂x.',
    '#pragma once',
    '',
    '#include "../kernels/vector_math.h"',
    '',
    'namespace chainrule {',
    'namespace CHAINRULE_ISA {',
    'namespace functions {',
    '',
    ...ACTIVATIONS.flatMap(({ name }) => type(name, [member('value', name, ['x']), member('derivative', `${name}Derivative`, ['saved'])])),
    ...MATHEMATICS.flatMap(({ name }) => type(name, [member('value', name, ['x'])])),
    ...BINARY_FUNCTIONS.flatMap(({ name, fusedGradient }) =>
      type(name, [member('value', name, ['x', 'y']), ...(fusedGradient ? [member('partial', `${name}Partial`, ['x', 'y'])] : [])]),
    ),
    '}  // namespace functions',
    '}  // namespace CHAINRULE_ISA',
    '}  // namespace chainrule',
    '',
  ].join('\n');
}

/** A composition as a type with the function `value`, like those of functions.h. */
function composition({ name, formula }: Composition): string {
  const value = writeFormula(formula, ['x', 'y', 'z', 'w'], (f, ...of) => `apply<functions::${f}>(${of.join(', ')})`);
  const parameters = ['x', 'y', 'z', 'w'].map((source, k) => (k < formulaArity(formula) ? `Vector ${source}` : 'Vector'));
  return [`struct ${name} {`, `  static Vector value(${parameters.join(', ')}) { return ${value}; }`, '};'].join('\n');
}

function emitElementFunctions(): string {
  const kernels = ELEMENT_FUNCTIONS.filter(({ family }) => family !== 'sum').map(({ family, function: f, arity }) => {
    if (family === 'copy') return 'copyElements';
    return family === 'composed' ? `composedElements<compositions::${f}, ${arity}>` : `${family}Elements<functions::${f}>`;
  });
  return [
    NOTICE,
    '// Formulas that one step computes: src/ops/compositions.ts.',
    'namespace compositions {',
    '',
    ...COMPOSITIONS.map(composition),
    '',
    '}  // namespace compositions',
    '',
    '// The functions of the steps of an `elementwise` instruction, by their numbers less 1.',
    'constexpr ElementFunction ELEMENT_FUNCTIONS[] = {',
    ...kernels.map((kernel) => `    ${kernel},`),
    '};',
    '',
  ].join('\n');
}

function emitCoefficients(): string {
  const constants = declarations(
    {
      float32: (name, value) => `constexpr float ${name} = ${value}f;\n`,
      float64: (name, value) => `constexpr double ${name} = ${value};\n`,
      bits32: (name, value) => `constexpr int32_t ${name} = ${value};\n`,
      bits64: (name, value) => `constexpr uint64_t ${name} = ${value};\n`,
    },
    (text) => `// ${text}\n`,
  );
  return [
    '// Generated from src/codegen/coefficients.ts by src/codegen/cpp.ts; do not edit.\n#pragma once\n\n#include <stdint.h>\n',
    '\nnamespace chainrule {\n',
    constants,
    '\n}  // namespace chainrule\n',
  ].join('');
}
