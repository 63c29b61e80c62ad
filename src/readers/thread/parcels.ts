/** Chunks on their way between threads, several in one message: numbers move without being copied. */
import { type Chunk, type Column, isNumeric } from '../../datasets/chunk.ts';
import { ValueCoder, ValueDecoder } from './coded-values.ts';
import type { SentChunk, SentColumn } from './messages.ts';

/** Bytes of a parcel that is sent on: a message costs as much as reading some rows. */
const PARCEL_BYTES = 2 ** 20;

export interface Parcel {
  readonly chunks: readonly SentChunk[];
  readonly transfer: readonly ArrayBuffer[];
}

/** The sender's side of a pass. What chunks hold is the receiver's then. */
export class ParcelPacker {
  readonly #coders: ValueCoder[] = [];
  #chunks: SentChunk[] = [];
  #buffers = new Set<ArrayBuffer>();
  #bytes = 0;

  get isFull(): boolean {
    return this.#bytes >= PARCEL_BYTES;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  add({ rows, columns }: Chunk): void {
    this.#chunks.push({ rows, columns: columns.map((column, i) => this.#sent(column, i)) });
  }

  take(): Parcel {
    const parcel = { chunks: this.#chunks, transfer: [...this.#buffers] };
    this.#chunks = [];
    this.#buffers = new Set();
    this.#bytes = 0;
    return parcel;
  }

  #sent(column: Column, index: number): SentColumn {
    if (isNumeric(column)) return this.#moved(column, column.data);
    this.#coders[index] ??= new ValueCoder();
    const sent = this.#coders[index].encode(column);
    if ('codes' in sent) return this.#moved(sent, sent.codes);
    this.#bytes += 32 * sent.values.length;
    return sent;
  }

  #moved<T>(column: T, { buffer, byteLength }: ArrayBufferView): T {
    this.#buffers.add(buffer as ArrayBuffer);
    this.#bytes += byteLength;
    return column;
  }
}

/** The receiver's side of a pass. */
export class ParcelOpener {
  readonly #decoders: ValueDecoder[] = [];

  /** @param giveBack Is given the buffers of the chunk's numbers where it is released. */
  open({ rows, columns }: SentChunk, giveBack: (buffers: Iterable<ArrayBuffer>) => void): Chunk {
    const buffers = () => new Set(columns.filter((column) => 'data' in column).map(({ data }) => data.buffer as ArrayBuffer));
    return { rows, columns: columns.map((column, i) => this.#received(column, i)), release: () => giveBack(buffers()) };
  }

  #received(column: SentColumn, index: number): Column {
    if (!('codes' in column)) return column;
    this.#decoders[index] ??= new ValueDecoder();
    return this.#decoders[index].decode(column);
  }
}
