/** What is behind a network's methods: its parts, what it is doing, and what it lends a fit or a trainer. */
import type { Elements } from './backends/backend.ts';
import type { BackendChoice } from './backends/select.ts';
import { BEGINNING, type Progress } from './clock.ts';
import { type Keeping, type PreparedData, type PreparedSamples, prepareData, prepareSamples } from './data/samples.ts';
import { type AnyDataSet, Door } from './door.ts';
import { StateError } from './errors.ts';
import { slices, type Work } from './event-loop/slices.ts';
import type { FitRequest } from './fit-options.ts';
import { Evaluator } from './inference/evaluator.ts';
import { Inference } from './inference/inference.ts';
import { calibrate } from './inference/quantize.ts';
import { Diagnoser } from './inspection/diagnosis/diagnoser.ts';
import { type Engine, type EngineSettings, engineOf } from './model/engine.ts';
import { saveModel } from './model/model-file.ts';
import type { NetworkModel } from './model/network-model.ts';
import { matchParameters } from './model/parameter-patterns.ts';
import type { Weights } from './model/weights.ts';
import { type Described, PREDICTING, type PredictOptions } from './network-options.ts';
import { readOptions } from './options/table.ts';
import { type Tensor, tensorOver } from './tensor.ts';
import { runFit, type Services } from './training/fit.ts';
import type { History } from './training/reports.ts';
import { StepSessions } from './training/step-sessions.ts';
import { StepTrainer } from './training/step-trainer.ts';
import type { TrainerTask } from './training/trainer-task.ts';

export class NetworkCore {
  readonly engine: Engine;
  readonly door: Door;
  readonly inference: Inference;
  /** Of its fits. */
  readonly #sessions: StepSessions;
  #state: 'ready' | 'fitting' | 'training' | 'disposed' = 'ready';
  #trainer: StepTrainer | undefined;

  /** With parameters of zero. */
  constructor(
    { model, isNamed }: Described,
    readonly choice: BackendChoice,
    settings: EngineSettings,
  ) {
    this.door = new Door(model, isNamed);
    this.engine = engineOf(model, choice.backend, settings);
    this.inference = new Inference(this.engine);
    this.#sessions = new StepSessions(this.engine);
  }

  /** Fills the parameters. Where that fails, the network's memory is freed. */
  async begin(fill: (engine: Engine) => void | Promise<void>): Promise<this> {
    try {
      await fill(this.engine);
      return this;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get model(): NetworkModel {
    return this.engine.model;
  }

  get weights(): Weights {
    return this.engine.weights;
  }

  get progress(): Progress {
    return this.#trainer?.progress ?? this.weights.training?.progress ?? BEGINNING;
  }

  /** Throws StateError where the network is disposed of. */
  check(): void {
    if (this.#state === 'disposed') throw new StateError('this network is disposed');
    this.weights.refresh();
  }

  /** Throws StateError while the network is being trained. */
  checkIdle(where: string, fit = 'fit', advice = ''): void {
    if (this.#state === 'training') throw new StateError(`${where}: expected no trainer of this network to be open; dispose of it first`);
    if (this.#state === 'fitting') throw new StateError(`${where}: expected no ${fit} to be running${advice}`);
    this.check();
  }

  /** Throws StateError for a quantised network, and where it is disposed of. */
  checkTrainable(where: string): void {
    this.check();
    if (this.engine.quantization)
      throw new StateError(
        `${where}: expected a network of floats, got one that is quantised and only predicts: train the network that it was made of, and quantise that again`,
      );
  }

  /** What is behind a network of these weights that multiplies bytes, calibrated on rows. */
  async quantized(x: unknown): Promise<NetworkCore> {
    const { model, seed, weights, products } = this.engine;
    const settings: EngineSettings = { seed, precision: products === 'float32' ? 'float32' : 'bfloat16' };
    const samples = slices.run(prepareSamples(this.door.samples('quantize', x), this.engine, 'copied'));
    // The weights of now: a fit may be running.
    const copy = engineOf(model, this.choice.backend, settings);
    copy.weights.copy(weights);
    try {
      const quantization = await calibrate(copy, await samples);
      const quantized = new NetworkCore({ model, isNamed: this.door.isNamed }, this.choice, { ...settings, quantization });
      return await quantized.begin((engine) => engine.weights.copy(copy.weights));
    } finally {
      copy.weights.dispose();
    }
  }

  async fit(data: AnyDataSet, { classWeight, ...request }: FitRequest): Promise<History> {
    this.#state = 'fitting';
    try {
      const [engine, services, sessions] = [this.engine, this.#services, this.#sessions];
      return await runFit({ engine, data: this.door.data('fit', data, classWeight), ...request, services, sessions });
    } finally {
      this.#state = 'ready';
    }
  }

  /** Until the trainer is disposed of, the network takes no other. */
  async openTrainer(request: Pick<TrainerTask, 'settings' | 'callbacks'>): Promise<StepTrainer> {
    this.#state = 'training';
    const ended = () => {
      this.#trainer = undefined;
      this.#state = 'ready';
    };
    const [engine, sessions, { save }] = [this.engine, this.#sessions, this.#services];
    try {
      this.#trainer = await StepTrainer.open({ ...request, engine, sessions, save, ended });
    } catch (error) {
      ended();
      throw error;
    }
    return this.#trainer;
  }

  shape(name: string): readonly number[] {
    return this.weights.shapes.get(name) as readonly number[];
  }

  /** The names of the parameters that patterns name. Throws OptionError where one names none, StateError while the network is being trained. */
  match(where: string, patterns: readonly string[]): string[] {
    this.checkIdle(where);
    return matchParameters(where, patterns, this.weights.shapes.keys());
  }

  preparing(where: string, data: AnyDataSet): Work<PreparedData> {
    return prepareData(this.door.data(where, data), this.engine);
  }

  preparingPrediction(where: string, x: unknown, options: PredictOptions, keeping: Keeping) {
    this.check();
    const { probabilities } = readOptions(where, PREDICTING, options);
    return { work: prepareSamples(this.door.samples(where, x), this.engine, keeping), probabilities };
  }

  /** As callers get them: one tensor, or one for each output by name. */
  predictions({ rows }: PreparedSamples, data: readonly Elements[]): unknown {
    const tensors = this.model.heads.map(({ name, shape }, i): [string, Tensor] => [name, tensorOver([rows, ...shape], data[i])]);
    return this.door.told(tensors);
  }

  dispose(): void {
    if (this.#state === 'disposed') return;
    this.checkIdle('dispose', 'fit', '; abort it by its signal first');
    this.inference.dispose();
    this.#sessions.dispose();
    this.weights.dispose();
    this.#state = 'disposed';
  }

  /** The services that it lends a fit. */
  get #services(): Services {
    const { door, engine } = this;
    return {
      evaluator: Evaluator.open,
      diagnoser: Diagnoser.open,
      named: (where, data) => door.data(where, data),
      save: (location) => saveModel(engine, door.isNamed, location),
    };
  }
}
