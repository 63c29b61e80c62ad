/** Chunks that are read before they are asked for. */
import type { Chunk } from './chunk.ts';
import type { Source } from './source.ts';

export function prefetched(source: Source, count: number): Source {
  return { ...source, read: (reading) => readAhead(source.read(reading), count) };
}

/** At most `count` chunks wait for their turn. Left early, it asks for no more and closes what it reads. */
async function* readAhead(chunks: AsyncIterable<Chunk>, count: number): AsyncGenerator<Chunk, void, undefined> {
  const cursor = chunks[Symbol.asyncIterator]();
  const ended: IteratorResult<Chunk> = { done: true, value: undefined };
  const ahead: Promise<IteratorResult<Chunk>>[] = [];
  let last: Promise<IteratorResult<Chunk>> = Promise.resolve({ done: false, value: undefined as never });
  let isLeft = false;
  // One after the other: a reader need not take a question before it has answered the one before.
  const ask = () => {
    last = last.then((result) => (isLeft || result.done ? ended : cursor.next()));
    // It throws when its turn comes.
    last.catch(() => undefined);
    ahead.push(last);
  };
  try {
    for (let i = 0; i < count; i++) ask();
    for (;;) {
      const { done, value } = await (ahead.shift() as (typeof ahead)[number]);
      if (done) return;
      ask();
      yield value;
    }
  } finally {
    isLeft = true;
    await last.catch(() => undefined);
    await cursor.return?.();
  }
}
