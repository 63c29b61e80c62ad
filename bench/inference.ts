/** Time per prediction of so many rows. */
import { type BackendReport, Network, type Tensor } from 'chainrule';
import { imageFolder } from './images.ts';
import { type BenchSettings, type Measurement, median, round } from './report.ts';
import type { PredictionWorkload } from './workloads.ts';

const RUNS = 5;

function firstRows({ shape: [count, ...sample], data }: Tensor, rows: number): Tensor {
  return { shape: [rows, ...sample], data: data.slice(0, (rows * data.length) / count) };
}

export async function measureInference(workload: PredictionWorkload, settings: BenchSettings): Promise<Measurement> {
  const prediction = await Prediction.open(workload, settings);
  const seconds = prediction.measure(settings.seconds);
  const { name, isa, threads } = prediction.backend;
  prediction.end();
  const { rows, flop } = workload;
  return {
    workload: workload.id,
    backend: name,
    isa,
    threads,
    size: rows,
    usPerStep: round(seconds * 1e6),
    samplesPerSecond: Math.round(rows / seconds),
    gflops: flop && round(flop / seconds / 1e9),
  };
}

/** A network with rows to predict. */
export class Prediction {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly x: Tensor;
  readonly backend: BackendReport;
  readonly #network: Network;

  private constructor(network: Network, x: Tensor) {
    this.weights = network.parameters();
    this.backend = network.backend;
    this.#network = network;
    this.x = x;
  }

  static async open({ of, rows }: PredictionWorkload, settings: BenchSettings): Promise<Prediction> {
    const network = await Network.create({
      input: of.input,
      layers: of.layers(),
      loss: of.loss,
      backend: settings.backend,
      ...(settings.threads === undefined ? {} : { threads: settings.threads }),
      precision: settings.precision,
    });
    const { x } = await of.data(imageFolder(settings.folder));
    return new Prediction(network, firstRows(x, rows));
  }

  /** What is predicted for the first row. */
  outputs(): number[] {
    const { shape, data } = this.#network.predict(this.x);
    return [...data.subarray(0, data.length / shape[0])];
  }

  measure(seconds: number): number {
    return timePerCall(() => this.#network.predict(this.x), seconds);
  }

  end(): void {
    this.#network.dispose();
  }
}

/** The median over several runs of the mean over a run. */
export function timePerCall(call: () => void, seconds: number): number {
  for (let i = 0; i < 20; i++) call();
  const figures = Array.from({ length: RUNS }, () => {
    const began = performance.now();
    let calls = 0;
    while (performance.now() - began < (seconds * 1000) / RUNS) {
      call();
      calls++;
    }
    return (performance.now() - began) / 1000 / calls;
  });
  return median(figures);
}
