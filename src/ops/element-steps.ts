/**
 * The steps of an `elementwise` instruction: a small program over places, each of which holds one element, or one number for all elements.
 * A step is one word: a function plus 1 (0: no step), the place of its result among outputs and registers, and those of up to four sources.
 */
import { writeFormula } from './compositions.ts';
import { ELEMENT_FUNCTIONS, type ElementFunction, sourceCount } from './element-functions.ts';

/** How many of each kind of place an instruction has; their numbers follow one another in this order. */
export const INPUTS = 8;
export const OUTPUTS = 4;
export const REGISTERS = 8;
export const LITERALS = 12;
/** The most steps of an instruction. */
export const STEPS = 24;

export const FIRST_OUTPUT = INPUTS;
export const FIRST_REGISTER = FIRST_OUTPUT + OUTPUTS;
export const FIRST_LITERAL = FIRST_REGISTER + REGISTERS;
export const PLACES = FIRST_LITERAL + LITERALS;

/** Bits of a function's number, of the place of a result and of that of a source in a step's word. */
export const FUNCTION_BITS = 7;
export const RESULT_BITS = 4;
export const PLACE_BITS = 5;
/** The most sources of a step. */
export const SOURCES = 4;

export interface ElementStep {
  readonly function: ElementFunction;
  /** An output or a register. */
  readonly to: number;
  /** The elements, then the parameter, if the function has one. */
  readonly sources: readonly number[];
}

/** The lowest bit of source k. */
const sourceBit = (k: number) => FUNCTION_BITS + RESULT_BITS + k * PLACE_BITS;

const bitsOf = (word: number, first: number, count: number) => (word >>> first) & (2 ** count - 1);

const functionOf = (word: number) => bitsOf(word, 0, FUNCTION_BITS);

export function encodeStep({ function: f, to, sources }: ElementStep): number {
  const head = ELEMENT_FUNCTIONS.indexOf(f) + 1 + (to - FIRST_OUTPUT) * 2 ** FUNCTION_BITS;
  return sources.reduce((word, place, k) => word | (place << sourceBit(k)), head);
}

/** The steps of words up to the first 0. Throws RangeError for an unknown function. */
export function decodeSteps(words: readonly number[]): ElementStep[] {
  const end = words.indexOf(0);
  return (end < 0 ? words : words.slice(0, end)).map((word) => {
    const f = ELEMENT_FUNCTIONS[functionOf(word) - 1];
    if (!f) throw new RangeError(`no element function has the number ${functionOf(word)}`);
    const to = FIRST_OUTPUT + bitsOf(word, FUNCTION_BITS, RESULT_BITS);
    return { function: f, to, sources: Array.from({ length: sourceCount(f) }, (_, k) => bitsOf(word, sourceBit(k), PLACE_BITS)) };
  });
}

export const isInput = (place: number) => place < FIRST_OUTPUT;
export const isOutput = (place: number) => place >= FIRST_OUTPUT && place < FIRST_REGISTER;
export const isLiteral = (place: number) => place >= FIRST_LITERAL;

/** A step that adds elements up: its result is an output that no step reads. */
export const isSum = ({ function: { family } }: ElementStep) => family === 'sum';

/** The outputs that are sums. */
export const sumOutputs = (steps: readonly ElementStep[]) => steps.filter(isSum).map(({ to }) => to - FIRST_OUTPUT);

/** Whether the words are steps that a kernel can take: known functions, results in places of their own, nothing read before it is there. */
export function areSteps(words: readonly number[], isNumber: (place: number) => boolean): boolean {
  const end = words.indexOf(0);
  if (end >= 0 && words.slice(end).some((word) => word !== 0)) return false;
  if (words.slice(0, end < 0 ? words.length : end).some((word) => !ELEMENT_FUNCTIONS[functionOf(word) - 1])) return false;
  const written = new Set<number>();
  const sums = new Set<number>();
  return decodeSteps(words).every((step) => {
    const { function: f, to, sources } = step;
    const isThere = (place: number) => isInput(place) || isLiteral(place) || (written.has(place) && !sums.has(place));
    const elements = sources.slice(0, f.arity);
    const right =
      sources.every(isThere) &&
      sources.slice(f.arity).every(isLiteral) &&
      (f.takesNumbers || !elements.some(isNumber)) &&
      to < FIRST_LITERAL &&
      (isOutput(to) || !isSum(step)) &&
      !(isOutput(to) && written.has(to));
    written.add(to);
    if (isSum(step)) sums.add(to);
    return right;
  });
}

/** Names of places, for readers. */
export function placeName(place: number): string {
  if (isInput(place)) return `x${place}`;
  return isOutput(place) ? `out${place - FIRST_OUTPUT}` : `r${place - FIRST_REGISTER}`;
}

/**
 * `out0 = add(multiply(x0, 0.9), x1)`: what each output is, registers that are read once within what reads them. `summed` says over how many
 * elements a sum goes.
 */
export function formatSteps(steps: readonly ElementStep[], literal: (index: number) => string, summed: string): string {
  const texts = new Map<number, string>();
  const lines: string[] = [];
  steps.forEach(({ function: f, to, sources }, i) => {
    const text = (place: number) => (isLiteral(place) ? literal(place - FIRST_LITERAL) : (texts.get(place) ?? placeName(place)));
    const call = formatCall(f, sources.map(text), summed);
    const inlined =
      !isOutput(to) && readsUntilWritten(steps.slice(i + 1), to) === 1 && !readsChanged(steps.slice(i + 1), to, sources, texts);
    if (inlined) texts.set(to, call);
    else {
      texts.delete(to);
      lines.push(`${placeName(to)} = ${call}`);
    }
  });
  return lines.join('; ');
}

function formatCall({ family, name, formula }: ElementFunction, sources: readonly string[], summed: string): string {
  if (family === 'copy') return sources[0];
  if (family === 'sum') return `${name}[${summed}](${sources[0]})`;
  const write = (f: string, ...of: readonly string[]) => `${f}(${of.join(', ')})`;
  return formula === undefined ? write(name, ...sources) : writeFormula(formula, sources, write);
}

/** How often steps read a place before one writes it. */
function readsUntilWritten(steps: readonly ElementStep[], place: number): number {
  let reads = 0;
  for (const { to, sources } of steps) {
    reads += sources.filter((source) => source === place).length;
    if (to === place) break;
  }
  return reads;
}

/** Whether a register that a step's text names is written before the step's result is read: the text would then say something else. */
function readsChanged(
  steps: readonly ElementStep[],
  place: number,
  sources: readonly number[],
  texts: ReadonlyMap<number, string>,
): boolean {
  const text = sources.map((source) => texts.get(source) ?? placeName(source)).join(' ');
  const named: readonly string[] = text.match(/\br\d+\b/g) ?? [];
  for (const { to, sources: read } of steps) {
    if (read.includes(place)) return false;
    if (named.includes(placeName(to))) return true;
  }
  return false;
}
