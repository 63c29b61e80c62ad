/** The public API of chainrule, the same in every entry; index.node.ts and entries/ add what their runtime can run it on. */
export type { BackendName } from './backends/backend.ts';
export type { BackendOption } from './backends/select.ts';
export type { WasmSource } from './backends/wasm.ts';
export { hasRelaxedSimd } from './backends/wasm.ts';
export { type DigitsOptions, digits } from './data/digits.ts';
export { parseIdx } from './data/idx.ts';
export type { LabelledData, TrainTest } from './data/types.ts';
export { xor } from './data/xor.ts';
export { type Differentiated, type DifferentiateOptions, differentiate } from './differentiate.ts';
export {
  BackendError,
  ChainruleError,
  DataError,
  DivergedError,
  FormatError,
  OptionError,
  ShapeError,
  StateError,
} from './errors.ts';
export { decodeSafetensors, encodeSafetensors } from './formats/safetensors.ts';
export {
  abs,
  activate,
  add,
  broadcast,
  clamp,
  concatenate,
  divide,
  exp,
  log,
  logSoftmax,
  matmul,
  maximum,
  mean,
  minimum,
  multiply,
  negate,
  power,
  relu,
  sigmoid,
  slice,
  softmax,
  softplus,
  sqrt,
  square,
  subtract,
  sum,
  tanh,
  transpose,
} from './graph/functions.ts';
export type { GraphValue } from './graph/graph.ts';
export { paddingMask, sequenceMask } from './graph/sequences.ts';
export type { InitializerName, InitializerOption } from './initializers.ts';
export { type BidirectionalOptions, bidirectional } from './layers/bidirectional.ts';
export { layerFromConfig } from './layers/config.ts';
export { type DenseOptions, dense } from './layers/dense.ts';
export type { Layer, LayerConfig } from './layers/layer.ts';
export { gru, lstm, type RecurrentOptions, type RnnOptions, rnn } from './layers/recurrent.ts';
export { activation, dropout, flatten, reshape } from './layers/simple.ts';
export type { LossName, LossOption } from './losses.ts';
export type { TensorLike } from './nested.ts';
export { type BackendReport, type ExplainOptions, type LoadOptions, Network, type NetworkOptions, type PredictOptions } from './network.ts';
export { adagrad, adam, adamw, type Optimizer, optimizerFromConfig, rmsprop, sgd } from './optimizers.ts';
export { type Tensor, tensor } from './tensor.ts';
export type { GradientCheck, GradientCheckOptions } from './training/check-gradients.ts';
export type { DataSet } from './training/data.ts';
export type { Evaluation } from './training/evaluator.ts';
export type { EpochReport, FitOptions, History, StepReport } from './training/fit-options.ts';
export { setWasmSource } from './wasm-source.ts';
