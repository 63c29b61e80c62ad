/** Where the parts of a program that run separately lie in the code. */
import { BackendError } from '../errors.ts';
import type { Part } from '../origin.ts';
import { instructions, type Program } from './format.ts';

/** Code words, the first and the one behind the last. */
export interface CodeRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The instructions of an outermost part, those of the parts within it included; undefined where the program has none.
 *
 * @throws BackendError where they do not lie side by side: they cannot run apart from the rest then.
 */
export function rangeOfPart(program: Pick<Program, 'code' | 'literals' | 'customOps' | 'origins'>, part: Part): CodeRange | undefined {
  let range: CodeRange | undefined;
  let index = 0;
  for (const { at, words } of instructions(program)) {
    if (program.origins[index++].parts[0] !== part) continue;
    if (range && range.to !== at)
      throw new BackendError(`program: expected the instructions of ${part} side by side, got one apart at ${at}`);
    range = { from: range?.from ?? at, to: at + words };
  }
  return range;
}
