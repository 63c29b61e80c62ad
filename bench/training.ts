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
  const preparation = await secondsToPrepare(network, workload, data);
  const train = (seconds: number) => secondsPerStep(network, workload, data, preparation + seconds);
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

type Data = Awaited<ReturnType<TrainingWorkload['data']>>;

function options({ batch, optimizer, shuffle }: TrainingWorkload, { signal }: AbortController) {
  return { epochs: 10_000_000, batchSize: batch, optimizer, shuffle, signal, restart: true };
}

/** What a fit takes before its first step: it checks and copies the data, and compiles the step. */
async function secondsToPrepare(network: Network, workload: TrainingWorkload, data: Data): Promise<number> {
  const controller = new AbortController();
  const began = performance.now();
  const history = await network.fit(data, { ...options(workload, controller), onStep: () => controller.abort() });
  return (performance.now() - began) / 1000 - history.seconds;
}

/** Trains as a user would, and stops so long after the call; the time of the steps alone counts. */
async function secondsPerStep(network: Network, workload: TrainingWorkload, data: Data, seconds: number): Promise<number> {
  const controller = new AbortController();
  const training = network.fit(data, options(workload, controller));
  setTimeout(() => controller.abort(), seconds * 1000);
  const { seconds: taken, losses } = await training;
  // Prepared in a slow moment, it has made no step.
  return losses.length > 0 ? taken / losses.length : secondsPerStep(network, workload, data, 2 * seconds);
}
