/** What networks of every entry have: predictions, evaluation, parameters, their end. */
// The declarations use Symbol.dispose, which is missing from some programs' libraries.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Progress } from './clock.ts';
import {
  type BackendReport,
  type DatasetEvaluateOptions,
  type DatasetPredictOptions,
  EVALUATING,
  type EvaluateOptions,
  type PredictOptions,
} from './common-options.ts';
import type { DataSet } from './data/samples.ts';
import { datasets } from './dataset-services.ts';
import { type HasSource, isDataset } from './datasets/source.ts';
import { finish, slices } from './event-loop/slices.ts';
import { evaluate } from './inference/evaluator.ts';
import type { Evaluation } from './metrics/evaluation.ts';
import { refuseJSON } from './model/json.ts';
import type { Fitting, FittingTargets, Predictions, Rows, SampleShape, Shapes, ShapesOf } from './model/signature.ts';
import type { NetworkCore } from './network-core.ts';
import { readOptions } from './options/table.ts';
import type { Tensor } from './tensor.ts';

const CORES = new WeakMap<object, NetworkCore>();

/** What is behind a network, for functions of the package. Undefined for anything else. */
export const coreOf = (network: object): NetworkCore | undefined => CORES.get(network);

export abstract class NetworkBase<X extends Shapes = SampleShape, Y extends Shapes = SampleShape> {
  readonly #core: NetworkCore;
  /** Throws FormatError: `toBytes` has a form for a network; JSON has one for `parameters()`. */
  readonly toJSON = refuseJSON;

  protected constructor(core: NetworkCore) {
    this.#core = core;
    CORES.set(this, core);
  }

  /** How far training has come, over all fits and trainers that continue one another. While a fit is running, with the weights that the network has. */
  get progress(): Progress {
    return this.#core.progress;
  }

  get backend(): BackendReport {
    const { backend, reason } = this.#core.choice;
    return { name: backend.name, isa: backend.isa, threads: backend.threads, reason };
  }

  /** The shape of one sample; of named inputs, by name. */
  get input(): ShapesOf<X> {
    return this.#core.door.told([...this.#core.model.inputs]) as ShapesOf<X>;
  }

  /** The shape of one prediction; of named outputs, by name. */
  get output(): ShapesOf<Y> {
    return this.#core.door.told(this.#core.model.heads.map(({ name, shape }) => [name, shape])) as ShapesOf<Y>;
  }

  /**
   * The mean loss over the data, and the share of answers that are right (undefined where targets are numbers), as rows and classes weigh.
   * The network's parameters are those at the time when the data is prepared; later changes do not count.
   *
   * @throws OptionError for an unknown or impossible option; DataError or ShapeError for data that does not fit.
   */
  async evaluate<Samples extends Rows<X>, Targets extends Rows<Y>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
    options?: EvaluateOptions,
  ): Promise<Evaluation>;
  /**
   * The same of a dataset of rows `{ x, y, weight? }`, read a window at a time, with the weights as they are when it begins.
   *
   * @throws What the dataset throws, and the reason of the signal.
   */
  async evaluate(data: HasSource, options?: DatasetEvaluateOptions): Promise<Evaluation>;
  async evaluate(data: DataSet<unknown, unknown> | HasSource, options: DatasetEvaluateOptions = {}): Promise<Evaluation> {
    this.#core.check();
    if (isDataset(data)) return datasets('evaluate').evaluate(this.#core, data, options);
    const { classWeight } = readOptions('evaluate', EVALUATING, options);
    return evaluate(this.#core.engine, this.#core.door.data('evaluate', data, classWeight));
  }

  /**
   * The predictions of the last layer for each row of x, [rows, …output], computed on the caller's thread. While a fit is running, they
   * have the weights of its last epoch or second.
   *
   * @throws DataError or ShapeError for rows that do not fit.
   */
  predict<Samples extends Rows<X>>(x: Samples & Fitting<Samples, X>, options?: PredictOptions): Predictions<Y>;
  /**
   * The predictions of a dataset's rows, batch after batch in their order, each with the weights of its turn, off the caller's thread where the backend
   * can. Rows are samples, or `{ x }`; targets beside them are left out. Leaving the loop over them lets go of the dataset.
   *
   * @throws In the loop, what the dataset throws; DataError or ShapeError for rows that do not fit; the reason of the signal.
   */
  predict(x: HasSource, options?: DatasetPredictOptions): AsyncGenerator<Predictions<Y>, void, undefined>;
  predict(x: unknown, options: DatasetPredictOptions = {}): Predictions<Y> | AsyncGenerator<Predictions<Y>, void, undefined> {
    if (isDataset(x)) return datasets('predict').predict(this.#core, x, options) as AsyncGenerator<Predictions<Y>, void, undefined>;
    const { work, probabilities } = this.#core.preparingPrediction('predict', x, options, 'lent');
    const samples = finish(work);
    return this.#core.predictions(samples, this.#core.inference.predict(samples, probabilities)) as Predictions<Y>;
  }

  /**
   * As `predict`, off the caller's thread where the backend can, else in slices between turns of the event loop. Calls are answered in order,
   * those that wait together up to `maximumBatch` rows, with the weights of their turn; the steps of a fit in this process wait for them. What
   * is wrong with one call's rows does not touch the others. Typed arrays are copied when it is called, and may be reused at once.
   *
   * @throws DataError or ShapeError for rows that do not fit; StateError where the network is disposed of before they are predicted.
   */
  async predictAsync<Samples extends Rows<X>>(x: Samples & Fitting<Samples, X>, options: PredictOptions = {}): Promise<Predictions<Y>> {
    const { work, probabilities } = this.#core.preparingPrediction('predictAsync', x, options, 'copied');
    const samples = slices.run(work);
    const predicted = await this.#core.inference.predictAsync(samples, probabilities);
    return this.#core.predictions(await samples, predicted) as Predictions<Y>;
  }

  /** Copies of all parameters, by path: `0.weight`, `0.bias`, … `JSON.stringify` writes them as `{ '0.weight': { shape, data } }`. */
  parameters(): Map<string, Tensor> {
    this.#core.check();
    return this.#core.weights.tensors();
  }

  /**
   * Frees the memory of the network. Calls that need its weights throw StateError from then on, predictions under way too.
   *
   * @throws StateError while a fit is running.
   */
  dispose(): void {
    this.#core.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
