/** How a preparation is known, by those who do not carry its class. */
import type { AnyPreparation } from './preparation.ts';

/** By this a preparation is known, whichever bundle its class came with. */
const PREPARATION = Symbol.for('chainrule.preparation');

export const isPreparation = (value: unknown): value is AnyPreparation =>
  typeof value === 'object' && value !== null && PREPARATION in value;
