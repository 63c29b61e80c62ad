/** Rows of a table gathered into chunks, a cell at a time. */
import type { Chunk, Column } from '../datasets/chunk.ts';
import { CHUNK_ROWS } from '../datasets/source.ts';
import type { Destination, Layout } from './table-options.ts';

/** Where the numbers of a column go: row r's to `data[r · stride + start]`. */
export interface NumberPlace {
  data: Float32Array | Float64Array;
  readonly stride: number;
  readonly start: number;
}

const NONE = new Float64Array(0);

interface Numbers {
  readonly path: Destination['path'];
  readonly shape: readonly number[];
  readonly places: readonly NumberPlace[];
  /** Memory for a chunk; that of single columns is a part of the chunk's. */
  make(singles: Float64Array): Float32Array | Float64Array;
}

interface Values {
  readonly path: Destination['path'];
  readonly place: { values: unknown[] };
}

/** A chunk in the making. Whoever fills it writes row `rows` into the places of the columns, then counts it. */
export class TableChunks {
  /** Rows since the last chunk. */
  rows = 0;
  /** By a column's index in the table; columns that no row has are in neither. */
  readonly numbers: readonly (NumberPlace | undefined)[];
  readonly values: readonly ({ values: unknown[] } | undefined)[];
  readonly #outputs: readonly (Numbers | Values)[];
  /** Single columns of numbers. */
  #singles = 0;

  constructor({ single, vectors }: Layout, columns: number) {
    const numbers = new Array<NumberPlace | undefined>(columns);
    const values = new Array<{ values: unknown[] } | undefined>(columns);
    this.#outputs = [
      ...vectors.map(({ path, parts }) => {
        const make = () => new Float32Array(CHUNK_ROWS * parts.length);
        const places = parts.map((_, start) => ({ data: NONE, stride: parts.length, start }));
        parts.forEach(({ index }, i) => {
          numbers[index] = places[i];
        });
        return { path, shape: [parts.length], places, make };
      }),
      ...single.map(({ path, index, from }): Numbers | Values => {
        if (from.type === 'number') {
          const place = { data: NONE, stride: 1, start: 0 };
          const first = CHUNK_ROWS * this.#singles++;
          numbers[index] = place;
          return { path, shape: [], places: [place], make: (singles) => singles.subarray(first, first + CHUNK_ROWS) };
        }
        const place = { values: new Array<unknown>(CHUNK_ROWS) };
        values[index] = place;
        return { path, place };
      }),
    ];
    this.numbers = numbers;
    this.values = values;
    this.#renew();
  }

  get isFull(): boolean {
    return this.rows === CHUNK_ROWS;
  }

  /** The rows since the last chunk, of which there is one at least. What it holds does not change any more. */
  take(): Chunk {
    const { rows } = this;
    const columns = this.#outputs.map((output): Column => {
      const { path } = output;
      if ('place' in output) return { path, values: rows === CHUNK_ROWS ? output.place.values : output.place.values.slice(0, rows) };
      const { shape, places } = output;
      const [{ data, stride }] = places;
      return { path, shape, data: rows === CHUNK_ROWS ? data : data.slice(0, rows * stride) };
    });
    this.#renew();
    return { rows, columns };
  }

  #renew(): void {
    this.rows = 0;
    // At once: fifty small arrays are freed later, and take twice the memory.
    const singles = new Float64Array(CHUNK_ROWS * this.#singles);
    for (const output of this.#outputs) {
      if ('place' in output) output.place.values = new Array<unknown>(CHUNK_ROWS);
      else {
        const data = output.make(singles);
        for (const place of output.places) place.data = data;
      }
    }
  }
}
