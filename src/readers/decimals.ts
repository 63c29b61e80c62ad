/**
 * Decimals of 10 to 30 digits, as programs write float64, from their bytes: the nearest float64, as `Number` gives it. `Number` needs a string, and takes
 * ten times as long.
 */

/** Powers of ten that float64 holds exactly. */
export const POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** As many digits are an integer that float64 holds exactly. */
const EXACT_DIGITS = 15;
const MOST_DIGITS = 2 * EXACT_DIGITS;
const ZERO = 48;
const POINT = 46;

/** 2²⁷ + 1 splits a float64 into two halves whose products are exact (Dekker 1971). */
const SPLITTER = 134217729;
/** Far more than the error of a correction, far less than what decides most roundings. */
const DOUBT = 2 ** -40;

/**
 * The number of bytes [from, to), digits with a point or without one; NaN where it is not certain in this way.
 *
 * @param digits How many there are.
 * @param fraction How many of them stand behind the point.
 */
export function decimal(bytes: Uint8Array, from: number, to: number, digits: number, fraction: number): number {
  if (digits > MOST_DIGITS || fraction >= POWERS.length) return Number.NaN;
  let first = 0;
  let second = 0;
  let seen = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] === POINT) continue;
    const digit = bytes[at] - ZERO;
    if (seen++ < EXACT_DIGITS) first = first * 10 + digit;
    else second = second * 10 + digit;
  }
  // A quotient of two exact numbers is rounded once, as Number rounds.
  if (digits <= EXACT_DIGITS) return first / POWERS[fraction];
  return quotient(first, POWERS[digits - EXACT_DIGITS], second, POWERS[fraction]);
}

/** (a · scale + b) / divisor, all of them exact integers, rounded once; NaN where the rounding is in doubt. */
function quotient(a: number, scale: number, b: number, divisor: number): number {
  const product = a * scale;
  const high = product + b;
  // What the sum lost, and the product before.
  const low = b - (high - product) + lost(a, scale, product);
  const estimate = high / divisor;
  const whole = estimate * divisor;
  const correction = (high - whole + (low - lost(estimate, divisor, whole))) / divisor;
  const doubt = Math.abs(correction) * DOUBT;
  const result = estimate + (correction - doubt);
  return result === estimate + (correction + doubt) ? result : Number.NaN;
}

/** What a product lost by rounding, exactly. */
function lost(a: number, b: number, product: number): number {
  const [aHigh, bHigh] = [upper(a), upper(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

function upper(a: number): number {
  const split = SPLITTER * a;
  return split - (split - a);
}
