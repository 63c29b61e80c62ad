/**
 * Every floating-point constant of the float32 kernels, by the name it has in C++ and in AssemblyScript: both sides take them from
 * here, so that they compute the same bits. Values are rounded to float32 (or, in FLOAT64, kept in double precision) when written.
 */
import {
  GELU_CUBIC,
  GELU_SATURATION,
  LOG_FLOOR,
  PROBABILITY_FLOOR,
  SELU_ALPHA,
  SELU_SCALE,
  SILU_SATURATION,
  SQRT_TWO_OVER_PI,
} from '../ops/functions.ts';
import { ANGLE, COSINE, SINE } from '../random/normal.ts';

type Table = Readonly<Record<string, readonly [comment: string, values: Readonly<Record<string, number>>]>>;

/** By group; a polynomial's coefficients carry the power of the argument that they belong to. */
export const FLOAT32: Table = {
  exp: [
    'exp: n = round(x·log₂e), r = x − n·ln 2 with ln 2 in two parts, e^r = 1 + r + r²·P(r) on |r| ≤ ½ ln 2; P is that of Cephes expf.',
    {
      EXP_LOWEST: -104,
      EXP_HIGHEST: 89,
      EXPM1_LOWEST: -30,
      LOG2_E: Math.LOG2E,
      ROUNDING_BIAS: 1.5 * 2 ** 23,
      LN2_HIGH: 0.693359375,
      LN2_LOW: -2.1219444005469057e-4,
      EXP_2: 5.0000001201e-1,
      EXP_3: 1.6666665459e-1,
      EXP_4: 4.1665795894e-2,
      EXP_5: 8.3334519073e-3,
      EXP_6: 1.3981999507e-3,
      EXP_7: 1.98756915e-4,
    },
  ],
  log: [
    'log: x = 2^k·m with √½ ≤ m < √2, f = m − 1, s = f / (2 + f), ln(1 + f) = 2s + s·R(s²); ln 2 in two parts. As in FreeBSD’s logf.',
    {
      SMALLEST_NORMAL: 2 ** -126,
      SUBNORMAL_SCALE: 2 ** 25,
      SUBNORMAL_EXPONENT: 25,
      LOG_LN2_HIGH: 6.9313812256e-1,
      LOG_LN2_LOW: 9.0580006145e-6,
      LOG_2: 0.66666662693,
      LOG_4: 0.40000972152,
      LOG_6: 0.28498786688,
      LOG_8: 0.24279078841,
    },
  ],
  erf: [
    'erf: x + x·P(x²) up to the limit; beyond it ±(1 − e^(t·Q(t) − t)), t = |x|. Minimax polynomials by N. Juffa.',
    {
      ERF_LIMIT: 475 / 512,
      ERF_CENTRE_0: 1.28379166e-1,
      ERF_CENTRE_2: -3.76125336e-1,
      ERF_CENTRE_4: 1.12819925e-1,
      ERF_CENTRE_6: -2.67681349e-2,
      ERF_CENTRE_8: 4.99119423e-3,
      ERF_CENTRE_10: -5.96761703e-4,
      ERF_TAIL_0: -1.28717512e-1,
      ERF_TAIL_1: -6.34846687e-1,
      ERF_TAIL_2: -1.06777877e-1,
      ERF_TAIL_3: 2.42546219e-2,
      ERF_TAIL_4: -3.88396438e-3,
      ERF_TAIL_5: 3.83197126e-4,
      ERF_TAIL_6: -1.7285347e-5,
    },
  ],
  normal: [
    'Φ(−t) = e^(−t²/2)·P(v), v = 1 / (1 + NORMAL_SLOPE·t), for t ≥ 0; fitted to a relative error of 1.7e-7 on t ≤ 14.5.',
    {
      NORMAL_SLOPE: 0.3,
      NORMAL_1: 0.119632007,
      NORMAL_2: 0.120712133,
      NORMAL_3: 0.100175967,
      NORMAL_4: 0.127691708,
      NORMAL_5: -0.0520338919,
      NORMAL_6: 0.204556647,
      NORMAL_7: -0.156158368,
      NORMAL_8: 0.0354237165,
      INVERSE_SQRT_TWO_PI: 0.3989422804014327,
    },
  ],
  activations: [
    'Activations and losses, see src/ops/functions.ts. GELU_RATE is 2·√(2/π): ½·(1 + tanh u) is sigmoid(2u).',
    {
      SELU_ALPHA,
      SELU_SCALE,
      SELU_SLOPE: SELU_SCALE * SELU_ALPHA,
      GELU_RATE: 2 * SQRT_TWO_OVER_PI,
      GELU_CUBIC,
      GELU_CUBIC_SLOPE: 3 * GELU_CUBIC,
      GELU_SATURATION,
      SILU_SATURATION,
      LOG_FLOOR,
      PROBABILITY_FLOOR,
    },
  ],
  sums: [
    'Sums: the largest number; how many deviations from 0 a mean lies before its rounding error is worth another walk; what sums of squares may be as small as and lose nothing to squares that vanish.',
    { LARGEST: (2 - 2 ** -23) * 2 ** 127, FAR: 4, LEAST_SQUARES: 2 ** -64 },
  ],
};

export const FLOAT64: Table = {
  power: [
    'power, in double precision: ln m = 2·artanh((m − 1) / (m + 1)) and e^r by their series, ln 2 in one part. An integer n added to 2⁵² stands in the last bits.',
    {
      LN2: Math.LN2,
      INVERSE_LN2: Math.LOG2E,
      POWER_ROUNDING_BIAS: 1.5 * 2 ** 52,
      EXPONENT_BIAS: 2 ** 52 + 1023,
      POWER_LOWEST: -104,
      POWER_HIGHEST: 89,
      ...Object.fromEntries([3, 5, 7, 9, 11, 13, 15, 17].map((k) => [`ARTANH_${k}`, 1 / k])),
      ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((k) => [`POWER_${k}`, 1 / factorial(k)])),
    },
  ],
  normal: ['Normal variates, see src/random/normal.ts.', { ANGLE, ...everySecond('SINE', 3, SINE), ...everySecond('COSINE', 4, COSINE) }],
};

/** Coefficients of every second power from `lowest` on. */
function everySecond(name: string, lowest: number, values: readonly number[]): Record<string, number> {
  return Object.fromEntries(values.map((value, i) => [`${name}_${lowest + 2 * i}`, value]));
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

export const BITS32: Table = {
  bits: [
    'Bits of float32 numbers: 1, √½, ROUNDING_BIAS, and where the fraction lies; the last bit; the lower half, without its first and whole.',
    {
      ONE_BITS: 0x3f800000,
      SQRT_HALF_BITS: 0x3f3504f3,
      ROUNDING_BIAS_BITS: 0x4b400000,
      FRACTION_BITS: 0x007fffff,
      LAST_BIT: 0x00000001,
      BELOW_HALF_BITS: 0x00007fff,
      LOW_HALF_BITS: 0x0000ffff,
    },
  ],
  scrambling: [
    'Of random bits: 2³² over the golden ratio, odd; a multiplier of Wellons’ hash function prospector; what a shift by 15 leaves.',
    { WEYL: 0x61c88647, SCRAMBLE: 0x735a2d97, BELOW_15_BITS: 0x0001ffff },
  ],
};

export const BITS64: Table = {
  bits: [
    'Bits of float64 numbers: 1, √½ (to 30 bits), 2⁵², and where the fraction lies.',
    {
      ONE_BITS_64: 0x3ff0000000000000,
      SQRT_HALF_BITS_64: 0x3fe6a09e00000000,
      INTEGER_BITS_64: 0x4330000000000000,
      FRACTION_BITS_64: 0x000fffffffffffff,
    },
  ],
};

/** Text of a whole file's constants; `declare` says how one of each kind is written. */
export function declarations(
  declare: Readonly<Record<'float32' | 'float64' | 'bits32' | 'bits64', (name: string, value: string) => string>>,
  comment: (text: string) => string,
): string {
  const written = (table: Table, line: (name: string, value: number) => string) =>
    Object.values(table).map(
      ([text, values]) =>
        `\n${comment(text)}${Object.entries(values)
          .map(([k, v]) => line(k, v))
          .join('')}`,
    );
  return [
    ...written(FLOAT32, (name, value) => declare.float32(name, decimal(Math.fround(value)))),
    ...written(FLOAT64, (name, value) => declare.float64(name, decimal(value))),
    ...written(BITS32, (name, value) => declare.bits32(name, hexadecimal(value, 8))),
    ...written(BITS64, (name, value) => declare.bits64(name, hexadecimal(value, 16))),
  ].join('');
}

/** As C++ and AssemblyScript read a floating-point literal. */
function decimal(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function hexadecimal(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
