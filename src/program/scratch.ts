/** Scratch memory: memory of kernels for the length of one call. */
import { type Code, decode, opOf, type Program, resolveScalars } from './format.ts';

/**
 * Floats of scratch memory for each thread: the largest need of an instruction at the largest batch. Code that cannot be read needs none:
 * nobody will run it.
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
