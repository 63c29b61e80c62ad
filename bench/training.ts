/** Time per training step, everything in it: gathering the mini-batch, forward, loss, backward, update. */
import { type BackendReport, Network, type Tensor } from 'chainrule';
import { imageFolder } from './images.ts';
import { type BenchSettings, type Measurement, median, round } from './report.ts';
import type { TrainingWorkload } from './workloads.ts';

const RUNS = 5;
/** So that compiling and growing caches are not counted. */
const WARM_UP_SECONDS = 0.3;
/** How many losses of first steps peers are compared by. */
export const FIRST_STEPS = 3;

export async function measureTraining(workload: TrainingWorkload, settings: BenchSettings): Promise<Measurement> {
  const training = await Training.open(workload, settings);
  await training.measure(WARM_UP_SECONDS);
  const step = await training.measure(settings.seconds);
  const { name, isa, threads } = training.backend;
  training.end();
  return {
    workload: workload.id,
    backend: name,
    isa,
    threads,
    usPerStep: round(step * 1e6),
    samplesPerSecond: Math.round(workload.batch / step),
    gflops: workload.flop && round(workload.flop / step / 1e9),
  };
}

export type Data = Awaited<ReturnType<TrainingWorkload['data']>>;

/** A network in training, whose steps can be timed again and again. Every time it begins with the weights that it was made with. */
export class Training {
  readonly data: Data;
  readonly initial: ReadonlyMap<string, Tensor>;
  readonly backend: BackendReport;
  readonly #network: Network;
  readonly #workload: TrainingWorkload;
  #preparation = 0;

  private constructor(network: Network, workload: TrainingWorkload, data: Data) {
    this.#network = network;
    this.#workload = workload;
    this.data = data;
    this.initial = network.parameters();
    this.backend = network.backend;
  }

  static async open(workload: TrainingWorkload, settings: BenchSettings): Promise<Training> {
    const network = await Network.create({
      input: workload.input,
      layers: workload.layers(),
      loss: workload.loss,
      backend: settings.backend,
      ...(settings.threads === undefined ? {} : { threads: settings.threads }),
      precision: settings.precision,
    });
    const data = await workload.data(workload.id === 'W3' ? '' : imageFolder(settings.folder));
    const training = new Training(network, workload, data);
    training.#preparation = await training.#secondsToPrepare();
    return training;
  }

  /** The losses of the first steps, on the data's mini-batches in their order. */
  async firstLosses(): Promise<number[]> {
    this.#restart();
    const losses: number[] = [];
    const controller = new AbortController();
    const onStep = ({ loss }: { loss: number }) => {
      losses.push(loss);
      if (losses.length === FIRST_STEPS) controller.abort();
    };
    await this.#network.fit(this.data, { ...this.#options(controller), shuffle: false, onStep });
    return losses;
  }

  /** The median over several runs of the mean seconds of a step, `seconds` in all. */
  async measure(seconds: number): Promise<number> {
    this.#restart();
    const figures: number[] = [];
    for (let run = 0; run < RUNS; run++) figures.push(await this.#secondsPerStep(this.#preparation + seconds / RUNS));
    return median(figures);
  }

  end(): void {
    this.#network.dispose();
  }

  #restart(): void {
    this.#network.setParameters(this.initial);
  }

  #options({ signal }: AbortController) {
    const { batch, optimizer, shuffle } = this.#workload;
    return { epochs: 10_000_000, batchSize: batch, optimizer, shuffle, signal, restart: true };
  }

  /** What a fit takes before its first step: it checks and copies the data, and compiles the step. */
  async #secondsToPrepare(): Promise<number> {
    const controller = new AbortController();
    const began = performance.now();
    const history = await this.#network.fit(this.data, { ...this.#options(controller), onStep: () => controller.abort() });
    return (performance.now() - began) / 1000 - history.seconds;
  }

  /** Trains as a user would, and stops so long after the call; the time of the steps alone counts. */
  async #secondsPerStep(seconds: number): Promise<number> {
    const controller = new AbortController();
    const fit = this.#network.fit(this.data, this.#options(controller));
    setTimeout(() => controller.abort(), seconds * 1000);
    const { seconds: taken, losses } = await fit;
    // Prepared in a slow moment, it has made no step.
    return losses.length > 0 ? taken / losses.length : this.#secondsPerStep(2 * seconds);
  }
}
