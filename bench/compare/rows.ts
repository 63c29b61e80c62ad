/** The rows of the comparison: what is measured, and the sides that measure it. */

import { gemmBackend, openGemm } from '../gemm.ts';
import { Prediction, timePerCall } from '../inference.ts';
import { ALL, PREDICTIONS } from '../networks.ts';
import type { BenchSettings } from '../report.ts';
import { Training } from '../training.ts';
import { GEMM_SIZES, INFERENCE, type PredictionWorkload, type TrainingWorkload } from '../workloads.ts';
import { writePrediction, writeTraining } from './exchange.ts';
import type { Columns, Peers } from './peers.ts';
import type { Side } from './side.ts';

/** chainrule, opened, and the commands of its peers. */
export interface Opened {
  readonly own: Side;
  readonly peers: Columns;
}

export interface Row {
  readonly name: string;
  readonly description: string;
  /** Opens chainrule's side, and writes what the peers need to the file. */
  open(file: string, settings: BenchSettings, peers: Peers): Promise<Opened>;
}

const total = (weights: ReadonlyMap<string, { data: { length: number } }>) =>
  [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);

const nameOf = ({ name, isa, threads }: { name: string; isa: string; threads: number }) =>
  `chainrule ${name} (${isa}), ${threads} thread${threads === 1 ? '' : 's'}`;

function trainingRow(workload: TrainingWorkload): Row {
  return {
    name: workload.id,
    description: `${workload.description}; batch ${workload.batch}, ${workload.optimizer.type}`,
    async open(file, settings, peers) {
      const training = await Training.open(workload, settings);
      writeTraining(file, workload, training);
      const introduction = { peer: nameOf(training.backend), numbers: total(training.initial), values: await training.firstLosses() };
      const own = { introduction, measure: (seconds: number) => training.measure(seconds), end: () => training.end() };
      return { own, peers: peers.training(workload.id, file) };
    },
  };
}

function predictionRow(workload: PredictionWorkload): Row {
  const { id, of, rows } = workload;
  return {
    name: id === 'W8' ? `W8-${rows}` : id,
    description: `prediction of ${rows} row${rows === 1 ? '' : 's'}: ${of.description}`,
    async open(file, settings, peers) {
      const prediction = await Prediction.open(workload, settings);
      writePrediction(file, of, prediction);
      const introduction = { peer: nameOf(prediction.backend), numbers: total(prediction.weights), values: prediction.outputs() };
      const own = { introduction, measure: async (seconds: number) => prediction.measure(seconds), end: () => prediction.end() };
      return { own, peers: peers.prediction(file) };
    },
  };
}

function productRow(n: number): Row {
  return {
    name: `GEMM-${n}`,
    description: `C = A·B, ${n} × ${n}`,
    async open(_, settings, peers) {
      const backend = await gemmBackend(settings);
      const { run, end } = openGemm(n, backend);
      const introduction = { peer: nameOf(backend), numbers: 2 * n * n, values: [] };
      return { own: { introduction, measure: async (seconds: number) => timePerCall(run, seconds), end }, peers: peers.product(n) };
    },
  };
}

export const ROWS: readonly Row[] = [
  ...ALL.map(trainingRow),
  ...[...PREDICTIONS, ...INFERENCE].map(predictionRow),
  ...GEMM_SIZES.map(productRow),
];

/** The rows of these names: `W8` and `GEMM` stand for all of theirs, no names for all rows. Throws for a name that no row has. */
export function rowsNamed(names: readonly string[]): readonly Row[] {
  const isMeant = (row: Row, name: string) => row.name === name || row.name.startsWith(`${name}-`);
  const unknown = names.filter((name) => !ROWS.some((row) => isMeant(row, name)));
  if (unknown.length > 0) throw new Error(`expected names of ${ROWS.map(({ name }) => name).join(', ')}, got ${unknown.join(', ')}`);
  return names.length === 0 ? ROWS : ROWS.filter((row) => names.some((name) => isMeant(row, name)));
}
