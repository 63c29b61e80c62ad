/** What every entry for training in pages has. Each part is a module of its own, so that a bundler leaves out what a page does not import. */
export type { BackendName } from '../backends/backend.ts';
export type { BackendOption } from '../backends/select.ts';
export type { WasmSource } from '../backends/wasm/compile.ts';
export { type EarlyStopping, earlyStopping } from '../callbacks/early-stopping.ts';
export { validation } from '../callbacks/validation.ts';
export type { Progress } from '../clock.ts';
export type { BackendReport, EvaluateOptions, PredictOptions } from '../common-options.ts';
export type { ClassWeight, ClassWeights } from '../data/row-weights.ts';
export type { DataSet } from '../data/samples.ts';
export {
  BackendError,
  ChainruleError,
  DataError,
  DivergedError,
  FormatError,
  MonitorError,
  OptionError,
  ShapeError,
  StateError,
} from '../errors.ts';
export * from '../graph/exports.ts';
export type { GraphValue } from '../graph/graph.ts';
export type { InitializerName, InitializerOption } from '../initializers.ts';
export { type AttentionOptions, MULTI_HEAD_ATTENTION, multiHeadAttention } from '../layers/attention.ts';
export { BIDIRECTIONAL, type BidirectionalOptions, bidirectional } from '../layers/bidirectional.ts';
export {
  CONV_1D,
  CONV_2D,
  CONV_TRANSPOSE_2D,
  type Conv1dOptions,
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv1d,
  conv2d,
  convTranspose2d,
} from '../layers/convolution.ts';
export { DENSE, type DenseOptions, dense } from '../layers/dense.ts';
export {
  EMBEDDING,
  type EmbeddingOptions,
  embedding,
  POSITIONAL_ENCODING,
  type PositionalEncodingOptions,
  positionalEncoding,
} from '../layers/embedding.ts';
export { frozen, type Layer, type LayerConfig, named } from '../layers/layer.ts';
export {
  BATCH_NORM,
  type BatchNormOptions,
  batchNorm,
  GROUP_NORM,
  groupNorm,
  LAYER_NORM,
  layerNorm,
  type NormalizationOptions,
  RMS_NORM,
  rmsNorm,
} from '../layers/normalization.ts';
export {
  AVERAGE_POOL_2D,
  averagePool2d,
  GLOBAL_AVERAGE_POOL_2D,
  globalAveragePool2d,
  MAX_POOL_2D,
  maxPool2d,
  type PoolOptions,
  UPSAMPLE_2D,
  upsample2d,
  ZERO_PAD_2D,
  type ZeroPadding,
  zeroPad2d,
} from '../layers/pooling.ts';
export { GRU, gru, LSTM, lstm, type RecurrentOptions, RNN, type RnnOptions, rnn } from '../layers/recurrent.ts';
export {
  ACTIVATION,
  activation,
  DROPOUT,
  dropout,
  FLATTEN,
  flatten,
  RESHAPE,
  reshape,
  SPATIAL_DROPOUT,
  spatialDropout,
} from '../layers/simple.ts';
export { MULTI_CLASS_HINGE, NEGATIVE_LOG_LIKELIHOOD, SOFTMAX_CROSS_ENTROPY, SOFTMAX_FOCAL } from '../losses/classes.ts';
export { CTC } from '../losses/ctc.ts';
export { KULLBACK_LEIBLER } from '../losses/divergence.ts';
export { CONTRASTIVE, COSINE_SIMILARITY, TRIPLET } from '../losses/embeddings.ts';
export { BINARY_CROSS_ENTROPY, SIGMOID_CROSS_ENTROPY, SIGMOID_FOCAL } from '../losses/labels.ts';
export { GAUSSIAN_NEGATIVE_LOG_LIKELIHOOD, POISSON } from '../losses/likelihood.ts';
export type { Loss } from '../losses/loss.ts';
export { HALF_SQUARED_ERROR, HUBER, MEAN_ABSOLUTE_ERROR, MEAN_SQUARED_ERROR } from '../losses/regression.ts';
export { ACCURACY, accuracy, TOP_K, type TopKOptions, topK } from '../metrics/answers.ts';
export { AVERAGE_PRECISION, averagePrecision, type CurveOptions, ROC_AUC, rocAuc } from '../metrics/curves.ts';
export type { NamedMetric } from '../metrics/definition.ts';
export type { Evaluation } from '../metrics/evaluation.ts';
export type { Metric } from '../metrics/metric.ts';
export {
  type AverageOptions,
  CONFUSION_MATRIX,
  confusionMatrix,
  F1,
  f1,
  PRECISION,
  precision,
  RECALL,
  recall,
} from '../metrics/per-class.ts';
export { PERPLEXITY, perplexity } from '../metrics/perplexity.ts';
export {
  MEAN_ABSOLUTE_ERROR as MEAN_ABSOLUTE_ERROR_METRIC,
  MEAN_SQUARED_ERROR as MEAN_SQUARED_ERROR_METRIC,
  meanAbsoluteError as meanAbsoluteErrorMetric,
  meanSquaredError as meanSquaredErrorMetric,
  R2,
  r2,
} from '../metrics/regression.ts';
export type { LoadLimits } from '../model/limits.ts';
export type { TensorLike } from '../nested.ts';
export { type AdamOptions, adam, adamw } from '../optimizers/adam.ts';
export { type AdaptiveMomentOptions, adamax, lamb, type NadamOptions, nadam, type RadamOptions, radam } from '../optimizers/adam-family.ts';
export { type AdadeltaOptions, type AdagradOptions, adadelta, adagrad, type RmspropOptions, rmsprop } from '../optimizers/adaptive.ts';
export type { Optimizer } from '../optimizers/optimizer.ts';
export { type SgdOptions, sgd } from '../optimizers/sgd.ts';
export { type LionOptions, lion, type RpropOptions, rprop } from '../optimizers/sign.ts';
export { setWasmSource, type WasmSources } from '../platform/wasm-source.ts';
export { constantRate, cosineDecay, exponentialDecay, oneCycle, type Schedule, type ScheduleFunction, stepDecay } from '../schedules.ts';
export { type Tensor, tensor } from '../tensor.ts';
export type { Callback, FitControl } from '../training/events.ts';
export type { EpochReport, History, StepReport } from '../training/reports.ts';
export { type BytesOptions, fromBytes, toBytes } from './bytes.ts';
export { joinElementRuns } from './element-runs.ts';
export * from './losses.ts';
export { Network } from './network.ts';
export type { FitOptions, NetworkOptions } from './options.ts';
