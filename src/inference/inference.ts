/** Sessions for predictions and gradients, kept between calls and remade when a larger batch comes. */
import type { DataColumn, Elements, RunRequest, Session } from '../backends/backend.ts';
import { compile, compilePrepared, type PreparedProgram } from '../compiler/compile.ts';
import { gradientSlot } from '../compiler/encode.ts';
import type { PreparedData, PreparedSamples } from '../data/samples.ts';
import { BackendError, ShapeError, StateError } from '../errors.ts';
import { Pace } from '../event-loop/pace.ts';
import { slices } from '../event-loop/slices.ts';
import type { Engine } from '../model/engine.ts';
import { gradientGraph, predictionGraph, targetInput } from '../model/graphs.ts';
import { count } from '../ops/shape.ts';
import type { Slot } from '../program/format.ts';
import { PreparedSession } from './prepared-session.ts';

/** Predictions of more rows than this are made in pieces. */
const LARGEST_BATCH = 256;
/** Batches of this many rows or fewer have a separate session: threads divide them otherwise. */
const FEW_ROWS = 32;

interface Opened {
  readonly prepared: PreparedSession;
  readonly session: Session;
  readonly maximumRows: number;
  /** A key for further properties of its program. */
  readonly variant: string;
  /** The time of its runs, by rows. */
  readonly pace: Pace;
}

export class Inference {
  readonly #opened = new Map<string, Opened>();
  /** Predictions off the caller's thread wait for one another. */
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(readonly engine: Engine) {}

  /** The predictions of each head, in their order. */
  predict({ inputs, rows }: PreparedSamples, probabilities: boolean): Elements[] {
    const { session } = this.#predictor('predict', rows, probabilities);
    if (rows <= LARGEST_BATCH) {
      this.#runPiece(session, inputs, 0, rows);
      return this.#outputs(session, rows);
    }
    const results = this.#results(rows);
    for (const [start, end] of pieces(rows)) {
      this.#runPiece(session, inputs, start, end);
      this.#collect(session, results, start, end);
    }
    return results;
  }

  /** Takes its turn in the queue now, though the samples may be ready later. Nobody else uses them. */
  predictAsync(samples: Promise<PreparedSamples>, probabilities: boolean): Promise<Elements[]> {
    // An error of the samples is thrown when their turn comes.
    samples.catch(() => undefined);
    const turn = this.#queue.then(() => samples).then((ready) => this.#predictInTurn(ready, probabilities));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #predictInTurn({ inputs, rows }: PreparedSamples, probabilities: boolean): Promise<Elements[]> {
    this.#checkOpen();
    const release = this.engine.weights.hold();
    try {
      return await this.#predictPieces({ inputs, rows }, probabilities);
    } finally {
      release();
    }
  }

  async #predictPieces({ inputs, rows }: PreparedSamples, probabilities: boolean): Promise<Elements[]> {
    const results = this.#results(rows);
    const { session, pace } = this.#predictor('predictAsync', rows, probabilities);
    for (const [start, end] of pieces(rows)) {
      const began = performance.now();
      this.#writeInputs(session, inputs, start, end);
      const request = whole(session, end - start);
      await (pace.isShort(end - start) ? session.run(request) : session.runAsync(request));
      this.#checkOpen();
      this.#collect(session, results, start, end);
      pace.measured(end - start, performance.now() - began);
      await slices.breathe();
      this.#checkOpen();
    }
    return results;
  }

  /** The mean loss, and the gradients of all parameters that can be trained. */
  gradients({ inputs, targets, rows }: PreparedData): { loss: number; gradients: Map<string, Elements> } {
    const forms = targets.map(({ form }) => form);
    const { model, weights } = this.engine;
    const { frozen } = weights;
    const { layout } = model;
    const program = (maximumRows: number) => ({ program: compile(gradientGraph(model, forms, frozen), { maximumRows, layout }) });
    const { session } = this.#open(`gradients ${forms.join()}`, rows, program, [...frozen].join());
    this.#writeInputs(session, inputs, 0, rows);
    model.heads.forEach(({ name }, i) => {
      session.write(input(session, targetInput(name)).offset, targets[i].column.data);
    });
    session.run(whole(session, rows));
    const { outputs } = session.program;
    const gradients = new Map<string, Elements>();
    for (const name of weights.shapes.keys()) {
      const slot = outputs.get(gradientSlot(name));
      if (slot) gradients.set(name, session.read(slot.offset, weights.get(name).length));
    }
    return { loss: session.read((outputs.get('loss') as Slot).offset, 1)[0], gradients };
  }

  dispose(): void {
    this.#disposed = true;
    for (const { prepared } of this.#opened.values()) prepared.dispose();
    this.#opened.clear();
  }

  #checkOpen(): void {
    if (this.#disposed) throw new StateError('this network is disposed');
  }

  /** One session for all pieces, so that all are predicted with the same weights. */
  #predictor(kind: string, rows: number, probabilities: boolean): Opened {
    const { model } = this.engine;
    const largest = Math.min(rows, LARGEST_BATCH);
    const size = rows <= FEW_ROWS ? 'few' : 'many';
    return this.#open(`${kind} ${probabilities} ${size}`, largest, (maximumRows) =>
      compilePrepared(predictionGraph(model, probabilities), { maximumRows, layout: model.layout }),
    );
  }

  /** A lone input is read where it lies, if that is worth it to the session. */
  #runPiece(session: Session, inputs: readonly DataColumn[], start: number, end: number): void {
    const [name, ...others] = this.engine.model.inputs.keys();
    const request = whole(session, end - start);
    if (others.length === 0) {
      session.run(request, { offset: input(session, name).offset, values: rowsOf(inputs[0], start, end) });
    } else {
      this.#writeInputs(session, inputs, start, end);
      session.run(request);
    }
  }

  #writeInputs(session: Session, inputs: readonly DataColumn[], start: number, end: number): void {
    [...this.engine.model.inputs.keys()].forEach((name, i) => {
      session.write(input(session, name).offset, rowsOf(inputs[i], start, end));
    });
  }

  #results(rows: number): Elements[] {
    const { model, backend } = this.engine;
    return model.heads.map(({ shape }) => backend.allocate(rows * count(shape)));
  }

  /** The heads' predictions of the first rows. */
  #outputs(session: Session, rows: number): Elements[] {
    return this.engine.model.heads.map(({ name, shape }) =>
      session.read((session.program.outputs.get(name) as Slot).offset, rows * count(shape)),
    );
  }

  #collect(session: Session, results: readonly Elements[], start: number, end: number): void {
    this.#outputs(session, end - start).forEach((part, i) => {
      results[i].set(part, start * count(this.engine.model.heads[i].shape));
    });
  }

  /** A session for at least that many rows, with the weights as they are now. */
  #open(kind: string, rows: number, programFor: (maximumRows: number) => PreparedProgram, variant = ''): Opened {
    let opened = this.#opened.get(kind);
    if (!opened || opened.maximumRows < rows || opened.variant !== variant) {
      const { prepared, maximumRows } = this.#prepare(rows, programFor);
      opened?.prepared.dispose();
      opened = { prepared, session: prepared.session, maximumRows, variant, pace: new Pace() };
      this.#opened.set(kind, opened);
    }
    opened.prepared.load();
    return opened;
  }

  /** For a power of two of rows, so that a few more rows need no other session; for exactly `rows` where memory is too short. */
  #prepare(rows: number, programFor: (maximumRows: number) => PreparedProgram): { prepared: PreparedSession; maximumRows: number } {
    const open = (maximumRows: number) => ({
      prepared: new PreparedSession(this.engine, programFor(maximumRows)),
      maximumRows,
    });
    const roomy = 2 ** Math.ceil(Math.log2(rows));
    try {
      return open(roomy);
    } catch (error) {
      if (!(error instanceof BackendError || error instanceof ShapeError) || roomy === rows) throw error;
      return open(rows);
    }
  }
}

const rowsOf = ({ data, width }: DataColumn, start: number, end: number) => data.subarray(start * width, end * width);

const input = (session: Session, name: string) => session.program.inputs.get(name) as Slot;

const whole = (session: Session, rows: number): RunRequest => ({
  from: 0,
  to: session.program.code.length,
  repeats: 1,
  rows,
});

/** [start, end) of each piece of LARGEST_BATCH rows at most. */
function* pieces(rows: number): Generator<[number, number]> {
  for (let start = 0; start < rows; start += LARGEST_BATCH) yield [start, Math.min(start + LARGEST_BATCH, rows)];
}
