/** What is behind a network's methods: its parts, what it is doing, and what it lends a fit or a trainer. */
import type { Elements } from './backends/backend.ts';
import type { BackendChoice } from './backends/select.ts';
import { BEGINNING, type Progress } from './clock.ts';
import type { FitRequest } from './common-fit-options.ts';
import { type Described, PREDICTING, type PredictOptions, type Served } from './common-options.ts';
import { type Keeping, type PreparedData, type PreparedSamples, prepareData, prepareSamples } from './data/samples.ts';
import { datasets } from './dataset-services.ts';
import { type HasSource, isDataset } from './datasets/source.ts';
import { type AnyDataSet, Door } from './door.ts';
import { OptionError, StateError } from './errors.ts';
import type { Work } from './event-loop/slices.ts';
import { Evaluator } from './inference/evaluator.ts';
import { Inference } from './inference/inference.ts';
import type { NetworkStatistics } from './inference/tally.ts';
import { type Engine, type EngineSettings, engineOf } from './model/engine.ts';
import type { NetworkModel } from './model/network-model.ts';
import type { Weights } from './model/weights.ts';
import { readOptions } from './options/table.ts';
import type { FileLocation } from './options.ts';
import { type Tensor, tensorOver } from './tensor.ts';
import { type FitTask, NOTHING, runFit, type Services } from './training/fit.ts';
import type { FitSettings } from './training/fit-settings.ts';
import type { History } from './training/reports.ts';
import { StepSessions } from './training/step-sessions.ts';
import { openRun, type StoredRun } from './training/stored-run.ts';

/** What a kind of network can do for a fit besides training it: a page that does not use it does not carry it. */
export interface Offers {
  readonly diagnoser: Services['diagnoser'];
  /** Writes a model file. */
  save(core: NetworkCore, location: FileLocation): Promise<void>;
  /** The bytes of one, with further metadata. */
  toBytes(core: NetworkCore, metadata: Readonly<Record<string, string>> | undefined): Promise<Uint8Array>;
}

/** What a network has besides its description and its backend. */
export type CoreSettings = EngineSettings & Served;

/** The data of a fit that is bound as a whole. Throws OptionError for what only a dataset takes. */
function whole(data: AnyDataSet, { stepsPerEpoch, windowRows }: FitSettings): AnyDataSet {
  const given = Object.entries({ stepsPerEpoch, windowRows }).find(([, value]) => value !== undefined);
  if (given) throw new OptionError(`fit.${given[0]}: expected a dataset, got data in tensors, of which an epoch is a pass over all rows`);
  return data;
}

/** What holds the network, so that it takes no fit and no other. */
interface Held {
  readonly progress: Progress;
}

export class NetworkCore {
  readonly engine: Engine;
  readonly door: Door;
  readonly inference: Inference;
  /** Of its fits. */
  readonly #sessions: StepSessions;
  #state: 'ready' | 'fitting' | 'training' | 'disposed' = 'ready';
  #trainer: Held | undefined;
  /** Those that have ended. */
  readonly #fits = { count: 0, milliseconds: 0 };

  /** With parameters of zero. */
  constructor(
    { model, isNamed }: Described,
    readonly choice: BackendChoice,
    readonly settings: CoreSettings,
    readonly offers: Offers,
  ) {
    this.door = new Door(model, isNamed);
    this.engine = engineOf(model, choice.backend, settings);
    this.inference = new Inference(this.engine, settings.maximumBatch);
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

  async fit(given: AnyDataSet | HasSource, { classWeight, resume, ...request }: FitRequest): Promise<History> {
    this.#state = 'fitting';
    const began = performance.now();
    let run: StoredRun | undefined;
    try {
      const [engine, services, sessions] = [this.engine, this.#services, this.#sessions];
      run = resume === undefined ? undefined : await openRun(engine, resume);
      // Tensors and arrays are read from this turn of the event loop on: their caller may change them in the next one.
      const data = isDataset(given)
        ? await datasets('fit').data(this, given, { settings: request.settings, classWeight, run })
        : this.door.data('fit', whole(given, request.settings), classWeight);
      return data ? await runFit({ engine, data, ...request, services, run, sessions }) : { ...NOTHING };
    } finally {
      run?.dispose();
      this.#state = 'ready';
      this.#fits.count++;
      this.#fits.milliseconds += performance.now() - began;
    }
  }

  /** Counts since the network was made. */
  get statistics(): NetworkStatistics {
    const { count, milliseconds } = this.#fits;
    return {
      predictions: this.inference.tally.predictions,
      training: { steps: this.progress.step, fits: count, seconds: milliseconds / 1000 },
    };
  }

  /** Opens a trainer. Until it says that it has ended, the network takes no other and no fit. */
  async hold<T extends Held>(open: (parts: Pick<FitTask, 'engine' | 'sessions'>, ended: () => void) => Promise<T>): Promise<T> {
    this.#state = 'training';
    const ended = () => {
      this.#trainer = undefined;
      this.#state = 'ready';
    };
    try {
      const trainer = await open({ engine: this.engine, sessions: this.#sessions }, ended);
      this.#trainer = trainer;
      return trainer;
    } catch (error) {
      ended();
      throw error;
    }
  }

  shape(name: string): readonly number[] {
    return this.weights.shapes.get(name) as readonly number[];
  }

  preparing(where: string, data: AnyDataSet): Work<PreparedData> {
    return prepareData(this.door.data(where, data), this.engine);
  }

  preparingPrediction(where: string, x: unknown, options: PredictOptions, keeping: Keeping) {
    this.check();
    const { probabilities } = readOptions(where, PREDICTING, options);
    return { work: prepareSamples(this.door.samples(where, x), this.engine, keeping), probabilities };
  }

  /** As callers get them: one tensor, or one for each output by name, in the numbers of raw targets. */
  predictions({ rows }: PreparedSamples, data: readonly Elements[]): unknown {
    const { heads, preparation } = this.model;
    const tensors = heads.map(({ name, shape }, i): [string, Tensor] => [
      name,
      tensorOver([rows, ...shape], preparation ? preparation.undone(name, data[i]) : data[i]),
    ]);
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
    const { door, offers } = this;
    return {
      evaluator: Evaluator.open,
      diagnoser: offers.diagnoser,
      datasetEvaluator: (where, dataset) => datasets(where).evaluator(this, where, dataset),
      named: (where, data) => door.data(where, data),
      save: (location) => offers.save(this, location),
      toBytes: (metadata) => offers.toBytes(this, metadata),
    };
  }
}
