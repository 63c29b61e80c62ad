/** Sessions for predictions and gradients, kept between calls and remade when a larger batch comes. */
import { atOnce } from '../backends/at-once.ts';
import type { Backend, DataColumn, Elements, Session, SessionNow } from '../backends/backend.ts';
import { compile, compilePrepared, type PreparedProgram } from '../compiler/compile.ts';
import { gradientSlot } from '../compiler/encode.ts';
import { headInputs, type PreparedData, type PreparedSamples, tasksOf } from '../data/samples.ts';
import { BackendError, ShapeError, StateError } from '../errors.ts';
import { Pace } from '../event-loop/pace.ts';
import { slices } from '../event-loop/slices.ts';
import type { Engine } from '../model/engine.ts';
import { gradientGraph, predictionGraph } from '../model/graphs.ts';
import { count } from '../ops/shape.ts';
import type { Slot } from '../program/format.ts';
import { PreparedSession } from './prepared-session.ts';
import { LARGEST_BATCH, Requests } from './requests.ts';
import { Tally } from './tally.ts';
import { backendForBatches } from './together.ts';

/** Batches of this many rows or fewer have a separate session: threads divide them otherwise. */
const FEW_ROWS = 32;

interface Opened {
  readonly prepared: PreparedSession;
  readonly session: Session;
  /** In the network's order. */
  readonly inputs: readonly Slot[];
  /** In the order of the heads, with the elements of a row; none where gradients are computed. */
  readonly outputs: readonly { readonly slot: Slot; readonly width: number }[];
  readonly maximumRows: number;
  /** A key for further properties of its program. */
  readonly variant: string;
  /** The time of its runs, by rows. */
  readonly pace: Pace;
}

export class Inference {
  readonly #opened = new Map<string, Opened>();
  /** Predictions off the caller's thread. */
  readonly #requests = new Requests(this);
  readonly tally = new Tally();
  /** The backend of batches of several requests; null where each is computed alone. Undefined before the first one. */
  #forBatches: Backend | null | undefined;
  #disposed = false;

  /** @param maximumBatch The most rows of several requests that are computed together. */
  constructor(
    readonly engine: Engine,
    readonly maximumBatch: number,
  ) {}

  get together(): number {
    if (this.maximumBatch > 1 && this.#forBatches === undefined) this.#forBatches = backendForBatches(this.engine) ?? null;
    return this.#forBatches ? this.maximumBatch : 1;
  }

  /** The predictions of each head, in their order. */
  predict(samples: PreparedSamples, probabilities: boolean): Elements[] {
    const began = performance.now();
    const results = this.#predict(samples, probabilities);
    this.tally.answered(1, samples.rows, Math.ceil(samples.rows / LARGEST_BATCH), performance.now() - began);
    return results;
  }

  #predict({ inputs, rows }: PreparedSamples, probabilities: boolean): Elements[] {
    const opened = this.#predictor('predict', rows, probabilities);
    const now = atOnce(opened.session, 'predict', 'predictAsync awaits it');
    opened.prepared.loadNow();
    if (rows <= LARGEST_BATCH) return this.#predictPiece(opened, now, inputs, 0, rows);
    const results = this.#results(rows);
    for (const [start, end] of pieces(rows)) collect(opened, results, this.#predictPiece(opened, now, inputs, start, end), start);
    return results;
  }

  #predictPiece(opened: Opened, now: SessionNow, inputs: readonly DataColumn[], start: number, end: number): Elements[] {
    this.#runPiece(opened, now, inputs, start, end);
    return opened.outputs.map(({ slot, width }) => now.read(slot, (end - start) * width));
  }

  /** Takes its turn now, though the samples may be ready later. Nobody else uses them. */
  predictAsync(samples: Promise<PreparedSamples>, probabilities: boolean): Promise<Elements[]> {
    return this.#requests.add(samples, probabilities);
  }

  /** The predictions of each head, for each of the requests, all with the weights of now. */
  async answer(batch: readonly PreparedSamples[], probabilities: boolean): Promise<readonly Elements[][]> {
    this.#checkOpen();
    this.engine.weights.refresh();
    const release = this.engine.weights.hold();
    try {
      const rows = batch.reduce((sum, one) => sum + one.rows, 0);
      const results = await this.#predictPieces(batch, rows, probabilities);
      return batch.length === 1 ? [results] : this.#divide(batch, results);
    } finally {
      release();
    }
  }

  /** Of several requests there is one piece. */
  async #predictPieces(batch: readonly PreparedSamples[], rows: number, probabilities: boolean): Promise<Elements[]> {
    const results = this.#results(rows);
    const opened = this.#predictor('predictAsync', rows, probabilities, rows <= this.together ? this.#forBatches : undefined);
    const { session, outputs, pace } = opened;
    const { now } = session;
    // Awaiting what is there takes a tenth of the time of a small prediction.
    if (now) opened.prepared.loadNow();
    else await opened.prepared.load();
    let milliseconds = 0;
    for (const [start, end] of pieces(rows)) {
      const began = performance.now();
      if (batch.length === 1) writeInputs(opened, batch[0].inputs, start, end);
      else writeRequests(opened, batch);
      const run = { rows: end - start };
      await (now && pace.isShort(end - start) ? now.run(run) : session.run(run));
      this.#checkOpen();
      const lengths = outputs.map(({ slot, width }) => [slot, (end - start) * width] as const);
      const parts = now ? lengths.map((one) => now.read(...one)) : await Promise.all(lengths.map((one) => session.read(...one)));
      collect(opened, results, parts, start);
      const took = performance.now() - began;
      pace.measured(end - start, took);
      milliseconds += took;
      await slices.breathe();
      this.#checkOpen();
    }
    this.tally.answered(batch.length, rows, Math.ceil(rows / LARGEST_BATCH), milliseconds);
    return results;
  }

  /** To each request its rows of each head. */
  #divide(batch: readonly PreparedSamples[], results: readonly Elements[]): Elements[][] {
    const widths = this.engine.model.heads.map(({ shape }) => count(shape));
    let start = 0;
    return batch.map(({ rows }) => {
      const end = start + rows;
      const own = results.map((values, i) => values.slice(start * widths[i], end * widths[i]));
      start = end;
      return own;
    });
  }

  /** The mean loss, and the gradients of all parameters that can be trained. */
  gradients(data: PreparedData): { loss: number; gradients: Map<string, Elements> } {
    const { inputs, rows } = data;
    const tasks = tasksOf(data);
    const { model, weights, products } = this.engine;
    const { frozen } = weights;
    const { layout } = model;
    const program = (maximumRows: number) => ({ program: compile(gradientGraph(model, tasks, frozen), { maximumRows, layout, products }) });
    const opened = this.#open(
      `gradients ${tasks.map(({ form, weights: each = 0 }) => `${form} ${each}`).join()}`,
      rows,
      program,
      [...frozen].join(),
    );
    const { session, prepared } = opened;
    const now = atOnce(session, 'gradients', 'it gives none');
    prepared.loadNow();
    writeInputs(opened, inputs, 0, rows);
    for (const [name, { data: values }] of headInputs(model, data)) session.write(name, values);
    now.run({ rows });
    const { outputs } = session.program;
    const gradients = new Map<string, Elements>();
    for (const name of weights.shapes.keys()) {
      const slot = outputs.get(gradientSlot(name));
      if (slot) gradients.set(name, now.read(slot));
    }
    return { loss: now.read('loss')[0], gradients };
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
  #predictor(kind: string, rows: number, probabilities: boolean, backend?: Backend | null): Opened {
    const { model, products, quantization } = this.engine;
    const { layout } = model;
    const largest = Math.min(rows, LARGEST_BATCH);
    const size = rows <= FEW_ROWS ? 'few' : 'many';
    const program = (maximumRows: number) =>
      compilePrepared(predictionGraph(model, probabilities), { maximumRows, layout, products, toBytes: quantization?.toBytes });
    return this.#open(`${kind} ${probabilities} ${size} ${Boolean(backend)}`, largest, program, '', backend ?? undefined);
  }

  /** A lone input is read where it lies, if that is worth it to the session. */
  #runPiece(opened: Opened, now: SessionNow, inputs: readonly DataColumn[], start: number, end: number): void {
    const run = { rows: end - start };
    if (inputs.length === 1) {
      now.run(run, { input: opened.inputs[0], values: rowsOf(inputs[0], start, end) });
    } else {
      writeInputs(opened, inputs, start, end);
      now.run(run);
    }
  }

  #results(rows: number): Elements[] {
    const { model, backend } = this.engine;
    return model.heads.map(({ shape }) => backend.allocate(rows * count(shape)));
  }

  /** A session for at least that many rows. */
  #open(
    kind: string,
    rows: number,
    programFor: (maximumRows: number) => PreparedProgram,
    variant = '',
    backend = this.engine.backend,
  ): Opened {
    let opened = this.#opened.get(kind);
    if (!opened || opened.maximumRows < rows || opened.variant !== variant) {
      const { prepared, maximumRows } = this.#prepare(rows, programFor, backend);
      opened?.prepared.dispose();
      opened = this.#openedFor(prepared, maximumRows, variant);
      this.#opened.set(kind, opened);
    }
    return opened;
  }

  /** Names are looked up once. */
  #openedFor(prepared: PreparedSession, maximumRows: number, variant: string): Opened {
    const { session } = prepared;
    const { program } = session;
    const { inputs, heads } = this.engine.model;
    return {
      ...{ prepared, session, maximumRows, variant, pace: new Pace(session.program.recordWidth) },
      inputs: [...inputs.keys()].map((name) => program.inputs.get(name) as Slot),
      outputs: heads.flatMap(({ name, shape }) => {
        const slot = program.outputs.get(name);
        return slot ? [{ slot, width: count(shape) }] : [];
      }),
    };
  }

  /** For a power of two of rows, so that a few more rows need no other session; for exactly `rows` where memory is too short. */
  #prepare(
    rows: number,
    programFor: (maximumRows: number) => PreparedProgram,
    backend: Backend,
  ): { prepared: PreparedSession; maximumRows: number } {
    const open = (maximumRows: number) => ({
      prepared: new PreparedSession({ ...this.engine, backend }, programFor(maximumRows)),
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

function writeInputs({ session, inputs: slots }: Opened, inputs: readonly DataColumn[], start: number, end: number): void {
  slots.forEach((slot, i) => {
    session.write(slot, rowsOf(inputs[i], start, end));
  });
}

/** The rows of several requests, one behind the other. */
function writeRequests({ session, inputs: slots }: Opened, batch: readonly PreparedSamples[]): void {
  let start = 0;
  for (const { inputs, rows } of batch) {
    for (const [i, slot] of slots.entries()) session.write(slot, inputs[i].data, start * inputs[i].width);
    start += rows;
  }
}

/** Puts what the heads have made of some rows among the results. */
function collect({ outputs }: Opened, results: readonly Elements[], parts: readonly Elements[], start: number): void {
  parts.forEach((part, i) => {
    results[i].set(part, start * outputs[i].width);
  });
}

/** [start, end) of each piece of LARGEST_BATCH rows at most. */
function* pieces(rows: number): Generator<[number, number]> {
  for (let start = 0; start < rows; start += LARGEST_BATCH) yield [start, Math.min(start + LARGEST_BATCH, rows)];
}
