/** The memory that kernels use for the length of one call, besides their operands. */
import { type Code, decode, opOf, type Program, resolveScalars } from './format.ts';

/**
 * Floats that each thread which runs the program needs: what the instruction that takes most needs at the largest batch. Code that cannot be
 * read needs none: whoever would run it refuses it.
 */
export function scratchFloats(program: Code & Pick<Program, 'maximumRows'>): number {
  const { code } = program;
  let most = 0;
  for (let at = 0; at < code.length && code[at + 1] > 0; at += code[at + 1]) {
    const op = opOf(program, code[at]);
    if (op) most = Math.max(most, op.scratch(resolveScalars(decode(program, at), program.maximumRows)));
  }
  return most;
}
