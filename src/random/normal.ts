/** Normal variates from IEEE operations alone, so that initial weights have the same bits in every JavaScript engine. */
import type { RandomStream } from './philox.ts';

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Coefficients of FreeBSD's e_log.c: log(1 + f) = f − f²/2 + s·(f²/2 + R(s²)), s = f / (2 + f). */
const LOG_COEFFICIENTS = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805, 0.15313837699209373,
  0.14798198605116586,
];

const bits = new DataView(new ArrayBuffer(8));

/** ln x for a normal x > 0, below 1 ulp; unlike Math.log it is the same in every engine. */
export function naturalLogarithm(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  let r = 0;
  for (let i = LOG_COEFFICIENTS.length - 1; i >= 0; i--) r = z * (LOG_COEFFICIENTS[i] + r);
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + r) + exponent * LN2_LOW) - f);
}

/** Standard normal variates from a stream, by Marsaglia's polar method. */
export function normalFrom(stream: RandomStream): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const ready = spare;
      spare = undefined;
      return ready;
    }
    for (;;) {
      const u = 2 * stream.uniform() - 1;
      const v = 2 * stream.uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * naturalLogarithm(square)) / square);
      spare = v * factor;
      return u * factor;
    }
  };
}
