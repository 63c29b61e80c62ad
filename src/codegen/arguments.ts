/**
 * The arguments of kernels: a structure for each kernel, whose fields have the names of the op table and lie in the order of an
 * instruction's words. Sizes that several kernels share are a structure of their own within it.
 */
import { ATTENTIONS } from '../ops/attention.ts';
import { BATCHING } from '../ops/batch.ts';
import { CLASSIFICATION } from '../ops/classification.ts';
import { CONVOLUTIONS } from '../ops/convolution.ts';
import { CTC } from '../ops/ctc.ts';
import { ELEMENTWISE } from '../ops/elementwise.ts';
import { EMBEDDING } from '../ops/embedding.ts';
import { FUSED } from '../ops/fused.ts';
import { INDICES } from '../ops/indices.ts';
import { MATMUL } from '../ops/matmul.ts';
import { MOVEMENT } from '../ops/movement.ts';
import { NORMALIZATION } from '../ops/normalization.ts';
import { UPDATES } from '../ops/optimizers.ts';
import { POOLING } from '../ops/pooling.ts';
import { QUANTIZATION } from '../ops/quantization.ts';
import { RANDOM } from '../ops/random.ts';
import { RECURRENT } from '../ops/recurrent.ts';
import { REDUCTIONS } from '../ops/reductions.ts';
import { ROW_UPDATES } from '../ops/row-updates.ts';
import type { OpSpec, Role, ScalarKind, SharedSizes } from '../ops/spec.ts';

/** The file of assembly/kernels with an op's kernel: it has the name of the file that defines the op, with _ for -. */
export const MODULES: readonly (readonly [string, readonly OpSpec[]])[] = [
  ['batch', BATCHING],
  ['movement', MOVEMENT],
  ['matmul', MATMUL],
  ['convolution', CONVOLUTIONS],
  ['pooling', POOLING],
  ['elementwise', ELEMENTWISE],
  ['fused', FUSED],
  ['reductions', REDUCTIONS],
  ['indices', INDICES],
  ['classification', CLASSIFICATION],
  ['ctc', CTC],
  ['recurrent', RECURRENT],
  ['normalization', NORMALIZATION],
  ['embedding', EMBEDDING],
  ['attention', ATTENTIONS],
  ['optimizers', UPDATES],
  ['row_updates', ROW_UPDATES],
  ['random', RANDOM],
  ['quantization', QUANTIZATION],
];

export interface KernelArguments {
  readonly kernel: string;
  /** Of the structure. */
  readonly name: string;
  readonly operands: Readonly<Record<string, Role>>;
  /** The structure of the sizes with which the scalars begin. */
  readonly sizes: SharedSizes | undefined;
  /** Those that follow the sizes. */
  readonly scalars: Readonly<Record<string, ScalarKind>>;
}

export const capitalized = (name: string) => name[0].toUpperCase() + name.slice(1);

/** The structure of an op's kernel. Throws where its scalars do not begin with the sizes that it shares. */
export function argumentsOf({ name: op, kernel, operands, scalars, sizes }: OpSpec): KernelArguments {
  const shared = Object.keys(sizes?.scalars ?? {});
  const own = Object.entries(scalars);
  if (shared.some((name, i) => own[i]?.[0] !== name)) throw new Error(`the scalars of ${op} do not begin with ${sizes?.name}`);
  return { kernel, name: `${capitalized(kernel)}Arguments`, operands, sizes, scalars: Object.fromEntries(own.slice(shared.length)) };
}

/** Those of kernels that do not read their instruction themselves. */
export const takesArguments = (op: OpSpec) => !op.readsInstruction && Object.keys({ ...op.operands, ...op.scalars }).length > 0;

/** One for each kernel. Throws where ops of one kernel give it other arguments. */
export function allArguments(ops: readonly OpSpec[]): KernelArguments[] {
  const known = new Map<string, KernelArguments>();
  for (const op of ops.filter(takesArguments)) {
    const own = argumentsOf(op);
    const other = known.get(own.kernel);
    if (other && JSON.stringify(other) !== JSON.stringify(own))
      throw new Error(`${op.name} gives ${own.kernel} other arguments than another op`);
    known.set(own.kernel, own);
  }
  return [...known.values()];
}

/** Each structure of sizes that kernels share. */
export const allSizes = (ops: readonly OpSpec[]): SharedSizes[] => [
  ...new Map(ops.flatMap(({ sizes }) => (sizes ? [[sizes.name, sizes] as const] : []))).values(),
];

export function moduleOf(op: OpSpec): string {
  const found = MODULES.find(([, ops]) => ops.includes(op));
  if (!found) throw new Error(`the op ${op.name} is in none of the files of src/ops that the generator knows`);
  return found[0];
}
