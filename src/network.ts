/** The network: what users create, train, ask, save and load. */

import { referenceOf, selectBackend } from './backends/select.ts';
import type { DataSet } from './data/samples.ts';
import type { HasSource } from './datasets/source.ts';
import type { AnyDataSet } from './door.ts';
import { finish } from './event-loop/slices.ts';
import { type FitOptions, fitFrom, heldOut } from './fit-options.ts';
import { readHead } from './formats/safetensors.ts';
import type { GraphValue } from './graph/graph.ts';
import type { SampleOf } from './graph/shapes.ts';
import { type Classifications, classified, labelledHeads } from './inference/classify.ts';
import { PREDICTOR_FILE, type PredictorFileOptions, predictorFile } from './inference/predictor-file.ts';
import type { NetworkStatistics } from './inference/tally.ts';
import { checkModelGradients, GRADIENT_CHECK, type GradientCheck, type GradientCheckOptions } from './inspection/check-gradients.ts';
import { diagnose } from './inspection/diagnosis/diagnose.ts';
import { Diagnoser } from './inspection/diagnosis/diagnoser.ts';
import type { DiagnoseOptions } from './inspection/diagnosis/options.ts';
import { type ExplainOptions, explain } from './inspection/explain.ts';
import { formatSummary } from './inspection/summary.ts';
import { encodeCheckpoint, openCheckpoint, saveModel, writeCheckpoint } from './model/model-file.ts';
import { matchParameters } from './model/parameter-patterns.ts';
import type { QuantizedLayer } from './model/quantization.ts';
import type { Fitting, FittingTargets, NamedShapes, PreparedRows, Rows, SampleShape, Shapes, TargetShapes } from './model/signature.ts';
import { parametersFrom } from './model/weights.ts';
import type { TensorLike } from './nested.ts';
import { NetworkBase } from './network-base.ts';
import { cloned, quantized } from './network-copies.ts';
import { NetworkCore, type Offers } from './network-core.ts';
import { StepTrainer } from './training/step-trainer.ts';
import type { TrainerTask } from './training/trainer-task.ts';
import './compiler/all-passes.ts';
import './ops/table.ts';
import {
  type AnyNetworkOptions,
  type GraphNetworkOptions,
  type LoadOptions,
  modelFrom,
  type NetworkOptions,
  type PreparedGraphOptions,
  type PreparedNetworkOptions,
  readingFrom,
} from './network-options.ts';
import { readOptions } from './options/table.ts';
import { checkBytes, type FileLocation } from './options.ts';
import { type ByteSource, sourceOf } from './platform/byte-source.ts';
import { platform } from './platform/platform.ts';
import type { AnyPreparation } from './preparation/preparation.ts';
import { NamedTensors, type Tensor, tensorOver } from './tensor.ts';
import { Trainer, type TrainerOptions, trainerFrom } from './trainer.ts';
import type { Diagnosis } from './training/diagnosis-report.ts';
import type { FitControl } from './training/events.ts';
import { initialize } from './training/initialize.ts';
import type { History } from './training/reports.ts';

/** What a fit is offered: everything. */
const OFFERS: Offers = {
  diagnoser: Diagnoser.open,
  save: ({ engine, door }, location) => saveModel(engine, door.isNamed, location),
  toBytes: ({ engine, door }, metadata) => engine.weights.read(writeCheckpoint(engine, door.isNamed, metadata)),
};

export class Network<X extends Shapes = SampleShape, Y extends Shapes = SampleShape> extends NetworkBase<X, Y> {
  readonly #core: NetworkCore;

  private constructor(core: NetworkCore) {
    super(core);
    this.#core = core;
  }

  /**
   * Builds a network with initial weights: of a stack of layers, or of a `build` function with named inputs and outputs.
   *
   * @throws OptionError for an unknown or impossible option, ShapeError where layers do not fit together, BackendError where the
   * backend asked for does not load.
   */
  static create<Row, Target, Input extends SampleShape>(
    options: PreparedNetworkOptions<Row, Target, Input>,
  ): Promise<Network<PreparedRows<Row, Input>, TargetShapes<Target, SampleShape>>>;
  static create<Row, Target, Inputs extends NamedShapes, Outputs extends { readonly [name: string]: GraphValue }>(
    options: PreparedGraphOptions<Row, Target, Inputs, Outputs>,
  ): Promise<Network<PreparedRows<Row, Inputs>, TargetShapes<Target, { readonly [Name in keyof Outputs]: SampleOf<Outputs[Name]> }>>>;
  static create<const Input extends SampleShape>(options: NetworkOptions<Input>): Promise<Network<Input>>;
  static create<const Inputs extends NamedShapes, Outputs extends { readonly [name: string]: GraphValue }>(
    options: GraphNetworkOptions<Inputs, Outputs>,
  ): Promise<Network<Inputs, { readonly [Name in keyof Outputs]: SampleOf<Outputs[Name]> }>>;
  static async create(options: AnyNetworkOptions): Promise<Network<never, never>> {
    const { start, ...described } = modelFrom(options);
    const choice = await selectBackend(platform(), start);
    return new Network<never, never>(await new NetworkCore(described, choice, start, OFFERS).begin(initialize));
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
    const { seed, readInto, quantization, ...described } = openCheckpoint(head, source, reading);
    const choice = await selectBackend(platform(), reading);
    const core = new NetworkCore(
      described,
      choice,
      { seed, precision: reading.precision, maximumBatch: reading.maximumBatch, quantization },
      OFFERS,
    );
    return new Network<X, Y>(await core.begin(({ weights }) => readInto(weights)));
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

  /** What makes numbers of raw rows, where the network was created with a preparation. */
  get preparation(): AnyPreparation | undefined {
    return this.#core.model.preparation;
  }

  /**
   * The class of each row of x, with its label, of networks whose preparation has `classes()` as targets; of named outputs, by name, of those that have
   * such targets. Computed as by `predict`.
   *
   * @throws DataError or ShapeError for rows that do not fit; OptionError where no output names classes, or a loss says no probabilities.
   */
  classify<Samples extends Rows<X>>(x: Samples & Fitting<Samples, X>): Classifications<Y> {
    const { model, door, inference } = this.#core;
    const labelled = labelledHeads(model);
    const predicted = inference.predict(finish(this.#core.preparingPrediction('classify', x, {}, 'lent').work), true);
    const answers = labelled.map(({ name, head, labels }) => [name, classified(model.heads[head], labels, predicted[head])] as const);
    return door.told(answers) as Classifications<Y>;
  }

  /**
   * A table of the layers: name, type, output shape, parameters; and warnings of likely mistakes, such as softmax before a
   * softmaxCrossEntropy.
   */
  summary(): string {
    return formatSummary(this.#core.model);
  }

  /**
   * The training program, or with `program: 'prediction'` the one that predicts, instruction by instruction, and its memory plan with the
   * bytes that planning saves. A quantised network has only the one that predicts.
   *
   * @throws OptionError for an unknown or impossible option.
   */
  explain(options: ExplainOptions = {}): string {
    this.#core.check();
    return explain(this.#core.engine, options);
  }

  /**
   * Trains by mini-batch gradient descent. A fit with the same kind of optimiser as the last one continues it: its state, its step count
   * and its random streams.
   *
   * @throws OptionError, DataError or ShapeError before anything is touched; DivergedError where training meets NaN or infinity: the
   *   network then goes back to its best state; StateError where another fit of this network is running; with `resume`, FormatError where
   *   no checkpoint of the folder is whole.
   */
  async fit<Samples extends Rows<X>, Targets extends Rows<Y>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, Y>>,
    options?: FitOptions<DataSet<Rows<X>, Rows<Y>>>,
  ): Promise<History>;
  /**
   * The same on a dataset of rows `{ x, y, weight? }`, which is read while it trains: two windows of rows are in memory. No row is lost or taken twice;
   * with `shuffle` the rows of each window are taken in a new order, those of a dataset in memory all together, as tensors are. A dataset whose epochs
   * are alike, and that one window holds, gives the bits that tensors give.
   *
   * @throws What the dataset throws, with the weights as they were before the rows that could not be read.
   */
  async fit(data: HasSource, options?: FitOptions<DataSet<Rows<X>, Rows<Y>>>): Promise<History>;
  async fit(data: AnyDataSet | HasSource, options: FitOptions<AnyDataSet> = {}): Promise<History> {
    this.#core.checkIdle('fit', 'other fit of this network');
    this.#core.checkTrainable('fit');
    const [train, others] = heldOut(data, options, this.#core.engine.seed);
    return this.#core.fit(train, fitFrom(others));
  }

  /**
   * A trainer, which takes one training step on each batch that it is given. Compiles in slices between turns of the event loop. It continues a
   * fit or a trainer with the same kind of optimiser, as a fit does. Until it is disposed of, the network takes no other.
   *
   * @throws OptionError, before anything is touched, for an unknown or impossible option, a schedule that counts epochs, a callback that watches
   *   them; StateError while a fit is running or a trainer open.
   */
  async trainer(options: TrainerOptions = {}): Promise<Trainer<X, Y>> {
    this.#core.checkIdle('trainer');
    this.#core.checkTrainable('trainer');
    return new Trainer<X, Y>(await this.#openTrainer(trainerFrom(options)), this.#core.door);
  }

  #openTrainer(request: Pick<TrainerTask, 'settings' | 'callbacks'>): Promise<StepTrainer> {
    const save = (location: FileLocation) => OFFERS.save(this.#core, location);
    const toBytes: FitControl['toBytes'] = (metadata) => OFFERS.toBytes(this.#core, metadata);
    return this.#core.hold((parts, ended) => StepTrainer.open({ ...request, ...parts, save, toBytes, ended }));
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
    this.#core.checkTrainable('diagnose');
    return diagnose(this.#core.engine, this.#core.door.data('diagnose', data), options);
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
    this.#core.checkTrainable('gradients');
    const prepared = finish(this.#core.preparing('gradients', data));
    this.#core.model.checkRows('gradients', prepared.rows, this.#core.weights.frozen);
    const { loss, gradients } = this.#core.inference.gradients(prepared);
    return {
      loss,
      gradients: new NamedTensors([...gradients].map(([name, values]) => [name, tensorOver(this.#core.shape(name), values)])),
    };
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
    this.#core.checkTrainable('checkGradients');
    const { samples } = readOptions('checkGradients', GRADIENT_CHECK, options);
    const reference = referenceOf(platform());
    const prepared = finish(this.#core.preparing('checkGradients', data));
    this.#core.model.checkRows('checkGradients', prepared.rows, this.#core.weights.frozen);
    return checkModelGradients(this.#core.engine, reference, prepared, samples);
  }

  /**
   * A network of its own with the weights of this one that multiplies bytes in place of floats, and so only predicts and evaluates: in each
   * dense layer, and in each other product by a parameter, the inputs are bytes of the range that they have for these rows, and the weights int8
   * numbers with a scale for each unit. Sums are exact integers. A few hundred typical rows will do; `quantization` says what bytes cost each
   * layer for them. This network stays as it is.
   *
   * @throws DataError or ShapeError for rows that do not fit, or with which a layer computes NaN or infinity; OptionError where no layer can be
   *   quantised; StateError for a network that is quantised already.
   */
  async quantize<Samples extends Rows<X>>(x: Samples & Fitting<Samples, X>): Promise<Network<X, Y>> {
    this.#core.checkTrainable('quantize');
    return new Network<X, Y>(await quantized(this.#core, x));
  }

  /**
   * A network of its own that is what this one is when called: structure, weights, optimiser state, progress, frozen parameters, on the same
   * backend with the same options. What is done to either leaves the other. Of a fit under way it has the weights and the state of the last
   * epoch or second. Copied at once, at memory speed.
   *
   * @throws BackendError where memory is short; StateError where the network is disposed of.
   */
  async clone(): Promise<Network<X, Y>> {
    this.#core.check();
    return new Network<X, Y>(await cloned(this.#core));
  }

  /**
   * Counts and times of what this network has done since it was created, loaded or cloned. A plain object, which later calls do not change. It
   * may be asked for when the network is disposed of.
   */
  statistics(): NetworkStatistics {
    return this.#core.statistics;
  }

  /** Copies of what is known of the layers whose products are of bytes, in a network that `quantize` has made; else undefined. */
  get quantization(): readonly QuantizedLayer[] | undefined {
    return this.#core.engine.quantization?.layers.map((layer) => ({ ...layer }));
  }

  /**
   * Replaces the parameters named; the others stay.
   *
   * @throws OptionError for an unknown name, ShapeError for another shape, DataError for a value that is not finite.
   */
  setParameters(parameters: ReadonlyMap<string, TensorLike>): void {
    this.#core.checkIdle('setParameters');
    this.#core.weights.set(parametersFrom('setParameters', parameters, this.#core.weights));
  }

  /**
   * Keeps training from changing parameters and states (`1.running_mean`): by path (`0.weight`), by layer (`0`, `encoder`), or with `*` for
   * anything (`*.bias`). A batchNorm whose statistics are frozen normalises by them. Model files remember it.
   *
   * @throws OptionError without a pattern, or where one names no parameter; StateError while a fit is running.
   */
  freeze(...patterns: readonly string[]): void {
    for (const name of this.#match('freeze', patterns)) this.#core.weights.frozen.add(name);
  }

  /** Undoes `freeze`. */
  unfreeze(...patterns: readonly string[]): void {
    for (const name of this.#match('unfreeze', patterns)) this.#core.weights.frozen.delete(name);
  }

  /** The names of the parameters that patterns name. Throws OptionError where one names none, StateError while the network is being trained. */
  #match(where: string, patterns: readonly string[]): string[] {
    this.#core.checkIdle(where);
    return matchParameters(where, patterns, this.#core.weights.shapes.keys());
  }

  /** The parameters that are frozen. */
  get frozen(): readonly string[] {
    return [...this.#core.weights.frozen];
  }

  /**
   * The network as the bytes of a model file: safetensors with the layers in its metadata and the optimiser's state.
   *
   * @throws OptionError where a layer is a function without a config, which a file cannot hold.
   */
  toBytes(): Uint8Array {
    this.#core.check();
    return encodeCheckpoint(this.#core.engine, this.#core.door.isNamed);
  }

  /** As `toBytes`, of the network as it is when called, in slices between turns of the event loop. */
  async toBytesAsync(): Promise<Uint8Array> {
    this.#core.check();
    return this.#core.weights.read(writeCheckpoint(this.#core.engine, this.#core.door.isNamed));
  }

  /**
   * The network as it is now for pages that only predict: the bytes of a compiled program with the weights that it reads, which `loadPredictor`
   * of `chainrule/predict` runs on the WASM kernels. They are for the version of chainrule that made them, and cannot be trained on.
   *
   * @throws OptionError for an unknown or impossible option, for so many rows at once that their program takes more than 1 GiB, and where an op of
   *   the network has no kernel.
   */
  toPredictor(options: PredictorFileOptions = {}): Uint8Array {
    this.#core.check();
    return predictorFile(this.#core.engine, this.#core.door.isNamed, readOptions('toPredictor', PREDICTOR_FILE, options));
  }

  /**
   * Writes a model file of the network as it is when called, whole or not at all, to a path or a `file:` URL. It is on the disk when the
   * promise is fulfilled.
   *
   * @throws What `toBytes` does; DataError where the file cannot be written; OptionError in a runtime without files: a page sends
   *   `toBytes()` or offers it as a download.
   */
  async save(location: FileLocation): Promise<void> {
    this.#core.check();
    await saveModel(this.#core.engine, this.#core.door.isNamed, location);
  }
}
