/**
 * Normal variates by Box and Muller's transform (1958), of IEEE operations alone: the same bits in every JavaScript engine, and of the same
 * sequence in native/kernels/random.h and assembly/kernels/random.ts. Two random words give two variates.
 */
import type { RandomStream } from './philox.ts';

/** Coefficients of FreeBSD's k_sin.c and k_cos.c, for |x| ≤ π/4: sin x = x + x³·P(x²), cos x = 1 − x²/2 + x⁴·Q(x²), the lowest power first. */
export const SINE = [
  -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 0.0000027557313707070068, -2.5050760253406863e-8, 1.58969099521155e-10,
] as const;
export const COSINE = [
  0.0416666666666666, -0.001388888888887411, 0.00002480158728947673, -2.7557314351390663e-7, 2.087572321298175e-9, -1.1359647557788195e-11,
] as const;
/** The factor of a word's upper 30 bits, signed: the result is from −π/4 to π/4. */
export const ANGLE = Math.PI * 2 ** -31;
/** No variate is larger: √(2·33·ln 2) is 6.76. */
export const LARGEST_NORMAL = 7;

/** 1/3, 1/5, … 1/17: coefficients of the series of artanh. */
const ARTANH_TERMS = 8;
/** The upper words of 1 and of √½ (to 30 bits): their difference moves the exponent to where the mantissa is from √½ to √2. */
const ONE_HIGH = 0x3ff00000;
const SQRT_HALF_HIGH = 0x3fe6a09e;
const EXPONENT_BIAS = 1023;

const bits = new DataView(new ArrayBuffer(8));

const horner = (coefficients: readonly number[], x: number) => coefficients.reduceRight((sum, coefficient) => sum * x + coefficient);

/** ln x for a normal x > 0, as native/kernels/power.h computes it; unlike Math.log it is the same in every engine. */
export function naturalLogarithm(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0) + (ONE_HIGH - SQRT_HALF_HIGH);
  const exponent = (high >>> 20) - EXPONENT_BIAS;
  bits.setUint32(0, (high & 0xfffff) + SQRT_HALF_HIGH);
  const mantissa = bits.getFloat64(0);
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let p = 1 / (2 * ARTANH_TERMS + 1);
  for (let k = 2 * ARTANH_TERMS - 1; k >= 3; k -= 2) p = p * z + 1 / k;
  return exponent * Math.LN2 + 2 * (s * z * p + s);
}

/**
 * Two standard normal variates of two random words: a radius √(−2·ln u) of the first, with u in (0, 1); of the second a direction, which is
 * an angle within a quarter of the circle, and the quarter.
 */
export function normalPair(word: number, other: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * naturalLogarithm((word + 0.5) * 2 ** -32));
  const angle = ((other >> 2) + 0.5) * ANGLE;
  const z = angle * angle;
  const sine = angle + angle * z * horner(SINE, z);
  const cosine = 1 - 0.5 * z + z * z * horner(COSINE, z);
  const across = radius * (other & 2 ? -cosine : cosine);
  const along = radius * sine;
  return other & 1 ? [along, across] : [across, along];
}

/** Standard normal variates from a stream. */
export function normalFrom(stream: RandomStream): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const ready = spare;
      spare = undefined;
      return ready;
    }
    const [first, second] = normalPair(stream.word(), stream.word());
    spare = second;
    return first;
  };
}
