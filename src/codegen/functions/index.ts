/** The functions of vectors that kernels share, written once: parsed, checked, in an order in which each stands after those that it calls. */
import { CELL } from './cell.ts';
import { type Checked, checkDefinitions } from './check.ts';
import { DOUBLE } from './double.ts';
import { ELEMENT } from './element.ts';
import { ELEMENTARY } from './elementary.ts';
import { parseDefinitions } from './parse.ts';
import { TERM } from './term.ts';
import { UPDATE } from './update.ts';

export const VECTOR_FUNCTIONS: readonly Checked[] = checkDefinitions(
  [ELEMENTARY, DOUBLE, ELEMENT, UPDATE, CELL, TERM].flatMap(parseDefinitions),
);

/** Functions that are written by hand in each language: lanes go through double precision there. They take no parameter. */
export const BY_HAND = ['power'];

/** What a function takes of its operands and of the parameter `alpha`, which comes last. */
export function takenBy(name: string, operands: readonly string[]): string[] {
  const found = VECTOR_FUNCTIONS.find((f) => f.name === name);
  if (!found && !BY_HAND.includes(name)) throw new Error(`no function of vectors is named ${name}`);
  return found?.parameters.some((parameter) => parameter.name === 'alpha') ? [...operands, 'alpha'] : [...operands];
}
