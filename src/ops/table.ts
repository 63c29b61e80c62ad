/**
 * Every op, in order: an op's id is its position here. Programs, the C++ dispatch and the AssemblyScript dispatch all count by it. The
 * generator writes the names and the table's hash to `numbers.generated.ts`, by which pages know the numbers of ops that they do not carry.
 */
import { ATTENTIONS } from './attention.ts';
import { BATCHING } from './batch.ts';
import { CLASSIFICATION } from './classification.ts';
import { CONVOLUTIONS } from './convolution.ts';
import { CTC } from './ctc.ts';
import { ELEMENT_FUNCTIONS } from './element-functions.ts';
import { FUNCTION_BITS, PLACE_BITS, REGISTERS, RESULT_BITS } from './element-steps.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { EMBEDDING } from './embedding.ts';
import { ACTIVATIONS } from './functions.ts';
import { FUSED } from './fused.ts';
import { INDICES } from './indices.ts';
import { MATMUL } from './matmul.ts';
import { MOVEMENT } from './movement.ts';
import { NORMALIZATION } from './normalization.ts';
import { UPDATES } from './optimizers.ts';
import { POOLING } from './pooling.ts';
import { QUANTIZATION } from './quantization.ts';
import { RANDOM } from './random.ts';
import { RECURRENT } from './recurrent.ts';
import { REDUCTIONS } from './reductions.ts';
import { register } from './registry.ts';
import { ROW_UPDATES } from './row-updates.ts';
import type { OpSpec } from './spec.ts';

export const OPS: readonly OpSpec[] = [
  ...BATCHING,
  ...MOVEMENT,
  ...MATMUL,
  ...CONVOLUTIONS,
  ...POOLING,
  ...ELEMENTWISE,
  ...FUSED,
  ...REDUCTIONS,
  ...INDICES,
  ...CLASSIFICATION,
  ...CTC,
  ...RECURRENT,
  ...NORMALIZATION,
  ...EMBEDDING,
  ...ATTENTIONS,
  ...UPDATES,
  ...ROW_UPDATES,
  ...RANDOM,
  ...QUANTIZATION,
];

// Whoever imports the table knows all ops by name.
register(OPS);

/**
 * FNV-1a over everything a backend must agree on: names, operands, their roles and kinds of elements, scalars and their order, and the
 * functions that steps of element-wise runs name by their numbers.
 */
export const tableHash = (): number =>
  hash(
    JSON.stringify([
      OPS.map((op) => [op.name, op.kernel, op.function, op.context, op.operands, op.scalars, op.ranges, Object.keys(op.packs), op.indices]),
      ACTIVATIONS.map((f) => f.name),
      ELEMENT_FUNCTIONS.map(({ name, family, formula }) => [name, family, formula]),
      [FUNCTION_BITS, RESULT_BITS, PLACE_BITS, REGISTERS],
    ]),
  );

function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
