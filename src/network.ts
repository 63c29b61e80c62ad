/** The network: what users create, train, ask, save and load. */
// The declarations use Symbol.dispose, which is missing from some programs' libraries.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Elements } from './backends/backend.ts';
import { type BackendChoice, referenceOf, selectBackend } from './backends/select.ts';
import { BEGINNING, type Progress } from './clock.ts';
import { type DataSet, type Keeping, type PreparedData, type PreparedSamples, prepareData, prepareSamples } from './data/samples.ts';
import { type AnyDataSet, Door } from './door.ts';
import { OptionError, ShapeError, StateError } from './errors.ts';
import { finish, slices, type Work } from './event-loop/slices.ts';
import { type FitOptions, fitFrom } from './fit-options.ts';
import { readHead } from './formats/safetensors.ts';
import type { GraphValue } from './graph/graph.ts';
import type { SampleOf } from './graph/shapes.ts';
import { Evaluator, evaluate } from './inference/evaluator.ts';
import { Inference } from './inference/inference.ts';
import { PREDICTOR_FILE, type PredictorFileOptions, predictorFile } from './inference/predictor-file.ts';
import { checkModelGradients, GRADIENT_CHECK, type GradientCheck, type GradientCheckOptions } from './inspection/check-gradients.ts';
import { diagnose } from './inspection/diagnosis/diagnose.ts';
import { Diagnoser } from './inspection/diagnosis/diagnoser.ts';
import type { DiagnoseOptions } from './inspection/diagnosis/options.ts';
import { type ExplainOptions, explain } from './inspection/explain.ts';
import { formatSummary } from './inspection/summary.ts';
import type { Evaluation } from './metrics/evaluation.ts';
import { type Engine, engineOf } from './model/engine.ts';
import { refuseJSON } from './model/json.ts';
import { encodeCheckpoint, openCheckpoint, saveModel, writeCheckpoint } from './model/model-file.ts';
import type { NetworkModel } from './model/network-model.ts';
import { matchParameters } from './model/parameter-patterns.ts';
import type { Fitting, FittingTargets, NamedShapes, Predictions, Rows, SampleShape, Shapes } from './model/signature.ts';
import { checkParameter, type Weights } from './model/weights.ts';
import { type TensorLike, toDense } from './nested.ts';
import {
  type BackendReport,
  type Described,
  EVALUATING,
  type EvaluateOptions,
  type GraphNetworkOptions,
  type LoadOptions,
  modelFrom,
  type NetworkOptions,
  PREDICTING,
  type PredictOptions,
  readingFrom,
  type Start,
} from './network-options.ts';
import { formatShape } from './ops/shape.ts';
import { readOptions } from './options/table.ts';
import { checkBytes, checkName, describe, type FileLocation } from './options.ts';
import { type ByteSource, sourceOf } from './platform/byte-source.ts';
import { platform } from './platform/platform.ts';
import { NamedTensors, type Tensor, tensorOver } from './tensor.ts';
import { Trainer, type TrainerOptions, trainerFrom } from './trainer.ts';
import type { Diagnosis } from './training/diagnosis-report.ts';
import { runFit, type Services } from './training/fit.ts';
import { initialize } from './training/initialize.ts';
import type { History } from './training/reports.ts';
import { StepSessions } from './training/step-sessions.ts';
import { StepTrainer } from './training/step-trainer.ts';

export class Network<X extends Shapes = SampleShape, Y extends Shapes = SampleShape> {
  readonly #choice: BackendChoice;
  readonly #engine: Engine;
  readonly #door: Door;
  readonly #inference: Inference;
  /** Of its fits. */
  readonly #sessions: StepSessions;
  #state: 'ready' | 'fitting' | 'training' | 'disposed' = 'ready';
  #trainer: StepTrainer | undefined;
  /** Throws FormatError: `toBytes` has a form for a network; JSON has one for `parameters()`. */
  readonly toJSON = refuseJSON;

  /** With parameters of zero. */
  private constructor({ model, isNamed }: Described, choice: BackendChoice, { seed, precision }: Pick<Start, 'seed' | 'precision'>) {
    this.#choice = choice;
    this.#door = new Door(model, isNamed);
    this.#engine = engineOf(model, choice.backend, seed, precision);
    this.#inference = new Inference(this.#engine);
    this.#sessions = new StepSessions(this.#engine);
  }

  /** Fills the parameters. Where that fails, the network's memory is freed. */
  async #begin(fill: (engine: Engine) => void | Promise<void>): Promise<this> {
    try {
      await fill(this.#engine);
      return this;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Builds a network with initial weights: of a stack of layers, or of a `build` function with named inputs and outputs.
   *
   * @throws OptionError for an unknown or impossible option, ShapeError where layers do not fit together, BackendError where the
   * backend asked for does not load.
   */
  static create<const Input extends SampleShape>(options: NetworkOptions<Input>): Promise<Network<Input>>;
  static create<const Inputs extends NamedShapes, Outputs extends { readonly [name: string]: GraphValue }>(
    options: GraphNetworkOptions<Inputs, Outputs>,
  ): Promise<Network<Inputs, { readonly [Name in keyof Outputs]: SampleOf<Outputs[Name]> }>>;
  static async create(options: NetworkOptions | GraphNetworkOptions): Promise<Network<never, never>> {
    const { start, ...described } = modelFrom(options);
    const choice = await selectBackend(platform(), start);
    return new Network<never, never>(described, choice, start).#begin(initialize);
  }

  /**
   * The network in the bytes of a model file, with its optimiser state. The bytes must not change until the promise is fulfilled. The
   * caller states the types of its inputs and outputs.
   *
   * @throws DataError for a value that is no Uint8Array; FormatError for bytes that `toBytes` does not write, or that ask for more than
   *   `limits` allows; OptionError for an unknown or impossible option.
   */
  static async fromBytes<X extends Shapes = SampleShape, Y extends Shapes = SampleShape>(
    bytes: Uint8Array,
    options: LoadOptions = {},
  ): Promise<Network<X, Y>> {
    checkBytes('Network.fromBytes', bytes);
    return Network.#read<X, Y>('Network.fromBytes', bytes, sourceOf(bytes), options);
  }

  /** A network of a file that begins with these bytes, up to the end of its header at least. */
  static async #read<X extends Shapes, Y extends Shapes>(
    where: string,
    head: Uint8Array,
    source: ByteSource,
    options: LoadOptions,
  ): Promise<Network<X, Y>> {
    const reading = readingFrom(where, options);
    const { seed, readInto, ...described } = openCheckpoint(head, source, reading);
    const choice = await selectBackend(platform(), reading);
    return new Network<X, Y>(described, choice, { seed, precision: reading.precision }).#begin(({ weights }) => readInto(weights));
  }

  /**
   * Reads a model file: on Node, Deno and Bun from a path or a `file:` URL; in a page or a worker it is fetched from a URL, a relative one
   * from beside the page. A file is read a few megabytes at a time.
   *
   * @throws DataError where it cannot be read, FormatError where it is no model file, OptionError for a value that is neither path nor
   *   URL.
   */
  static async load<X extends Shapes = SampleShape, Y extends Shapes = SampleShape>(
    location: FileLocation,
    options: LoadOptions = {},
  ): Promise<Network<X, Y>> {
    const source = await platform().openBytes(location);
    try {
      return await Network.#read<X, Y>('Network.load', await readHead(source), source, options);
    } finally {
      await source.close();
    }
  }

  /** How far training has come, over all fits and trainers that continue one another. While a fit is running, with the weights that the network has. */
  get progress(): Progress {
    return this.#trainer?.progress ?? this.#weights.training?.progress ?? BEGINNING;
  }

  get backend(): BackendReport {
    const { backend, reason } = this.#choice;
    return { name: backend.name, isa: backend.isa, threads: backend.threads, reason };
  }

  /** The shape of one sample; of named inputs, by name. */
  get input(): X {
    return this.#door.told([...this.#model.inputs]) as X;
  }

  /** The shape of one prediction; of named outputs, by name. */
  get output(): Y {
    return this.#door.told(this.#model.heads.map(({ name, shape }) => [name, shape])) as Y;
  }

  /**
   * A table of the layers: name, type, output shape, parameters; and warnings of likely mistakes, such as softmax before a
   * softmaxCrossEntropy.
   */
  summary(): string {
    return formatSummary(this.#model);
  }

  /**
   * The training program, or with `program: 'prediction'` the one that predicts, instruction by instruction, and its memory plan with the
   * bytes that planning saves.
   *
   * @throws OptionError for an unknown or impossible option.
   */
  explain(options: ExplainOptions = {}): string {
    this.#check();
    return explain(this.#engine, options);
  }

  /**
   * Trains by mini-batch gradient descent. A fit with the same kind of optimiser as the last one continues it: its state, its step count
   * and its random streams.
   *
   * @throws OptionError, DataError or ShapeError before anything is touched; DivergedError where training meets NaN or infinity: the
   *   network then goes back to its best state; StateError where another fit of this network is running.
   */
  async fit<Samples extends Rows<X>, Targets extends Rows<Y>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
    options: FitOptions<DataSet<Rows<X>, Rows<Y>>> = {},
  ): Promise<History> {
    this.#checkIdle('fit', 'other fit of this network');
    this.#state = 'fitting';
    try {
      const [engine, services, sessions] = [this.#engine, this.#services, this.#sessions];
      const { classWeight, ...request } = fitFrom(options);
      return await runFit({ engine, data: this.#door.data('fit', data, classWeight), ...request, services, sessions });
    } finally {
      this.#state = 'ready';
    }
  }

  /**
   * A trainer, which takes one training step on each batch that it is given. Compiles in slices between turns of the event loop. It continues a
   * fit or a trainer with the same kind of optimiser, as a fit does. Until it is disposed of, the network takes no other.
   *
   * @throws OptionError, before anything is touched, for an unknown or impossible option, a schedule that counts epochs, a callback that watches
   *   them; StateError while a fit is running or a trainer open.
   */
  async trainer(options: TrainerOptions = {}): Promise<Trainer<X, Y>> {
    this.#checkIdle('trainer');
    const request = trainerFrom(options);
    this.#state = 'training';
    const ended = () => {
      this.#trainer = undefined;
      this.#state = 'ready';
    };
    const [engine, sessions, { save }] = [this.#engine, this.#sessions, this.#services];
    try {
      this.#trainer = await StepTrainer.open({ ...request, engine, sessions, save, ended });
    } catch (error) {
      ended();
      throw error;
    }
    return new Trainer<X, Y>(this.#trainer, this.#door);
  }

  /**
   * The mean loss over the data, and the share of answers that are right (undefined where targets are numbers), as rows and classes weigh.
   * The network's parameters are those at the time when the data is prepared; later changes do not count.
   *
   * @throws OptionError for an unknown or impossible option; DataError or ShapeError for data that does not fit.
   */
  async evaluate<Samples extends Rows<X>, Targets extends Rows<Y>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
    options: EvaluateOptions = {},
  ): Promise<Evaluation> {
    this.#check();
    const { classWeight } = readOptions('evaluate', EVALUATING, options);
    return evaluate(this.#engine, this.#door.data('evaluate', data, classWeight));
  }

  /**
   * Measures one training step and changes nothing: for each layer the sizes of its δ, output, gradients and weights, how far the update
   * moves them, dead and saturated units; the first layer that is not finite; findings in words. The program of the step measures all, and
   * only single numbers are read.
   *
   * @throws OptionError for an unknown or impossible option; DataError or ShapeError for data that does not fit.
   */
  async diagnose<Samples extends Rows<X>, Targets extends Rows<Y>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
    options: DiagnoseOptions = {},
  ): Promise<Diagnosis> {
    this.#check();
    return diagnose(this.#engine, this.#door.data('diagnose', data), options);
  }

  /**
   * The predictions of the last layer for each row of x, [rows, …output], computed on the caller's thread. While a fit is running, they
   * have the weights of its last epoch or second.
   *
   * @throws DataError or ShapeError for rows that do not fit.
   */
  predict<Samples extends Rows<X>>(x: Samples & Fitting<Samples, X>, options: PredictOptions = {}): Predictions<Y> {
    const { work, probabilities } = this.#preparingPrediction('predict', x, options, 'lent');
    const samples = finish(work);
    return this.#predictions(samples, this.#inference.predict(samples, probabilities));
  }

  /**
   * As `predict`, off the caller's thread where the backend can, else in slices between turns of the event loop. Calls run one after the
   * other, each with the weights of its turn. Typed arrays are copied when it is called, and may be reused at once.
   *
   * @throws DataError or ShapeError for rows that do not fit; StateError where the network is disposed of before they are predicted.
   */
  async predictAsync<Samples extends Rows<X>>(x: Samples & Fitting<Samples, X>, options: PredictOptions = {}): Promise<Predictions<Y>> {
    const { work, probabilities } = this.#preparingPrediction('predictAsync', x, options, 'copied');
    const samples = slices.run(work);
    const predicted = await this.#inference.predictAsync(samples, probabilities);
    return this.#predictions(await samples, predicted);
  }

  /**
   * The mean loss of a batch and its gradient for every parameter that can be trained, frozen or not; nothing is updated. On the caller's
   * thread, all rows at once.
   *
   * @throws DataError or ShapeError for data that does not fit.
   */
  gradients<Samples extends Rows<X>, Targets extends Rows<Y>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
  ): { loss: number; gradients: Map<string, Tensor> } {
    this.#check();
    const prepared = finish(this.#preparing('gradients', data));
    this.#model.checkRows('gradients', prepared.rows, this.#weights.frozen);
    const { loss, gradients } = this.#inference.gradients(prepared);
    return { loss, gradients: new NamedTensors([...gradients].map(([name, values]) => [name, tensorOver(this.#shape(name), values)])) };
  }

  /**
   * Compares the gradients with central differences of the loss, in float64 on the reference backend. Nothing is updated.
   *
   * @throws OptionError for an unknown or impossible option; DataError or ShapeError for data that does not fit; GradientError where the
   * network has no parameters that can be trained; BackendError in pages and workers that do not import `chainrule/reference` besides.
   */
  async checkGradients<Samples extends Rows<X>, Targets extends Rows<Y>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
    options: GradientCheckOptions = {},
  ): Promise<GradientCheck> {
    this.#check();
    const { samples } = readOptions('checkGradients', GRADIENT_CHECK, options);
    const reference = referenceOf(platform());
    const prepared = finish(this.#preparing('checkGradients', data));
    this.#model.checkRows('checkGradients', prepared.rows, this.#weights.frozen);
    return checkModelGradients(this.#engine, reference, prepared, samples);
  }

  /** Copies of all parameters, by path: `0.weight`, `0.bias`, … `JSON.stringify` writes them as `{ '0.weight': { shape, data } }`. */
  parameters(): Map<string, Tensor> {
    this.#check();
    return this.#weights.tensors();
  }

  /**
   * Replaces the parameters named; the others stay.
   *
   * @throws OptionError for an unknown name, ShapeError for another shape, DataError for a value that is not finite.
   */
  setParameters(parameters: ReadonlyMap<string, TensorLike>): void {
    this.#checkIdle('setParameters');
    if (!(parameters instanceof Map))
      throw new OptionError(`setParameters: expected a Map from names to tensors, got ${describe(parameters)}`);
    const values = [...parameters].map(([name, value]) => {
      checkName('setParameters', name, [...this.#weights.shapes.keys()]);
      const { shape, data } = toDense(name, value);
      if (shape.join() !== this.#shape(name).join())
        throw new ShapeError(`setParameters: expected ${name} of shape ${formatShape(this.#shape(name))}, got ${formatShape(shape)}`);
      checkParameter('setParameters', name, data, this.#choice.backend);
      return [name, data] as const;
    });
    this.#weights.set(values);
  }

  /**
   * Keeps training from changing parameters and states (`1.running_mean`): by path (`0.weight`), by layer (`0`, `encoder`), or with `*` for
   * anything (`*.bias`). A batchNorm whose statistics are frozen normalises by them. Model files remember it.
   *
   * @throws OptionError without a pattern, or where one names no parameter; StateError while a fit is running.
   */
  freeze(...patterns: readonly string[]): void {
    for (const name of this.#match('freeze', patterns)) this.#weights.frozen.add(name);
  }

  /** Undoes `freeze`. */
  unfreeze(...patterns: readonly string[]): void {
    for (const name of this.#match('unfreeze', patterns)) this.#weights.frozen.delete(name);
  }

  /** The parameters that are frozen. */
  get frozen(): readonly string[] {
    return [...this.#weights.frozen];
  }

  /**
   * The network as the bytes of a model file: safetensors with the layers in its metadata and the optimiser's state.
   *
   * @throws OptionError where a layer is a function without a config, which a file cannot hold.
   */
  toBytes(): Uint8Array {
    this.#check();
    return encodeCheckpoint(this.#engine, this.#door.isNamed);
  }

  /** As `toBytes`, of the network as it is when called, in slices between turns of the event loop. */
  async toBytesAsync(): Promise<Uint8Array> {
    this.#check();
    return this.#weights.read(writeCheckpoint(this.#engine, this.#door.isNamed));
  }

  /**
   * The network as it is now for pages that only predict: the bytes of a compiled program with the weights that it reads, which `loadPredictor`
   * of `chainrule/predict` runs on the WASM kernels. They are for the version of chainrule that made them, and cannot be trained on.
   *
   * @throws OptionError for an unknown or impossible option, and where an op of the network has no kernel.
   */
  toPredictor(options: PredictorFileOptions = {}): Uint8Array {
    this.#check();
    return predictorFile(this.#engine, this.#door.isNamed, readOptions('toPredictor', PREDICTOR_FILE, options));
  }

  /**
   * Writes a model file of the network as it is when called, whole or not at all, to a path or a `file:` URL. It is on the disk when the
   * promise is fulfilled.
   *
   * @throws What `toBytes` does; DataError where the file cannot be written; OptionError in a runtime without files: a page sends
   *   `toBytes()` or offers it as a download.
   */
  async save(location: FileLocation): Promise<void> {
    this.#check();
    await saveModel(this.#engine, this.#door.isNamed, location);
  }

  /**
   * Frees the memory of the network. Calls that need its weights throw StateError from then on, predictions under way too.
   *
   * @throws StateError while a fit is running.
   */
  dispose(): void {
    if (this.#state === 'disposed') return;
    this.#checkIdle('dispose', 'fit', '; abort it by its signal first');
    this.#inference.dispose();
    this.#sessions.dispose();
    this.#weights.dispose();
    this.#state = 'disposed';
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #check(): void {
    if (this.#state === 'disposed') throw new StateError('this network is disposed');
    this.#weights.refresh();
  }

  /** Throws StateError while the network is being trained. */
  #checkIdle(where: string, fit = 'fit', advice = ''): void {
    if (this.#state === 'training') throw new StateError(`${where}: expected no trainer of this network to be open; dispose of it first`);
    if (this.#state === 'fitting') throw new StateError(`${where}: expected no ${fit} to be running${advice}`);
    this.#check();
  }

  #shape(name: string): readonly number[] {
    return this.#weights.shapes.get(name) as readonly number[];
  }

  #match(where: string, patterns: readonly string[]): string[] {
    this.#checkIdle(where);
    return matchParameters(where, patterns, this.#weights.shapes.keys());
  }

  get #model(): NetworkModel {
    return this.#engine.model;
  }

  get #weights(): Weights {
    return this.#engine.weights;
  }

  /** The services that it lends a fit. */
  get #services(): Services {
    const door = this.#door;
    return {
      evaluator: Evaluator.open,
      diagnoser: Diagnoser.open,
      named: (where, data) => door.data(where, data),
      save: (location) => saveModel(this.#engine, door.isNamed, location),
    };
  }

  #preparing(where: string, data: AnyDataSet): Work<PreparedData> {
    return prepareData(this.#door.data(where, data), this.#engine);
  }

  #preparingPrediction(where: string, x: unknown, options: PredictOptions, keeping: Keeping) {
    this.#check();
    const { probabilities } = readOptions(where, PREDICTING, options);
    return { work: prepareSamples(this.#door.samples(where, x), this.#engine, keeping), probabilities };
  }

  #predictions({ rows }: PreparedSamples, data: readonly Elements[]): Predictions<Y> {
    const tensors = this.#model.heads.map(({ name, shape }, i): [string, Tensor] => [name, tensorOver([rows, ...shape], data[i])]);
    return this.#door.told(tensors) as Predictions<Y>;
  }
}
