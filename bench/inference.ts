/** W8: time per prediction of so many rows. */
import { dense, Network } from 'chainrule';
import { type BenchSettings, type Measurement, median, round } from './report.ts';
import { INFERENCE } from './workloads.ts';

const RUNS = 5;

export async function measureInference(settings: BenchSettings): Promise<Measurement[]> {
  const [input, ...widths] = INFERENCE.widths;
  const network = await Network.create({
    input: [input],
    layers: widths.map((width, i) => dense(width, { activation: i < widths.length - 1 ? 'relu' : 'identity' })),
    loss: 'softmaxCrossEntropy',
    backend: settings.backend,
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
  });
  const { name, isa, threads } = network.backend;
  const flop = [input, ...widths].slice(1).reduce((total, width, i) => total + 2 * INFERENCE.widths[i] * width, 0);
  const results = INFERENCE.rows.map((rows): Measurement => {
    const x = { shape: [rows, input], data: Float32Array.from({ length: rows * input }, () => Math.random()) };
    const seconds = timePerCall(() => network.predict(x), settings.seconds);
    return {
      workload: 'W8',
      backend: name,
      isa,
      threads,
      size: rows,
      usPerStep: round(seconds * 1e6),
      samplesPerSecond: Math.round(rows / seconds),
      gflops: round((flop * rows) / seconds / 1e9),
    };
  });
  network.dispose();
  return results;
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
