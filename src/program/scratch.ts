/** The memory that kernels use for the length of one call, besides their operands. */
import { type Code, instructions, type Program, resolveScalars } from './format.ts';

/** Floats that each thread which runs the program needs: what the instruction that takes most needs at the largest batch. */
export function scratchFloats(program: Code & Pick<Program, 'maximumRows'>): number {
  let most = 0;
  for (const instruction of instructions(program)) {
    most = Math.max(most, instruction.op.scratch(resolveScalars(instruction, program.maximumRows)));
  }
  return most;
}
