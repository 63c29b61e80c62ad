/** `chainrule train`. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  checkpoint,
  DataError,
  DivergedError,
  formatDiagnosis,
  MonitorError,
  Network,
  type ProgressStream,
  progressBar,
} from '../index.node.ts';
import { whatIs } from './found.ts';
import { type Job, planJob, type TrainFlags } from './job.ts';
import { formatBackend, formatEvaluation } from './report.ts';

/** The exit codes of processes that these signals ended. Ctrl-C sends SIGINT. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type Ending = keyof typeof EXIT_CODES;

/**
 * Trains, reports, saves. Returns the exit code; throws the library's errors. Where the fit ended by one and left the network with good weights,
 * they are saved.
 */
export async function train(source: string, flags: TrainFlags, output: ProgressStream): Promise<number> {
  if (flags.out !== undefined) await checkWritable(flags.out);
  const job = planJob(source, flags);
  const network = await Network.create(job.network);
  try {
    output.write(`${source}: ${job.data.train.y.length} training samples, ${job.data.test.y.length} test samples\n${network.summary()}\n`);
    const save = async () => {
      if (flags.out === undefined) return;
      await network.save(flags.out);
      output.write(`saved ${flags.out}\n`);
    };
    const ending = await fit(network, job, output, flags.checkpoints).catch(async (error: unknown) => {
      if (error instanceof DivergedError || error instanceof MonitorError) await save();
      throw error;
    });
    if (!ending) output.write(`${formatEvaluation(await network.evaluate(job.data.test))}\n`);
    if (flags.diagnose && !ending) {
      const { batchSize, optimizer, clip } = job.fit;
      output.write(`\n${formatDiagnosis(await network.diagnose(job.data.train, { batchSize, optimizer, clip }))}\n\n`);
    }
    await save();
    output.write(`${formatBackend(network.backend)}\n`);
    return ending ? EXIT_CODES[ending] : 0;
  } finally {
    network.dispose();
  }
}

/**
 * Returns the signal that ended it; a second one ends the process at once. With a folder of checkpoints the fit goes on from the newest, and
 * SIGTERM ends it too, which writes one.
 */
async function fit(network: Network, { data, fit }: Job, output: ProgressStream, folder: string | undefined): Promise<Ending | undefined> {
  const controller = new AbortController();
  let ending: Ending | undefined;
  const interrupt = (signal: Ending) => {
    ending = signal;
    controller.abort();
  };
  const signals: Ending[] = folder === undefined ? ['SIGINT'] : ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.once(signal, interrupt);
  try {
    const callbacks = [progressBar({ stream: output }), ...(folder === undefined ? [] : [checkpoint({ folder })])];
    const watched = { validation: data.test, signal: controller.signal, callbacks, resume: folder };
    const { aborted, losses } = await network.fit(data.train, { ...fit, ...watched });
    if (aborted) output.write(`stopped after ${losses.length} steps\n`);
    return aborted ? ending : undefined;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

/** Before training, not after it. */
async function checkWritable(path: string): Promise<void> {
  const { kind, words } = whatIs(path);
  if (kind.endsWith('folder') || kind === 'stream')
    throw new DataError(`--out: expected the path of a file, got ${path}, which is ${words}`);
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
  } catch {
    throw new DataError(`--out: expected a folder that can be written to, got ${folder}`);
  }
}
