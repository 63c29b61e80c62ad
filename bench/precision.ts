/**
 * Training steps and predictions in bfloat16 beside float32, in turn: the least of the rounds' times, in microseconds.
 *
 *   npm run bench:precision -- [--networks normalized,encoder] [--rows 1,32,256] [--rounds N] [--seconds S] [--threads N]
 */

import { parseArgs } from 'node:util';
import { Prediction } from './inference.ts';
import { NETWORKS } from './networks.ts';
import { type BenchSettings, round } from './report.ts';
import { Training } from './training.ts';
import type { TrainingWorkload } from './workloads.ts';

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'normalized,encoder' },
    rows: { type: 'string', default: '1,32,256' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.5' },
    threads: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const settings: BenchSettings = { backend: 'native', seconds: Number(values.seconds), threads: Number(values.threads), folder: undefined };
const PRECISIONS = ['float32', 'bfloat16'] as const;

interface Timed {
  measure(seconds: number): number | Promise<number>;
  end(): void;
}

/** The least seconds of each, measured in turn. */
async function inTurn(open: (settings: BenchSettings) => Promise<Timed>): Promise<number[]> {
  const sides: Timed[] = [];
  for (const precision of PRECISIONS) sides.push(await open({ ...settings, precision }));
  const least = sides.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < rounds; i++)
    for (const [side, timed] of sides.entries()) least[side] = Math.min(least[side], await timed.measure(settings.seconds));
  for (const side of sides) side.end();
  return least;
}

function print(what: string, [float32, bfloat16]: readonly number[]): void {
  console.log(`${what}: float32 ${round(float32 * 1e6)}, bfloat16 ${round(bfloat16 * 1e6)}, ${(float32 / bfloat16).toFixed(2)} ×`);
}

async function compare(network: TrainingWorkload): Promise<void> {
  print(`${network.id}, a step of ${network.batch}`, await inTurn((own) => Training.open(network, own)));
  for (const rows of values.rows.split(',').map(Number)) {
    const prediction = { id: network.id, of: network, rows };
    print(`${network.id}, predictions of ${rows}`, await inTurn((own) => Prediction.open(prediction, own)));
  }
}

for (const id of values.networks.split(',')) {
  const network = NETWORKS.find((one) => one.id === id);
  if (!network) throw new Error(`expected --networks of ${NETWORKS.map((one) => one.id).join(', ')}, got ${id}`);
  await compare(network);
}
