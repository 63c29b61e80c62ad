/** Sessions for predictions and gradients, kept between calls and remade when a larger batch comes. */
import type { Backend, DataColumn, Elements, RunRequest, Session } from '../backends/backend.ts';
import { compile } from '../compiler/compile.ts';
import { gradientSlot } from '../compiler/encode.ts';
import { StateError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Slot } from '../program/format.ts';
import type { PreparedData } from './data.ts';
import { Pace } from './pace.ts';
import { gradientGraph, type Model, predictionGraph } from './step.ts';
import type { Weights } from './weights.ts';

/** Predictions of more rows than this are made in pieces. */
const LARGEST_BATCH = 256;
/** So many rows or fewer have sessions of their own: threads divide them otherwise. */
const FEW_ROWS = 32;

interface Opened {
  readonly session: Session;
  readonly maximumRows: number;
  /** How long its runs take, by rows. */
  readonly pace: Pace;
  /** Of the weights in the session's arena. */
  version: number;
}

export class Inference {
  readonly #opened = new Map<string, Opened>();
  /** Elements of one sample's prediction. */
  readonly #width: number;
  /** Predictions off the caller's thread wait for one another. */
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(
    readonly model: Model,
    readonly backend: Backend,
    readonly weights: Weights,
    readonly seed: number,
  ) {
    this.#width = model.output.reduce((product, size) => product * size, 1);
  }

  predict(column: DataColumn, rows: number, probabilities: boolean): Elements {
    const { session } = this.#predictor('predict', rows, probabilities);
    if (rows <= LARGEST_BATCH) return this.#predictAtOnce(session, column.data, rows);
    const result = this.backend.allocate(rows * this.#width);
    for (const [start, end] of pieces(rows)) {
      result.set(this.#predictAtOnce(session, rowsOf(column, start, end), end - start), start * this.#width);
    }
    return result;
  }

  /** Copies the rows, which the caller may overwrite before their turn comes. */
  predictAsync({ data, width }: DataColumn, rows: number, probabilities: boolean): Promise<Elements> {
    const column = { data: data.slice(), width };
    const turn = this.#queue.then(() => this.#predictInTurn(column, rows, probabilities));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #predictInTurn(column: DataColumn, rows: number, probabilities: boolean): Promise<Elements> {
    if (this.#disposed) throw new StateError('this network is disposed');
    const { session, pace } = this.#predictor('predictAsync', rows, probabilities);
    const result = this.backend.allocate(rows * this.#width);
    for (const [start, end] of pieces(rows)) {
      const began = performance.now();
      session.write(input(session, 'x').offset, rowsOf(column, start, end));
      const request = whole(session, end - start);
      await (pace.isShort(end - start) ? session.run(request) : session.runAsync(request));
      result.set(this.#prediction(session, end - start), start * this.#width);
      pace.measured(end - start, performance.now() - began);
      await pace.breathe();
    }
    return result;
  }

  #predictAtOnce(session: Session, data: Elements, rows: number): Elements {
    session.run(whole(session, rows), { offset: input(session, 'x').offset, values: data });
    return this.#prediction(session, rows);
  }

  gradients({ x, y, rows, form }: PreparedData): { loss: number; gradients: Map<string, Elements> } {
    const { session } = this.#open(`gradients ${form}`, rows, () => gradientGraph(this.model, form));
    session.write(input(session, 'x').offset, x.data);
    session.write(input(session, 'y').offset, y.data);
    session.run(whole(session, rows));
    const { outputs } = session.program;
    const gradients = new Map<string, Elements>();
    for (const name of this.weights.shapes.keys()) {
      gradients.set(name, session.read((outputs.get(gradientSlot(name)) as Slot).offset, this.weights.get(name).length));
    }
    return { loss: session.read((outputs.get('loss') as Slot).offset, 1)[0], gradients };
  }

  dispose(): void {
    this.#disposed = true;
    for (const { session } of this.#opened.values()) session.dispose();
    this.#opened.clear();
  }

  /** One session for all pieces, so that all are predicted with the same weights. */
  #predictor(kind: string, rows: number, probabilities: boolean): Opened {
    const largest = Math.min(rows, LARGEST_BATCH);
    const size = rows <= FEW_ROWS ? 'few' : 'many';
    return this.#open(`${kind} ${probabilities} ${size}`, largest, () => predictionGraph(this.model, probabilities));
  }

  #prediction(session: Session, rows: number): Elements {
    return session.read((session.program.outputs.get('prediction') as Slot).offset, rows * this.#width);
  }

  /** A session for at least that many rows, with the weights as they are now. */
  #open(kind: string, rows: number, graph: () => Graph): Opened {
    let opened = this.#opened.get(kind);
    if (!opened || opened.maximumRows < rows) {
      const maximumRows = 2 ** Math.ceil(Math.log2(rows));
      const session = this.backend.open(compile(graph(), { maximumRows }), this.seed);
      opened?.session.dispose();
      opened = { session, maximumRows, pace: new Pace(), version: -1 };
      this.#opened.set(kind, opened);
    }
    if (opened.version !== this.weights.version) {
      this.weights.load(opened.session);
      opened.version = this.weights.version;
    }
    return opened;
  }
}

const rowsOf = ({ data, width }: DataColumn, start: number, end: number) => data.subarray(start * width, end * width);

const input = (session: Session, name: string) => session.program.inputs.get(name) as Slot;

const whole = (session: Session, rows: number): RunRequest => ({
  from: 0,
  to: session.program.code.length,
  repeats: 1,
  iteration: 0,
  rows,
});

/** [start, end) of each piece of so many rows. */
function* pieces(rows: number): Generator<[number, number]> {
  for (let start = 0; start < rows; start += LARGEST_BATCH) yield [start, Math.min(start + LARGEST_BATCH, rows)];
}
