/** How backends of 32-bit floats add products to sums, and whether the order of the sums is fixed: native/numerics.h says what each means. */

/** By the numbers that native sessions know them by. */
export const NUMERICS = ['separate', 'fused', 'fast'] as const;

export type Numerics = (typeof NUMERICS)[number];

/** The option `reproducible`: the same bits everywhere, wherever multiply-adds can be fused, or not. */
export type Reproducible = boolean | 'fused';

export function numericsOf(reproducible: Reproducible): Numerics {
  if (reproducible === 'fused') return 'fused';
  return reproducible ? 'separate' : 'fast';
}
