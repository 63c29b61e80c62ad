/** The options that networks of every entry have, what they were described as, and the report on a network's backend. */
import type { Precision } from './backends/backend.ts';
import type { Reproducible } from './backends/numerics.ts';
import { type BackendOption, RUNNING, type Running } from './backends/select.ts';
import type { ClassWeights } from './data/row-weights.ts';
import { OptionError } from './errors.ts';
import type { GlobalAbortSignal } from './globals.ts';
import { LARGEST_BATCH } from './inference/requests.ts';
import type { NetworkModel } from './model/network-model.ts';
import { asGiven, type Check, flag, integer, optional, type TableOf, withDefault } from './options/table.ts';
import { checkInteger, describe } from './options.ts';

/** How a network is run, and its seed. */
export interface CommonOptions {
  /** Decides everything random: initial weights, shuffling, dropout. An integer from 0 to 2⁵³ − 1; default 0. */
  readonly seed?: number;
  /** Default 'auto': the fastest that loads. The environment variable CHAINRULE_BACKEND overrides it. */
  readonly backend?: BackendOption;
  /** The most threads to use; default the environment variable CHAINRULE_THREADS, else all cores, or as many as a container's quota allows. Results do not depend on it. */
  readonly threads?: number;
  /**
   * Gives the same bits on native and WASM, whatever the instruction set and the number of threads, at some cost in speed: no multiply-add is
   * fused. With 'fused' all are: that costs less, but has other bits, and a runtime whose WASM rounds products and sums apart refuses it by a
   * BackendError. Default false.
   */
  readonly reproducible?: Reproducible;
  /**
   * Experimental, for Node 24 and newer: where the network runs on WASM, V8 makes pairs of its 128-bit vectors one of 256 bits. The kernels
   * are compiled anew for it, which blocks for a tenth of a second, and compared with the plain ones; where their results differ, the plain
   * ones are taken, and `backend.reason` says so. Default false.
   */
  readonly revectorize?: boolean;
  /**
   * Of what numbers products are made, in predictions and training steps. 'bfloat16': both factors of each product of a dense or a
   * convolutional layer, forward and backward, are rounded to bfloat16, 8 bits, and the sums, the weights and all else stay float32
   * (docs/precision.md). An option of the run: it is in no model file. Default 'float32'.
   */
  readonly precision?: Precision;
  /**
   * Computes in a Web Worker, on WASM, so that no step keeps a page waiting: it needs `import 'chainrule/worker'` besides. Results have the bits that
   * WASM has in the page. What cannot be awaited (`predict`, a trainer's `step`) is a BackendError that names what to await. Default false.
   */
  readonly worker?: boolean;
  /**
   * The most rows of several `predictAsync` calls that are computed together: what waits while one batch runs is the next one. A row has the
   * same bits alone and among others; where it would not, or where nothing is saved, each call is computed alone (docs/numbers.md). With 1 all
   * are, on native as `predict` computes them. From 1 to 256, default 64.
   */
  readonly maximumBatch?: number;
}

/** The backend of a network. */
export interface BackendReport {
  readonly name: string;
  readonly isa: string;
  readonly threads: number;
  /** Why this one, and why on fewer threads than it was asked to use, or could. */
  readonly reason: string;
}

export interface PredictOptions {
  /** Turns logits into probabilities where the loss says how: softmax or sigmoid. Default false. */
  readonly probabilities?: boolean;
}

/** How a dataset is gone through. */
export interface PassOptions {
  /** Rows that are computed together. Default 256. */
  readonly batchSize?: number;
  /** Ends the pass, which then throws the signal's reason. */
  readonly signal?: GlobalAbortSignal;
}

export interface DatasetPredictOptions extends PredictOptions, PassOptions {}

export interface EvaluateOptions {
  /** What targets of each class weigh, besides what their rows do; of several outputs for all or by name. Default the same. */
  readonly classWeight?: ClassWeights;
}

export interface DatasetEvaluateOptions extends EvaluateOptions, PassOptions {}

const checkMaximumBatch: Check<number> = (where, value) => {
  const rows = checkInteger(where, value);
  if (rows > LARGEST_BATCH) throw new OptionError(`${where}: expected at most ${LARGEST_BATCH}, got ${describe(rows)}`);
  return rows;
};

/** How requests are served. */
export const SERVING = { maximumBatch: withDefault(checkMaximumBatch, 64) };

export const COMMON = { seed: withDefault(integer(0), 0), ...RUNNING, ...SERVING } satisfies TableOf<CommonOptions>;

export const PREDICTING = { probabilities: withDefault(flag, false) } satisfies TableOf<PredictOptions>;

export const EVALUATING = { classWeight: optional(asGiven<ClassWeights>()) } satisfies TableOf<EvaluateOptions>;

/** Options that all calls share go by their plain names in messages. */
export const plainly = (name: string) => name;

/** A network as it was described, and whether its inputs and outputs have names; else it is a stack of layers. */
export interface Described {
  readonly model: NetworkModel;
  readonly isNamed: boolean;
}

/** The options of serving, read. */
export interface Served {
  readonly maximumBatch: number;
}

/** The seed of a network and the options of its backend. */
export interface Start extends Running, Served {
  readonly seed: number;
}
