/** Measures one training step of a network, again and again while its weights change, on copies in a separate session. */
import type { DataColumn, Elements, Session } from '../../backends/backend.ts';
import { compiling } from '../../compiler/compile.ts';
import { columnsOf, type PreparedData, tasksOf } from '../../data/samples.ts';
import type { Work } from '../../event-loop/slices.ts';
import type { Engine } from '../../model/engine.ts';
import { learningRateInput, type StepSettings } from '../../model/graphs.ts';
import type { TrainingState } from '../../model/training-state.ts';
import { averageState } from '../../optimizers/average.ts';
import { PURPOSE, permutation, RandomStream } from '../../random/philox.ts';
import type { Diagnosis } from '../../training/diagnosis-report.ts';
import { diagnosisGraph } from './graph.ts';
import type { Reading } from './meter.ts';

export interface DiagnoserSettings extends StepSettings {
  readonly batchSize: number;
  /** Whether the mini-batch is drawn, or the first rows. */
  readonly shuffle: boolean;
}

export class Diagnoser {
  private constructor(
    readonly engine: Engine,
    readonly data: PreparedData,
    readonly settings: DiagnoserSettings,
    readonly session: Session,
    readonly read: Reading<Diagnosis>,
  ) {}

  /** Compiles the step with its measurements, in slices. */
  static *open(engine: Engine, data: PreparedData, settings: DiagnoserSettings): Work<Diagnoser> {
    const { model, backend, seed, products } = engine;
    const { graph, read } = diagnosisGraph(model, tasksOf(data), settings);
    yield;
    const program = yield* compiling(graph, { maximumRows: settings.batchSize, products });
    return new Diagnoser(engine, data, settings, backend.open(program, seed), read);
  }

  /** The step that these weights and this state would take next, on the mini-batch that an epoch begins with; each group at its rate. */
  async diagnose(state: TrainingState | undefined, rates: readonly number[]): Promise<Diagnosis> {
    const { session } = this;
    const { weights } = this.engine;
    const { program } = session;
    const { batchSize: rows } = this.settings;
    const epoch = state?.progress.epoch ?? 0;
    session.bind({ columns: this.#batch(epoch), rows, batchSize: rows, shuffle: false });
    const { memory } = weights;
    // Of averaged weights, those that the step would be taken from.
    const trained = (name: string) => (this.settings.ema === undefined ? undefined : state?.values.get(averageState(name)));
    const writeParameters = () => {
      const values = weights.views(memory);
      for (const [name, slot] of program.parameters) session.write(slot, trained(name) ?? (values.get(name) as Elements));
    };
    writeParameters();
    for (const [name, slot] of program.state) {
      const values = state?.values.get(name);
      if (values) session.write(slot, values);
    }
    rates.forEach((rate, group) => {
      const slot = program.inputs.get(learningRateInput(group));
      if (slot) session.write(slot, [rate]);
    });
    const run = { rows, clock: { epoch: epoch * Math.ceil(this.data.rows / rows), batch: 0 } };
    await session.run(run);
    const measured = new Map<string, number>();
    for (const [name, slot] of program.outputs) measured.set(name, (await session.read(slot, 1))[0]);
    const allFinite = [...measured.values()].every(Number.isFinite);
    if (!allFinite) writeParameters();
    const stray = allFinite ? undefined : (await session.firstNonFinite([run]))?.stray;
    return this.read({ rows, scalar: (name) => measured.get(name) as number, strayIndex: () => stray });
  }

  dispose(): void {
    this.session.dispose();
  }

  /** The chosen rows alone: a session holds a copy of its data. */
  #batch(epoch: number): DataColumn[] {
    const { batchSize, shuffle } = this.settings;
    const order = new Int32Array(this.data.rows);
    for (let i = 0; i < order.length; i++) order[i] = i;
    if (shuffle) permutation(order, new RandomStream(this.engine.seed, PURPOSE.shuffle, 0, epoch));
    return columnsOf(this.data).map(({ data, width }) => {
      const picked = data.slice(0, batchSize * width);
      for (let i = 0; i < batchSize; i++) picked.set(data.subarray(order[i] * width, (order[i] + 1) * width), i * width);
      return { data: picked, width };
    });
  }
}
