/** A program for people: its instructions, and where everything lies in the arena. */
import { ACTIVATIONS } from '../ops/functions.ts';
import { formatShape } from '../ops/shape.ts';
import { formatOrigin } from '../origin.ts';
import { ABSENT, type Instruction, instructions, type Program } from './format.ts';

/** One line an instruction: word, op, operands as offsets, scalars that differ from zero, where it comes from. */
export function disassemble(program: Program): string {
  const names = new Map<number, string>();
  for (const slots of [program.inputs, program.parameters, program.state]) for (const [name, { offset }] of slots) names.set(offset, name);
  return [...instructions(program)]
    .map((instruction, i) => {
      const { at, op } = instruction;
      const origin = formatOrigin(program.origins[i]);
      const operands = Object.entries(instruction.operands).flatMap(([name, offset]) =>
        offset === ABSENT ? [] : [`${name}=${names.get(offset) ?? `@${offset}`}`],
      );
      return `${String(at).padStart(5)}  ${op.name.padEnd(28)} ${[...operands, ...formatScalars(instruction)].join(' ')}${origin && `  ; ${origin}`}`;
    })
    .join('\n');
}

function formatScalars({ op, scalars }: Instruction): string[] {
  if (op.describe) return [op.describe(scalars)];
  return Object.entries(op.scalars).flatMap(([name, kind]) => {
    const value = scalars[name];
    if (kind === 'activation') return [ACTIVATIONS[value].name];
    if (kind === 'size') return value === 1 && /\d$/.test(name) ? [] : [`${name}=${formatShape([value]).slice(1, -1)}`];
    return value === 0 ? [] : [`${name}=${value}`];
  });
}

/** Every buffer with its place and lifetime, and the bytes needed with and without planning. */
export function describeMemory(program: Program, elementBytes: number): string {
  const row = (cells: readonly unknown[]) => cells.map((cell, i) => (i === 3 ? String(cell) : String(cell).padStart(10))).join('  ');
  const rows = program.buffers.map(({ name, offset, size, from, to, persistent }) =>
    row([offset * elementBytes, size * elementBytes, persistent ? 'always' : `${from}–${to}`, name]),
  );
  const planned = program.arenaSize * elementBytes;
  const unplanned = program.unplannedSize * elementBytes;
  return [
    row(['byte', 'bytes', 'words', 'values']),
    ...rows,
    `arena: ${planned} bytes with planning, ${unplanned} without (${Math.round((1 - planned / unplanned) * 100)} % saved), at ${program.maximumRows} rows`,
  ].join('\n');
}
