/** The windows of a dataset, read and checked while the one before is trained on. */
import type { Session } from '../backends/backend.ts';
import { columnsOf, type GivenData, type PreparedData, prepareData } from '../data/samples.ts';
import { bytesOfRow, checkKind, givenRows, prepareChunk, type RowContract } from '../data/window-data.ts';
import type { Chunk } from '../datasets/chunk.ts';
import { RowReader } from '../datasets/row-reader.ts';
import type { Source } from '../datasets/source.ts';
import { SpareRows } from '../datasets/spare-rows.ts';
import { rowsFrom, rowsOfWindow, type Window, Windows } from '../datasets/windows.ts';
import { DataError, OptionError } from '../errors.ts';
import { settled } from '../event-loop/promises.ts';
import { slices } from '../event-loop/slices.ts';
import type { AttachedFeed, Feed, Feeding } from './feed.ts';
import type { FitSettings } from './fit-settings.ts';
import { type WindowPlace, WindowTimeline } from './window-timeline.ts';

/** A fit's wishes about its windows. */
export interface FeedRequest {
  readonly rows: RowContract;
  readonly seed: number;
  /** The epoch that the fit is likely to begin with. */
  readonly epoch: number;
  readonly settings: Pick<FitSettings, 'batchSize' | 'accumulate' | 'shuffle' | 'signal'>;
  readonly stepsPerEpoch: number | undefined;
  readonly windowRows: number | undefined;
}

/** Milliseconds for which a fit that ends waits for a dataset to let go of what it holds. */
const MOST_MILLISECONDS = 250;

/**
 * A feed of a dataset; or all of its rows, where they are the same in every epoch and one window holds them: they are bound once.
 *
 * @throws What the dataset throws; DataError for one without rows.
 */
export async function feedOf(source: Source, request: FeedRequest): Promise<GivenData | Feed> {
  const { seed, stepsPerEpoch, settings, windowRows } = request;
  const { batchSize, accumulate, shuffle, signal } = settings;
  const stepRows = batchSize * accumulate;
  const epochRows = stepsPerEpoch === undefined ? undefined : stepsPerEpoch * stepRows;
  const place = { epoch: epochRows === undefined ? request.epoch : 0, row: 0 };
  const asTheyLie = { seed, epochRows, signal, shuffle: false, rows: 0 };
  const reader = new RowReader(rowsFrom(source, asTheyLie, place));
  try {
    const head = await reader.peek();
    if (!head) throw new DataError('fit: expected a dataset of at least one row, got none');
    const rows = windowRows === undefined ? rowsOfWindow(head, stepRows, bytesOfRow(request.rows)) : wholeSteps(windowRows, stepRows);
    const first = (await reader.takeInto(new SpareRows(), rows)) as Chunk;
    if (epochRows === undefined && source.isSteady && !(await reader.peek())) {
      await reader.close();
      return givenRows(first, request.rows);
    }
    const given = givenRows(first, request.rows);
    checkClassWeights(given);
    const sample = await slices.run(prepareData(given, request.rows.contract));
    reader.unread(first);
    // A stream can be read but once: what was read is the first window, unless the rows are taken in another order.
    const standing = shuffle && source.take ? undefined : { reader, ...place };
    if (!standing) await reader.close();
    const windows = new Windows(source, { ...asTheyLie, shuffle, rows }, standing);
    return new WindowFeed(windows, { request, sample, rows: epochRows ?? source.rows });
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** Throws OptionError for class weights that all rows decide. */
function checkClassWeights({ weights }: GivenData): void {
  for (const { classes } of weights)
    if (classes?.value === 'balanced')
      throw new OptionError(`${classes.where}: expected a number for each class, for a dataset of several windows, got 'balanced'`);
}

function wholeSteps(rows: number, stepRows: number): number {
  if (rows % stepRows === 0) return rows;
  throw new OptionError(`fit.windowRows: expected whole steps of batchSize · accumulate, ${stepRows} rows, got ${rows}`);
}

interface Parts extends Pick<Feed, 'sample' | 'rows'> {
  readonly request: FeedRequest;
}

/** A window, checked. */
interface FedWindow extends WindowPlace {
  readonly epoch: number;
  /** Mini-batches that random streams count before its first. */
  readonly before: number;
  readonly data: PreparedData;
  readonly chunk: Chunk;
}

class WindowFeed implements Feed {
  readonly #windows: Windows;
  readonly #parts: Parts;
  #coming: Promise<FedWindow> | undefined;
  #isClosed = false;

  constructor(windows: Windows, parts: Parts) {
    this.#windows = windows;
    this.#parts = parts;
  }

  get rows(): number | undefined {
    return this.#parts.rows;
  }

  get windowRows(): number {
    return this.#windows.plan.rows;
  }

  get sample(): PreparedData {
    return this.#parts.sample;
  }

  attach(session: Session, { start, origin, epochs, shape, signal, check }: Feeding): AttachedFeed {
    const timeline = new WindowTimeline(start, shape, epochs);
    this.#windows.seek(start.epoch, Math.floor((start.batch * shape.batchSize) / this.windowRows), origin);
    let bound: FedWindow | undefined;
    return {
      timeline,
      get data() {
        return bound?.data;
      },
      bindNext: async () => {
        let window: FedWindow | undefined;
        const coming = this.#next(start.epoch + epochs).then((next) => {
          window = next;
        });
        await settled(coming, signal);
        if (!window || signal?.aborted) return;
        const { rows, before, isLast, key } = window;
        if (isLast) check(rows);
        const last = bound;
        bound = window;
        const shuffle = key !== undefined;
        await slices.run(session.binding({ columns: columnsOf(window.data), rows, batchSize: shape.batchSize, shuffle, before }));
        if (last) this.#windows.giveBack(last);
        timeline.open(window);
      },
    };
  }

  /** The next window; the one behind it is read meanwhile, up to the last of the epoch before `end`. */
  async #next(end: number): Promise<FedWindow> {
    this.#coming ??= this.#read();
    const window = await this.#coming;
    this.#coming = this.#isClosed || (window.isLast && window.epoch + 1 >= end) ? undefined : this.#read();
    // It is thrown when the window is asked for.
    this.#coming?.catch(() => undefined);
    return window;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const close = () => this.#windows.close();
    const closing = Promise.resolve(this.#coming).then(close, close);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MOST_MILLISECONDS);
    });
    await Promise.race([closing, late]).finally(() => clearTimeout(timer));
  }

  async #read(): Promise<FedWindow> {
    const window = await this.#windows.next();
    const { request, sample } = this.#parts;
    const row = window.number * this.windowRows;
    const data = await slices.run(prepareChunk(window.chunk, row, request.rows));
    checkKind(request.rows, data, sample, row);
    const first = row / request.settings.batchSize;
    const { epoch, isLast, key } = window;
    return { epoch, first, rows: data.rows, isLast, key, before: this.#before(window, first), data, chunk: window.chunk };
  }

  /** Where it is not known how many mini-batches an epoch has, epochs are 2³² apart. */
  #before({ epoch }: Window, first: number): number {
    const { rows, request } = this.#parts;
    return epoch * (rows === undefined ? 2 ** 32 : Math.ceil(rows / request.settings.batchSize)) + first;
  }
}
