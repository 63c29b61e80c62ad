/** Cells of text tables: which text is a number, and which a gap. */

/** A number as text: decimal, with or without a fraction and an exponent, or NaN or infinity. */
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)$/i;

/** The number that a text is, blanks around it left out; undefined where it is none. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const number = Number(trimmed);
  if (!Number.isNaN(number)) return number;
  const [sign, rest] = /^[+-]/.test(trimmed) ? [trimmed[0], trimmed.slice(1)] : ['', trimmed];
  if (/^nan$/i.test(rest)) return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
