/** Buffers of chunks that have been copied, for chunks to come: fresh memory costs more than to fill it. */
import type { ChunkMemory } from '../datasets/source.ts';

/** More are let go of. */
const MOST_BYTES = 2 ** 24;

export class SpareBuffers implements ChunkMemory {
  readonly #byLength = new Map<number, ArrayBuffer[]>();
  #bytes = 0;

  take(bytes: number): ArrayBuffer {
    const known = this.#byLength.get(bytes);
    if (!known) this.#byLength.set(bytes, []);
    const buffer = known?.pop();
    if (!buffer) return new ArrayBuffer(bytes);
    this.#bytes -= bytes;
    return buffer;
  }

  /** One of a length that nobody has asked for is let go of. */
  giveBack(buffer: ArrayBuffer): void {
    const bytes = buffer.byteLength;
    const known = this.#byLength.get(bytes);
    if (!known || bytes === 0 || this.#bytes + bytes > MOST_BYTES) return;
    this.#bytes += bytes;
    known.push(buffer);
  }
}
