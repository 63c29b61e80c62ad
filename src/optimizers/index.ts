/** The optimisers that chainrule has. */

import { ADAM, ADAMW } from './adam.ts';
import { ADAMAX, LAMB, NADAM, RADAM } from './adam-family.ts';
import { ADADELTA, ADAGRAD, RMSPROP } from './adaptive.ts';
import type { OptimizerDefinition } from './definition.ts';
import { SGD } from './sgd.ts';
import { LION, RPROP } from './sign.ts';

export const OPTIMIZERS: readonly OptimizerDefinition[] = [
  SGD,
  ADAGRAD,
  RMSPROP,
  ADADELTA,
  ADAM,
  ADAMW,
  NADAM,
  RADAM,
  ADAMAX,
  LAMB,
  LION,
  RPROP,
];

/** The types of the built-in optimisers: `sgd`, `adam` and so on. */
export const OPTIMIZER_TYPES: readonly string[] = OPTIMIZERS.map(({ type }) => type);
