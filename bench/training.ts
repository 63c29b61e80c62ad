/** Time per training step, everything in it: gathering the mini-batch, forward, loss, backward, update. */
import { Network } from 'chainrule';
import { imageFolder } from './images.ts';
import { type BenchSettings, type Measurement, median, round } from './report.ts';
import type { TrainingWorkload } from './workloads.ts';

const RUNS = 5;
/** So that compiling and growing caches are not counted. */
const WARM_UP_SECONDS = 0.3;

export async function measureTraining(workload: TrainingWorkload, settings: BenchSettings): Promise<Measurement> {
  const network = await Network.create({
    input: workload.input,
    layers: workload.layers(),
    loss: workload.loss,
    backend: settings.backend,
    ...(settings.threads === undefined ? {} : { threads: settings.threads }),
  });
  const data = await workload.data(workload.id === 'W3' ? '' : imageFolder(settings.folder));
  const train = (seconds: number) => secondsPerStep(network, workload, data, seconds);
  await train(WARM_UP_SECONDS);
  const figures: number[] = [];
  for (let run = 0; run < RUNS; run++) figures.push(await train(settings.seconds / RUNS));
  const step = median(figures);
  const { name, isa, threads } = network.backend;
  network.dispose();
  return {
    workload: workload.id,
    backend: name,
    isa,
    threads,
    usPerStep: round(step * 1e6),
    samplesPerSecond: Math.round(workload.batch / step),
    gflops: round(workload.flop / step / 1e9),
  };
}

/** Trains for that long, as a user would. */
async function secondsPerStep(
  network: Network,
  workload: TrainingWorkload,
  data: Awaited<ReturnType<TrainingWorkload['data']>>,
  seconds: number,
): Promise<number> {
  const controller = new AbortController();
  // The call returns once the data is prepared and copied: from there on the time counts.
  const training = network.fit(data, {
    epochs: 10_000_000,
    batchSize: workload.batch,
    optimizer: workload.optimizer,
    shuffle: workload.shuffle,
    signal: controller.signal,
    restart: true,
  });
  setTimeout(() => controller.abort(), seconds * 1000);
  const history = await training;
  return history.seconds / history.losses.length;
}
