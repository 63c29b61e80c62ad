/** The side of the thread that reads: one dataset, a pass at a time. */
import type { Chunk } from '../../datasets/chunk.ts';
import type { Source } from '../../datasets/source.ts';
import { sentError } from '../../sent-errors.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import { type FromReader, PARCELS_AHEAD, type Pass, type ToReader } from './messages.ts';
import { ParcelPacker } from './parcels.ts';

/** The thread that wants the rows. */
export interface Asker {
  tell(message: FromReader, transfer: readonly ArrayBuffer[]): void;
  /** Lets this thread end. */
  close(): void;
}

export class ReaderHost {
  readonly #source: Source;
  readonly #asker: Asker;
  readonly #memory = new SpareBuffers();
  /** Parcels that may be sent at once. */
  #room = 0;
  #isStopped = false;
  #isReading = false;
  #wake = () => {};

  constructor(source: Source, asker: Asker) {
    this.#source = source;
    this.#asker = asker;
  }

  hear(message: ToReader): void {
    if (message.type === 'read') void this.#read(message);
    else if (message.type === 'more') this.#take(message.spare);
    else this.#isStopped = true;
    this.#wake();
    if (this.#isStopped && !this.#isReading) this.#asker.close();
  }

  #take(spare: readonly ArrayBuffer[]): void {
    this.#room++;
    for (const buffer of spare) this.#memory.giveBack(buffer);
  }

  async #read(pass: Pass): Promise<void> {
    this.#isReading = true;
    this.#room = PARCELS_AHEAD;
    try {
      await this.#send(this.#source.read({ ...pass, memory: this.#memory }));
      this.#asker.tell({ type: 'end' }, []);
    } catch (error) {
      this.#asker.tell({ type: 'error', error: sentError(error) }, []);
    } finally {
      this.#isReading = false;
      if (this.#isStopped) this.#asker.close();
    }
  }

  async #send(chunks: AsyncIterable<Chunk>): Promise<void> {
    const packer = new ParcelPacker();
    // The first rows at once: somebody looks at them to learn how large they are.
    let isFirst = true;
    for await (const chunk of chunks) {
      packer.add(chunk);
      if (isFirst || packer.isFull) await this.#post(packer);
      isFirst = false;
      if (this.#isStopped) return;
    }
    if (!packer.isEmpty) await this.#post(packer);
  }

  async #post(packer: ParcelPacker): Promise<void> {
    while (this.#room === 0 && !this.#isStopped)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#isStopped) return;
    this.#room--;
    const { chunks, transfer } = packer.take();
    this.#asker.tell({ type: 'parcel', chunks }, transfer);
  }
}
