/** Sessions for predictions and gradients, kept between calls and remade when a larger batch comes. */
import { atOnce } from '../backends/at-once.ts';
import type { DataColumn, Elements, Session, SessionNow } from '../backends/backend.ts';
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

/** Predictions of more rows than this are made in pieces. */
const LARGEST_BATCH = 256;
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
  /** Predictions off the caller's thread wait for one another. */
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(readonly engine: Engine) {}

  /** The predictions of each head, in their order. */
  predict({ inputs, rows }: PreparedSamples, probabilities: boolean): Elements[] {
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
    this.engine.weights.refresh();
    const release = this.engine.weights.hold();
    try {
      return await this.#predictPieces({ inputs, rows }, probabilities);
    } finally {
      release();
    }
  }

  async #predictPieces({ inputs, rows }: PreparedSamples, probabilities: boolean): Promise<Elements[]> {
    const results = this.#results(rows);
    const opened = this.#predictor('predictAsync', rows, probabilities);
    const { session, outputs, pace } = opened;
    const { now } = session;
    // Awaiting what is there takes a tenth of the time of a small prediction.
    if (now) opened.prepared.loadNow();
    else await opened.prepared.load();
    for (const [start, end] of pieces(rows)) {
      const began = performance.now();
      writeInputs(opened, inputs, start, end);
      const run = { rows: end - start };
      await (now && pace.isShort(end - start) ? now.run(run) : session.run(run));
      this.#checkOpen();
      const lengths = outputs.map(({ slot, width }) => [slot, (end - start) * width] as const);
      const parts = now ? lengths.map((one) => now.read(...one)) : await Promise.all(lengths.map((one) => session.read(...one)));
      collect(opened, results, parts, start);
      pace.measured(end - start, performance.now() - began);
      await slices.breathe();
      this.#checkOpen();
    }
    return results;
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
  #predictor(kind: string, rows: number, probabilities: boolean): Opened {
    const { model, products, quantization } = this.engine;
    const { layout } = model;
    const largest = Math.min(rows, LARGEST_BATCH);
    const size = rows <= FEW_ROWS ? 'few' : 'many';
    return this.#open(`${kind} ${probabilities} ${size}`, largest, (maximumRows) =>
      compilePrepared(predictionGraph(model, probabilities), { maximumRows, layout, products, toBytes: quantization?.toBytes }),
    );
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
  #open(kind: string, rows: number, programFor: (maximumRows: number) => PreparedProgram, variant = ''): Opened {
    let opened = this.#opened.get(kind);
    if (!opened || opened.maximumRows < rows || opened.variant !== variant) {
      const { prepared, maximumRows } = this.#prepare(rows, programFor);
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

function writeInputs({ session, inputs: slots }: Opened, inputs: readonly DataColumn[], start: number, end: number): void {
  slots.forEach((slot, i) => {
    session.write(slot, rowsOf(inputs[i], start, end));
  });
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
