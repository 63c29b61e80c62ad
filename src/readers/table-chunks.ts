/** Rows of a table gathered into chunks, a cell at a time. */
import type { Chunk, Column } from '../datasets/chunk.ts';
import { CHUNK_ROWS, type ChunkMemory } from '../datasets/source.ts';
import { SpareBuffers } from './spare-buffers.ts';
import type { Destination, Layout } from './table-options.ts';

/** Where the numbers of a column go: row r's to `data[r · stride + start]`. */
export interface NumberPlace {
  data: NumberMemory;
  readonly stride: number;
  readonly start: number;
  /** Where `data` is among the memories of the chunk: from element `first` of that of this number on. */
  readonly memory: number;
  readonly first: number;
}

export type NumberMemory = Float32Array | Float64Array;

const NONE = new Float64Array(0);

interface Numbers {
  readonly path: Destination['path'];
  readonly shape: readonly number[];
  readonly places: readonly NumberPlace[];
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
  /** Those of the chunk in the making: one of all single columns of numbers, which are parts of it, then those of vectors. */
  memories: readonly NumberMemory[] = [];
  readonly #outputs: readonly (Numbers | Values)[];
  /** Columns of each memory. */
  readonly #widths: number[] = [0];
  readonly #memory: ChunkMemory;

  constructor({ single, vectors }: Layout, columns: number, memory: ChunkMemory = new SpareBuffers()) {
    this.#memory = memory;
    const numbers = new Array<NumberPlace | undefined>(columns);
    const values = new Array<{ values: unknown[] } | undefined>(columns);
    this.#outputs = [
      ...vectors.map(({ path, parts }): Numbers => {
        const memory = this.#widths.push(parts.length) - 1;
        const places = parts.map((_, start) => ({ data: NONE, stride: parts.length, start, memory, first: 0 }));
        parts.forEach(({ index }, i) => {
          numbers[index] = places[i];
        });
        return { path, shape: [parts.length], places };
      }),
      ...single.map(({ path, index, from }): Numbers | Values => {
        if (from.type === 'number') {
          const place = { data: NONE, stride: 1, start: 0, memory: 0, first: CHUNK_ROWS * this.#widths[0]++ };
          numbers[index] = place;
          return { path, shape: [], places: [place] };
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

  /** The rows since the last chunk, of which there is one at least. What it holds does not change any more, unless it is released. */
  take(): Chunk {
    const { rows, memories } = this;
    const columns = this.#outputs.map((output): Column => {
      const { path } = output;
      if ('place' in output) return { path, values: rows === CHUNK_ROWS ? output.place.values : output.place.values.slice(0, rows) };
      const { shape, places } = output;
      const [{ data, stride }] = places;
      return { path, shape, data: rows === CHUNK_ROWS ? data : data.slice(0, rows * stride) };
    });
    const release = () => {
      for (const { buffer } of memories) this.#memory.giveBack(buffer as ArrayBuffer);
    };
    this.#renew();
    return { rows, columns, release };
  }

  #renew(): void {
    this.rows = 0;
    // Single columns at once: fifty small arrays are freed later, and take twice the memory.
    this.memories = this.#widths.map((width, i) => {
      const [Kind, bytes] = i === 0 ? [Float64Array, 8] : [Float32Array, 4];
      return new Kind(this.#memory.take(bytes * CHUNK_ROWS * width));
    });
    for (const output of this.#outputs) {
      if ('place' in output) output.place.values = new Array<unknown>(CHUNK_ROWS);
      else for (const place of output.places) place.data = this.#dataOf(place);
    }
  }

  #dataOf({ memory, stride, first }: NumberPlace): NumberMemory {
    const all = this.memories[memory];
    return memory === 0 ? all.subarray(first, first + CHUNK_ROWS * stride) : all;
  }
}
