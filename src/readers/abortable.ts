/** Passes that an AbortSignal ends. */
import type { Chunk } from '../datasets/chunk.ts';
import { untilAborted } from '../datasets/reading.ts';
import type { Reading } from '../datasets/source.ts';

/** The same chunks. As soon as the signal aborts it rejects with its reason, and lets go of what is read without waiting for that. */
export async function* abortable(chunks: AsyncIterable<Chunk>, signal: Reading['signal']): AsyncGenerator<Chunk, void, undefined> {
  const cursor = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await untilAborted(cursor.next(), signal);
      if (done) return;
      yield value;
    }
  } finally {
    const closing = cursor.return?.();
    if (!signal?.aborted) await closing;
    else closing?.catch(() => undefined);
  }
}
