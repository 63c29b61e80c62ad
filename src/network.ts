/** The network: what users create, train, ask, save and load. */
// Symbol.dispose is in the declarations, and not in every program's libraries.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Backend } from './backends/backend.ts';
import { type BackendChoice, type BackendOption, selectBackend } from './backends/select.ts';
import { compile } from './compiler/compile.ts';
import { DataError, OptionError, ShapeError, StateError } from './errors.ts';
import { checkLayers, type Layer } from './layers/layer.ts';
import { type LossOption, lossFrom } from './losses.ts';
import { type TensorLike, toDense } from './nested.ts';
import { formatShape } from './ops/shape.ts';
import { adam, type Optimizer, optimizerFromConfig } from './optimizers.ts';
import { checkBoolean, checkInteger, checkKeys, checkName, checkShape, describe } from './options.ts';
import { platform } from './platform.ts';
import { describeMemory, disassemble } from './program/disassemble.ts';
import type { Tensor } from './tensor.ts';
import { checkModelGradients, type GradientCheck, type GradientCheckOptions } from './training/check-gradients.ts';
import { decodeCheckpoint, encodeCheckpoint } from './training/checkpoint.ts';
import { type DataSet, largestNumber, type PreparedData, prepareData, prepareSamples } from './training/data.ts';
import { type Evaluation, Evaluator } from './training/evaluator.ts';
import { checkClip, type FitOptions, type FitPlan, type History, planFit } from './training/fit-options.ts';
import { Inference } from './training/inference.ts';
import { SequentialModel } from './training/model.ts';
import { trainingGraph } from './training/step.ts';
import { Trainer } from './training/trainer.ts';
import { initialValues, type Snapshot, Weights } from './training/weights.ts';

export interface NetworkOptions {
  /** The shape of one sample: [64], [1, 28, 28]. */
  readonly input: readonly number[];
  readonly layers: readonly Layer[];
  readonly loss: LossOption;
  /** Decides everything random: initial weights, shuffling, dropout. An integer from 0 to 2⁵³ − 1; default 0. */
  readonly seed?: number;
  /** Default 'auto': the fastest that loads. The environment variable CHAINRULE_BACKEND overrides it. */
  readonly backend?: BackendOption;
  /** The most threads to use; default the environment variable CHAINRULE_THREADS, else all cores. Results do not depend on it. */
  readonly threads?: number;
  /**
   * Gives the same bits on native and WASM, whatever the instruction set and the number of threads, at some cost in speed: no multiply-add is
   * fused. Default false.
   */
  readonly reproducible?: boolean;
  /**
   * Experimental, for Node 24 and newer: where the network runs on WASM, V8 makes pairs of its 128-bit vectors one of 256 bits. The kernels
   * are compiled anew for it, which blocks for a tenth of a second, and compared with the plain ones; where their results differ, the plain
   * ones are taken, and `backend.reason` says so. Default false.
   */
  readonly revectorize?: boolean;
}

/** How a saved network is to be run. */
export type LoadOptions = Pick<NetworkOptions, 'backend' | 'threads' | 'reproducible' | 'revectorize'>;

/** What runs the network. */
export interface BackendReport {
  readonly name: string;
  readonly isa: string;
  readonly threads: number;
  /** Why this one. */
  readonly reason: string;
}

export interface PredictOptions {
  /** Turns logits into probabilities where the loss says how: softmax or sigmoid. Default false. */
  readonly probabilities?: boolean;
}

export interface ExplainOptions {
  readonly batchSize?: number;
  readonly optimizer?: Optimizer;
  readonly clip?: FitOptions['clip'];
}

export class Network {
  readonly #model: SequentialModel;
  readonly #choice: BackendChoice;
  readonly #seed: number;
  readonly #weights: Weights;
  readonly #inference: Inference;
  #state: 'ready' | 'fitting' | 'disposed' = 'ready';

  private constructor(
    model: SequentialModel,
    choice: BackendChoice,
    seed: number,
    parameters: readonly (readonly [string, ArrayLike<number>])[],
  ) {
    this.#model = model;
    this.#choice = choice;
    this.#seed = seed;
    this.#weights = new Weights(new Map([...model.traced.parameters].map(([name, { shape }]) => [name, shape])), choice.backend);
    for (const [name, values] of parameters) checkParameter('network', name, values, choice.backend);
    this.#weights.set(parameters);
    this.#inference = new Inference(model, choice.backend, this.#weights, seed);
  }

  /**
   * Builds a network with initial weights.
   *
   * @throws OptionError for an unknown or impossible option, ShapeError where layers do not fit together, BackendError where the
   * backend asked for does not load.
   */
  static async create(options: NetworkOptions): Promise<Network> {
    checkKeys('Network.create', options, ['input', 'layers', 'loss', 'seed', 'backend', 'threads', 'reproducible', 'revectorize']);
    const seed = checkInteger('seed', options.seed ?? 0, 0);
    const model = new SequentialModel(checkShape('input', options.input), checkLayers('layers', options.layers), lossFrom(options.loss));
    const choice = await selectBackend(options.backend ?? 'auto', options);
    return new Network(model, choice, seed, initialValues(model.traced, seed));
  }

  /**
   * The network in the bytes of a model file, with its optimiser state.
   *
   * @throws FormatError for bytes that are not a model file as `toBytes` writes it.
   */
  static async fromBytes(bytes: Uint8Array, options: LoadOptions = {}): Promise<Network> {
    checkKeys('Network.fromBytes', options, ['backend', 'threads', 'reproducible', 'revectorize']);
    const { model, seed, parameters, optimizer } = decodeCheckpoint(bytes);
    const choice = await selectBackend(options.backend ?? 'auto', options);
    const network = new Network(model, choice, seed, [...parameters]);
    network.#weights.optimizer = optimizer;
    return network;
  }

  /** Reads a model file. Throws DataError where it cannot be read, FormatError where it is none. */
  static async load(path: string, options: LoadOptions = {}): Promise<Network> {
    return Network.fromBytes(await platform().readBytes(path), options);
  }

  get backend(): BackendReport {
    const { backend, reason } = this.#choice;
    return { name: backend.name, isa: backend.isa, threads: backend.threads, reason };
  }

  /** The shape of one sample. */
  get input(): readonly number[] {
    return this.#model.input;
  }

  /** The shape of one prediction. */
  get output(): readonly number[] {
    return this.#model.output;
  }

  /** A table of the layers: name, type, output shape, parameters. */
  summary(): string {
    const rows = [
      ['layer', 'type', 'output', 'parameters'],
      ['', 'input', formatShape([-1, ...this.#model.input]), '0'],
      ...this.#model.summaries.map(({ name, type, shape, parameters }) => [name, type, formatShape(shape), String(parameters)]),
      ['', '', 'total', String(this.#model.parameterCount)],
    ];
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    return rows
      .map((row) => row.map((cell, column) => (column === 3 ? cell.padStart(widths[3]) : cell.padEnd(widths[column]))).join('  '))
      .join('\n');
  }

  /** The training program, instruction by instruction, and its memory plan with the bytes that planning saves. */
  explain(options: ExplainOptions = {}): string {
    this.#check();
    checkKeys('explain', options, ['batchSize', 'optimizer', 'clip']);
    const optimizer = optimizerFromConfig(options.optimizer ?? adam());
    const clip = options.clip === undefined ? undefined : checkClip('explain.clip', options.clip);
    const [form] = this.#model.loss.definition.targets;
    const program = compile(trainingGraph(this.#model, { form, comparison: undefined }, optimizer, clip), {
      maximumRows: checkInteger('explain.batchSize', options.batchSize ?? 32),
    });
    return `${disassemble(program)}\n\n${describeMemory(program, this.#choice.backend.elementBytes)}`;
  }

  /**
   * Trains by mini-batch gradient descent. A fit with the same kind of optimiser as the last one continues it: its state, its step
   * count and its random streams.
   *
   * @throws OptionError, DataError or ShapeError before anything is touched; DivergedError where training meets NaN or infinity, the
   * network then keeping its last good parameters; StateError where another fit of this network is running.
   */
  async fit(data: DataSet, options: FitOptions = {}): Promise<History> {
    this.#check();
    if (this.#state === 'fitting') throw new StateError('fit: expected no other fit of this network to be running');
    const prepared = this.#prepare('fit', data);
    const plan = planFit(options, prepared.rows);
    const validation = plan.validation === undefined ? undefined : this.#prepare('fit.validation', plan.validation);
    this.#state = 'fitting';
    try {
      return await this.#train(prepared, plan, validation);
    } finally {
      this.#state = 'ready';
    }
  }

  /**
   * The mean loss over the data, and the share of rows that are right (undefined where targets are not classes).
   *
   * @throws DataError or ShapeError for data that does not fit.
   */
  async evaluate(data: DataSet): Promise<Evaluation> {
    this.#check();
    const evaluator = this.#evaluator(this.#prepare('evaluate', data));
    try {
      return await evaluator.evaluate(this.#weights);
    } finally {
      evaluator.dispose();
    }
  }

  /**
   * What the last layer computes for each row of x, [rows, …output]; on the caller's thread. While a fit is running, with the weights
   * of its last epoch or second.
   *
   * @throws DataError or ShapeError for rows that do not fit.
   */
  predict(x: TensorLike, options: PredictOptions = {}): Tensor {
    const { rows, column, probabilities } = this.#preparePrediction(x, options);
    return { shape: [rows, ...this.#model.output], data: this.#inference.predict(column, rows, probabilities) };
  }

  /** As `predict`, off the caller's thread where the backend can. */
  async predictAsync(x: TensorLike, options: PredictOptions = {}): Promise<Tensor> {
    const { rows, column, probabilities } = this.#preparePrediction(x, options);
    return { shape: [rows, ...this.#model.output], data: await this.#inference.predictAsync(column, rows, probabilities) };
  }

  /** The mean loss of a batch and its gradient for every parameter; nothing is updated. */
  gradients(data: DataSet): { loss: number; gradients: Map<string, Tensor> } {
    this.#check();
    const { loss, gradients } = this.#inference.gradients(this.#prepare('gradients', data));
    const shaped = [...gradients].map(([name, values]): [string, Tensor] => [name, { shape: this.#shape(name), data: values }]);
    return { loss, gradients: new Map(shaped) };
  }

  /** Compares the gradients with central differences of the loss, in float64 on the reference backend. Nothing is updated. */
  async checkGradients(data: DataSet, options: GradientCheckOptions = {}): Promise<GradientCheck> {
    this.#check();
    checkKeys('checkGradients', options, ['samples']);
    const samples = checkInteger('checkGradients.samples', options.samples ?? 100);
    const prepared = this.#prepare('checkGradients', data);
    return checkModelGradients(this.#model, prepared, (name) => this.#weights.get(name), this.#seed, samples);
  }

  /** Copies of all parameters, by path: `0.weight`, `0.bias`, … */
  parameters(): Map<string, Tensor> {
    this.#check();
    return new Map([...this.#weights.shapes].map(([name, shape]) => [name, { shape: [...shape], data: this.#weights.get(name).slice() }]));
  }

  /**
   * Replaces the parameters named; the others stay.
   *
   * @throws OptionError for an unknown name, ShapeError for another shape, DataError for a value that is not finite.
   */
  setParameters(parameters: ReadonlyMap<string, TensorLike>): void {
    this.#check();
    if (this.#state === 'fitting') throw new StateError('setParameters: expected no fit to be running');
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

  /** The network as the bytes of a model file: safetensors with the layers in its metadata and the optimiser's state. */
  toBytes(): Uint8Array {
    this.#check();
    return encodeCheckpoint(this.#model, this.#seed, this.#weights);
  }

  /** Writes a model file, whole or not at all. */
  async save(path: string): Promise<void> {
    await platform().writeBytes(path, this.toBytes());
  }

  /** Frees the memory of the network; every later call throws StateError. Throws StateError while a fit is running. */
  dispose(): void {
    if (this.#state === 'fitting') throw new StateError('dispose: expected no fit to be running; abort it by its signal first');
    this.#inference.dispose();
    this.#state = 'disposed';
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #check(): void {
    if (this.#state === 'disposed') throw new StateError('this network is disposed');
  }

  #shape(name: string): readonly number[] {
    return this.#weights.shapes.get(name) as readonly number[];
  }

  /** What data must fit. */
  get #contract() {
    const { input, output, loss } = this.#model;
    return { input, output, loss, elementBytes: this.#choice.backend.elementBytes };
  }

  #prepare(where: string, data: DataSet): PreparedData {
    return prepareData(where, data, this.#contract);
  }

  #evaluator(data: PreparedData): Evaluator {
    return new Evaluator(this.#model, this.#choice.backend, data, this.#seed);
  }

  #preparePrediction(x: TensorLike, options: PredictOptions) {
    this.#check();
    checkKeys('predict', options, ['probabilities']);
    const probabilities = checkBoolean('predict.probabilities', options.probabilities ?? false);
    return { ...prepareSamples('predict', x, this.#contract), probabilities };
  }

  async #train(data: PreparedData, plan: FitPlan, validation: PreparedData | undefined): Promise<History> {
    const { optimizer } = plan;
    const before = !plan.restart && this.#weights.optimizer?.type === optimizer.type ? this.#weights.optimizer : undefined;
    const program = compile(trainingGraph(this.#model, data, optimizer, plan.clip), { maximumRows: plan.batchSize });
    const session = this.#choice.backend.open(program, this.#seed);
    const evaluator = validation && this.#evaluator(validation);
    try {
      session.bind({
        columns: [data.x, data.y],
        rows: data.rows,
        batchSize: plan.batchSize,
        shuffle: plan.shuffle,
        stepBase: before?.steps ?? 0,
        epochBase: before?.epochs ?? 0,
      });
      const stepsPerEpoch = Math.ceil(data.rows / plan.batchSize);
      const publish = ({ parameters, state }: Snapshot, iterations: number) => {
        this.#weights.set(parameters);
        const epochs = (before?.epochs ?? 0) + Math.ceil(iterations / stepsPerEpoch);
        this.#weights.optimizer = { type: optimizer.type, values: state, steps: (before?.steps ?? 0) + iterations, epochs };
      };
      const host = {
        publish,
        validate: evaluator && (() => evaluator.evaluate(this.#weights)),
        describe: (label: string) => this.#model.describe(label),
      };
      const parameters = new Map([...this.#weights.shapes.keys()].map((name) => [name, this.#weights.get(name)]));
      return await new Trainer(session, data, plan, host, { parameters, state: before?.values ?? new Map() }).run();
    } finally {
      session.dispose();
      evaluator?.dispose();
    }
  }
}

/** Throws DataError where a parameter holds NaN, infinity or what becomes infinite in the backend's elements. */
function checkParameter(where: string, name: string, values: ArrayLike<number>, { elementBytes }: Backend): void {
  const limit = largestNumber(elementBytes);
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]) <= limit))
      throw new DataError(
        `${where}: expected finite values${elementBytes === 4 ? ' within the range of float32' : ''} in ${name}, got ${values[i]}`,
      );
  }
}
