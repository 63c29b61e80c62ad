/**
 * The legal definition of every op, by its name: what the reference backend runs and tests hold kernels against. Each stands behind the op in
 * the file of its family.
 */
import { ATTENTIONS_REFERENCE } from './attention.ts';
import { BATCHING_REFERENCE } from './batch.ts';
import { CLASSIFICATION_REFERENCE } from './classification.ts';
import { MASKED_REFERENCE } from './composite.ts';
import { CONVOLUTIONS_REFERENCE } from './convolution.ts';
import { CTC_REFERENCE } from './ctc.ts';
import { elementwiseReference } from './elementwise.ts';
import { EMBEDDING_REFERENCE } from './embedding.ts';
import { FUSED_REFERENCE } from './fused.ts';
import { INDICES_REFERENCE } from './indices.ts';
import { MATMUL_REFERENCE } from './matmul.ts';
import { MOVEMENT_REFERENCE } from './movement.ts';
import { NORMALIZATION_REFERENCE } from './normalization.ts';
import { UPDATES_REFERENCE } from './optimizers.ts';
import { POOLING_REFERENCE } from './pooling.ts';
import { QUANTIZATION_REFERENCE } from './quantization.ts';
import { RANDOM_REFERENCE } from './random.ts';
import { RECURRENT_REFERENCE } from './recurrent.ts';
import { REDUCTIONS_REFERENCE } from './reductions.ts';
import { ROW_UPDATES_REFERENCE } from './row-updates.ts';
import type { Evaluate, OpSpec } from './spec.ts';

const REFERENCE = {
  ...BATCHING_REFERENCE,
  ...MOVEMENT_REFERENCE,
  ...MATMUL_REFERENCE,
  ...CONVOLUTIONS_REFERENCE,
  ...POOLING_REFERENCE,
  ...elementwiseReference(),
  ...FUSED_REFERENCE,
  ...REDUCTIONS_REFERENCE,
  ...INDICES_REFERENCE,
  ...CLASSIFICATION_REFERENCE,
  ...CTC_REFERENCE,
  ...RECURRENT_REFERENCE,
  ...NORMALIZATION_REFERENCE,
  ...EMBEDDING_REFERENCE,
  ...ATTENTIONS_REFERENCE,
  ...UPDATES_REFERENCE,
  ...ROW_UPDATES_REFERENCE,
  ...RANDOM_REFERENCE,
  ...QUANTIZATION_REFERENCE,
  ...MASKED_REFERENCE,
} as unknown as Readonly<Record<string, Evaluate>>;

/** The definition of an op: its own where a user defined it. */
export function evaluationOf({ name, evaluate = REFERENCE[name] }: OpSpec): Evaluate {
  if (!evaluate) throw new RangeError(`${name} has no reference definition`);
  return evaluate;
}
