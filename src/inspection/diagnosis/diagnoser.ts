/** Measures one training step of a network, again and again while its weights change, on copies in a separate session. */
import type { DataColumn, Session } from '../../backends/backend.ts';
import { writeSlots } from '../../backends/slots.ts';
import { compiling } from '../../compiler/compile.ts';
import { columnsOf, type PreparedData } from '../../data/samples.ts';
import type { Work } from '../../event-loop/slices.ts';
import type { Engine } from '../../model/engine.ts';
import { learningRateInput, type StepSettings } from '../../model/graphs.ts';
import type { TrainingState } from '../../model/training-state.ts';
import type { Slot } from '../../program/format.ts';
import { PURPOSE, permutation, RandomStream } from '../../random/philox.ts';
import type { Diagnosis } from '../../training/diagnosis-report.ts';
import { firstNonFinite } from '../../training/divergence.ts';
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
    const { model, backend, seed } = engine;
    const { graph, read } = diagnosisGraph(model, data.targets, settings);
    yield;
    const program = yield* compiling(graph, { maximumRows: settings.batchSize });
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
    writeSlots(session, program.parameters, weights.views(memory));
    writeSlots(session, program.state, state?.values ?? new Map());
    rates.forEach((rate, group) => {
      const slot = program.inputs.get(learningRateInput(group));
      if (slot) session.write(slot.offset, [rate]);
    });
    const request = {
      from: 0,
      to: program.code.length,
      repeats: 1,
      clock: { epoch: epoch * Math.ceil(this.data.rows / rows), batch: 0 },
      rows,
    };
    await session.runAsync(request);
    return this.read({
      rows,
      scalar: (name) => session.read((program.outputs.get(name) as Slot).offset, 1)[0],
      strayIndex: () => {
        writeSlots(session, program.parameters, weights.views(memory));
        return firstNonFinite(session, [request])?.stray;
      },
    });
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
