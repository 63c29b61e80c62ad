/** What every entry for predictions has besides `loadPredictor`. */
export type { WasmSource } from '../backends/wasm/compile.ts';
export { BackendError, ChainruleError, DataError, FormatError, OptionError, ShapeError, StateError } from '../errors.ts';
export type { TensorLike } from '../nested.ts';
export { type Tensor, tensor } from '../tensor.ts';
export type { LoadPredictor, PredictorOptions } from './load.ts';
export type { Predictor, PredictorShape } from './predictor.ts';
