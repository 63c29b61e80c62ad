/** The public API of chainrule, the same in every entry; index.node.ts and entries/ add what their runtime can run it on. */

export type { BackendName } from './backends/backend.ts';
export type { BackendOption } from './backends/select.ts';
export type { WasmSource } from './backends/wasm/compile.ts';
export { hasRelaxedSimd } from './backends/wasm/variant.ts';
export { diagnosing } from './callbacks/diagnosing.ts';
export { type EarlyStopping, earlyStopping } from './callbacks/early-stopping.ts';
export { validation } from './callbacks/validation.ts';
export type { Progress } from './clock.ts';
export type { BackendReport, EvaluateOptions, PredictOptions } from './common-options.ts';
export { type DigitsOptions, digits } from './data/digits.ts';
export { parseIdx } from './data/idx.ts';
export type { ClassWeight, ClassWeights } from './data/row-weights.ts';
export type { DataSet } from './data/samples.ts';
export type { LabelledData, TrainTest } from './data/types.ts';
export { xor } from './data/xor.ts';
export { type Differentiated, type DifferentiateOptions, differentiate } from './differentiate.ts';
export {
  BackendError,
  ChainruleError,
  DataError,
  DivergedError,
  FormatError,
  GradientError,
  MonitorError,
  OptionError,
  ShapeError,
  StateError,
  type StrayIndex,
} from './errors.ts';
export type { FitOptions } from './fit-options.ts';
export { decodeSafetensors, encodeSafetensors } from './formats/safetensors.ts';
export { type CustomOp, customOp } from './graph/custom-op.ts';
export * from './graph/exports.ts';
export type { GraphValue } from './graph/graph.ts';
export { paddingMask, sequenceMask } from './graph/sequences.ts';
export type { Classification, Classifications } from './inference/classify.ts';
export type { PredictorFileOptions } from './inference/predictor-file.ts';
export type { NetworkStatistics } from './inference/tally.ts';
export type { InitializerName, InitializerOption } from './initializers.ts';
export type { GradientCheck, GradientCheckOptions } from './inspection/check-gradients.ts';
export type { DiagnoseOptions } from './inspection/diagnosis/options.ts';
export { formatDiagnosis } from './inspection/diagnosis/text.ts';
export type { ExplainOptions, ExplainPredictionOptions, ExplainTrainingOptions } from './inspection/explain.ts';
export { type AttentionOptions, multiHeadAttention } from './layers/attention.ts';
export { type BidirectionalOptions, bidirectional } from './layers/bidirectional.ts';
export { type LayerMakers, layerFromConfig } from './layers/config.ts';
export {
  type Conv1dOptions,
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv1d,
  conv2d,
  convTranspose2d,
} from './layers/convolution.ts';
export { defineLayer } from './layers/define.ts';
export type { LayerMaker } from './layers/definition.ts';
export { type DenseOptions, dense } from './layers/dense.ts';
export { type EmbeddingOptions, embedding, type PositionalEncodingOptions, positionalEncoding } from './layers/embedding.ts';
export {
  type AnyLayer,
  frozen,
  type Layer,
  type LayerConfig,
  type LayerOutput,
  type LayerScope,
  named,
} from './layers/layer.ts';
export {
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  layerNorm,
  type NormalizationOptions,
  rmsNorm,
} from './layers/normalization.ts';
export {
  averagePool2d,
  globalAveragePool2d,
  maxPool2d,
  type PoolOptions,
  upsample2d,
  type ZeroPadding,
  zeroPad2d,
} from './layers/pooling.ts';
export { gru, lstm, type RecurrentOptions, type RnnOptions, rnn } from './layers/recurrent.ts';
export type { AttentionInputs } from './layers/shapes.ts';
export { activation, dropout, flatten, reshape, spatialDropout } from './layers/simple.ts';
export type { Padding, Pair } from './layers/windows.ts';
export type { LossMaker, LossMakers, LossOption } from './losses/config.ts';
export { defineLoss } from './losses/define.ts';
export type { LossName } from './losses/index.ts';
export type {
  Loss,
  LossBody,
  LossConfig,
  LossDefinition,
  LossInputs,
  TargetProblem,
  TargetSample,
} from './losses/loss.ts';
export { accuracy, type TopKOptions, topK } from './metrics/answers.ts';
export type { MetricMaker, MetricMakers, MetricOption } from './metrics/config.ts';
export { averagePrecision, type CurveOptions, rocAuc } from './metrics/curves.ts';
export { defineMetric } from './metrics/define.ts';
export type { NamedMetric } from './metrics/definition.ts';
export type { Evaluation, MetricResults, OutputEvaluation } from './metrics/evaluation.ts';
export type { MetricName } from './metrics/index.ts';
export type {
  Metric,
  MetricBody,
  MetricConfig,
  MetricResult,
  MetricSum,
  MetricTable,
  MetricTotal,
} from './metrics/metric.ts';
export type { Monitor, Monitored } from './metrics/monitors.ts';
export { type AverageOptions, confusionMatrix, f1, precision, recall } from './metrics/per-class.ts';
export { perplexity } from './metrics/perplexity.ts';
export { meanAbsoluteError, meanSquaredError, r2 } from './metrics/regression.ts';
export type { MetricRows, TargetKind } from './metrics/rows.ts';
export type { OutputLoss } from './model/heads.ts';
export type { LoadLimits } from './model/limits.ts';
export type { QuantizedLayer } from './model/quantization.ts';
export type { PreparedRows, PreparedTargets, RawRows, RawTargets } from './model/signature.ts';
export type { CallbackMemory } from './model/training-state.ts';
export type { Snapshot } from './model/weights.ts';
export type { TensorLike } from './nested.ts';
export { Network } from './network.ts';
export type {
  GraphNetworkOptions,
  LoadOptions,
  NetworkOptions,
  PreparedGraphOptions,
  PreparedNetworkOptions,
} from './network-options.ts';
export { type AdamOptions, adam, adamw } from './optimizers/adam.ts';
export {
  type AdaptiveMomentOptions,
  adamax,
  lamb,
  type NadamOptions,
  nadam,
  type RadamOptions,
  radam,
} from './optimizers/adam-family.ts';
export {
  type AdadeltaOptions,
  type AdagradOptions,
  adadelta,
  adagrad,
  type RmspropOptions,
  rmsprop,
} from './optimizers/adaptive.ts';
export { defineOptimizer, optimizerFromConfig } from './optimizers/define.ts';
export { OPTIMIZER_TYPES } from './optimizers/index.ts';
export type { Optimizer, OptimizerConfig, OptimizerScope, UpdateRule } from './optimizers/optimizer.ts';
export { type SgdOptions, sgd } from './optimizers/sgd.ts';
export { type LionOptions, lion, type RpropOptions, rprop } from './optimizers/sign.ts';
export type { FileLocation } from './options.ts';
export { setWasmSource, type WasmSources } from './platform/wasm-source.ts';
export type { Cell as Category } from './preparation/cells.ts';
export type { EncodingMaker, EncodingMakers } from './preparation/encoding.ts';
export type { Preparation, PreparationConfig } from './preparation/preparation.ts';
export {
  constantRate,
  cosineDecay,
  exponentialDecay,
  oneCycle,
  reduceOnPlateau,
  type Schedule,
  type ScheduleConfig,
  type ScheduleFunction,
  scheduleFrom,
  stepDecay,
} from './schedules.ts';
export { type CrossValidateOptions, type CrossValidation, crossValidate, type FoldResult } from './search/cross-validate.ts';
export { type FindLearningRateOptions, findLearningRate, type LearningRateCurve } from './search/find-learning-rate.ts';
export { type Tensor, tensor } from './tensor.ts';
export type { Trainer, TrainerOptions } from './trainer.ts';
export type { Diagnosis, LayerDiagnosis, Magnitude, NonFinite, ParameterDiagnosis } from './training/diagnosis-report.ts';
export type { Callback, FitControl, FitSetup } from './training/events.ts';
export type { ParameterGroup } from './training/fit-settings.ts';
export type { EpochReport, FitBegin, FitEnd, History, Measurements, StepReport, TrainerReport } from './training/reports.ts';
