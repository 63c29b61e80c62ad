/** Rows of several datasets: one after the other, in turns, or those of one again and again. */
import { slices } from '../event-loop/slices.ts';
import { type Chunk, joinRows, sliceRows, takeRows } from './chunk.ts';
import { dropRows, fromStart } from './reading.ts';
import { RowReader } from './row-reader.ts';
import { CHUNK_ROWS, type Reading, type Source } from './source.ts';

/** The rows of all; undefined where one of them does not know. */
const sumOf = (sources: readonly Source[]) =>
  sources.reduce<number | undefined>((sum, { rows }) => (sum === undefined || rows === undefined ? undefined : sum + rows), 0);

export function concatenated(sources: readonly Source[]): Source {
  const takes = sources.flatMap(({ take }) => take ?? []);
  const rows = sumOf(sources);
  return {
    rows,
    isSteady: sources.every(({ isSteady }) => isSteady),
    async *read(reading) {
      let skip = reading.skip;
      for (const source of sources) {
        if (source.rows !== undefined && source.rows <= skip) {
          skip -= source.rows;
          continue;
        }
        if (source.rows !== undefined || skip === 0) {
          yield* source.read({ ...reading, skip });
          skip = 0;
          continue;
        }
        for await (const chunk of source.read(fromStart(reading))) {
          if (skip < chunk.rows) yield skip === 0 ? chunk : sliceRows(chunk, skip, chunk.rows);
          skip = Math.max(0, skip - chunk.rows);
        }
      }
    },
    ...(takes.length === sources.length && rows !== undefined && { take: (numbers) => takenFrom(sources, numbers) }),
  };
}

/** Rows by number, each of the source that has it. */
function takenFrom(sources: readonly Source[], numbers: Int32Array): Chunk {
  const chunks: Chunk[] = [];
  /** For each row that was asked for, its place in the joined chunks. */
  const places = new Int32Array(numbers.length);
  let [before, taken] = [0, 0];
  for (const { rows = 0, take } of sources) {
    const own: number[] = [];
    numbers.forEach((number, i) => {
      if (number < before || number >= before + rows) return;
      places[i] = taken++;
      own.push(number - before);
    });
    if (own.length > 0) chunks.push(take?.(Int32Array.from(own)) as Chunk);
    before += rows;
  }
  return chunks.length === 0 ? { rows: 0, columns: [] } : takeRows(joinRows(chunks), places);
}

/** A row of each in turns; of those that have rows left. */
export function interleaved(sources: readonly Source[]): Source {
  const rows = sumOf(sources);
  return {
    rows,
    isSteady: sources.every(({ isSteady }) => isSteady),
    read: (reading) => {
      if (rows === undefined) return dropRows(inTurns(sources, fromStart(reading), undefined), reading.skip);
      const skips = skipsOf(sources, reading.skip);
      return inTurns(sources, reading, skips);
    },
  };
}

/** How many rows of each are among the first `skip`. All know how many they have. */
function skipsOf(sources: readonly Source[], skip: number): number[] {
  const given = sources.map(() => 0);
  let left = skip;
  for (;;) {
    const active = sources.flatMap(({ rows = 0 }, i) => (rows > given[i] ? [i] : []));
    if (active.length === 0) return given;
    const rounds = Math.min(Math.floor(left / active.length), ...active.map((i) => (sources[i].rows as number) - given[i]));
    if (rounds === 0) {
      for (const i of active.slice(0, left)) given[i]++;
      return given;
    }
    for (const i of active) given[i] += rounds;
    left -= rounds * active.length;
  }
}

async function* inTurns(sources: readonly Source[], reading: Reading, skips: readonly number[] | undefined) {
  const readers = sources.map((source, i) => new RowReader(source.read({ ...reading, skip: skips?.[i] ?? 0 })));
  let turn = skips ? restOfRound(readers, sources, skips) : readers;
  try {
    for (;;) {
      await slices.breathe();
      const isWhole = turn === readers;
      const active: RowReader[] = [];
      let rounds = isWhole ? CHUNK_ROWS : 1;
      for (const reader of turn) {
        const chunk = await reader.peek();
        if (!chunk) continue;
        active.push(reader);
        rounds = Math.min(rounds, chunk.rows);
      }
      if (active.length === 0 && isWhole) return;
      const chunks: Chunk[] = [];
      for (const reader of active) chunks.push((await reader.take(rounds)) as Chunk);
      if (chunks.length > 0) yield alternating(chunks);
      turn = readers;
    }
  } finally {
    for (const reader of readers) await reader.close();
  }
}

/** Those whose turn in a round that has begun is still to come: they have given a row less than those before them. Else all. */
function restOfRound(readers: RowReader[], sources: readonly Source[], given: readonly number[]): RowReader[] {
  const most = Math.max(...given);
  const rest = readers.filter((_, i) => given[i] < most && given[i] < (sources[i].rows as number));
  return rest.length > 0 ? rest : readers;
}

/** A row of each, round after round. */
function alternating(chunks: readonly Chunk[]): Chunk {
  const [{ rows }] = chunks;
  const count = chunks.length;
  return takeRows(
    joinRows(chunks),
    Int32Array.from({ length: rows * count }, (_, i) => (i % count) * rows + Math.floor(i / count)),
  );
}

/** The rows of a source several times, or without end. Each time is an epoch of the source. */
export function repeated(source: Source, times: number): Source {
  const { rows, take } = source;
  const isEndless = times === Number.POSITIVE_INFINITY;
  return {
    rows: rows === undefined || (isEndless && rows > 0) ? undefined : rows && rows * times,
    isSteady: source.isSteady,
    async *read(reading) {
      let skip = rows ? reading.skip % rows : reading.skip;
      for (let time = rows ? Math.floor(reading.skip / rows) : 0; time < times; time++) {
        await slices.breathe();
        const epoch = isEndless ? endlessEpoch(reading.epoch, time) : reading.epoch * times + time;
        /** Rows of this time before the next. */
        let before = rows === undefined ? 0 : skip;
        for await (const chunk of source.read({ ...reading, epoch, skip: before })) {
          const dropped = Math.min(chunk.rows, Math.max(0, skip - before));
          before += chunk.rows;
          if (dropped < chunk.rows) yield sliceRows(chunk, dropped, chunk.rows);
        }
        // Rows that never come would be asked for without end.
        if (before === 0) return;
        skip = Math.max(0, skip - before);
      }
    },
    ...(take && rows && !isEndless && { take: (numbers) => take(numbers.map((number) => number % rows)) }),
  };
}

/** Another epoch for each time of each epoch, by Cantor's pairing. */
const endlessEpoch = (epoch: number, time: number) => ((epoch + time) * (epoch + time + 1)) / 2 + time;
