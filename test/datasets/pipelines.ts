/** Compositions of operations on datasets, and the same on arrays. */
import fc from 'fast-check';
import { type Chunk, joinRows, rowsOf, sliceRows } from '../../src/datasets/chunk.ts';
import { Dataset } from '../../src/datasets/dataset.ts';
import { type Reading, SOURCE, type Source } from '../../src/datasets/source.ts';

export interface Row {
  readonly id: number;
  readonly x: readonly number[];
  readonly name: string | null;
}

export const rowOf = (id: number): Row => ({ id, x: [id, id / 2], name: id % 3 === 0 ? null : `row ${id}` });
export const rowsUpTo = (count: number): Row[] => Array.from({ length: count }, (_, id) => rowOf(id));

/** The same rows in chunks of other sizes, which repeat. */
export function recut<R>(dataset: Dataset<R>, sizes: readonly number[]): Dataset<R> {
  const source = dataset[SOURCE];
  async function* read(reading: Reading): AsyncGenerator<Chunk> {
    let held: Chunk | undefined;
    let cut = 0;
    for await (const chunk of source.read(reading)) {
      held = held ? joinRows([held, chunk]) : chunk;
      for (let size = sizes[cut % sizes.length]; held && held.rows >= size; size = sizes[++cut % sizes.length]) {
        yield sliceRows(held, 0, size);
        held = held.rows > size ? sliceRows(held, size, held.rows) : undefined;
      }
    }
    if (held) yield held;
  }
  return new Dataset<R>({ ...source, read });
}

/** The rows of a reading. */
export async function rowsIn(source: Source, reading: Partial<Reading> = {}): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const chunk of source.read({ seed: 0, epoch: 0, skip: 0, ...reading })) rows.push(...rowsOf(chunk));
  return rows;
}

export interface Operation {
  readonly name: string;
  apply(dataset: Dataset<Row>): Dataset<Row>;
  /** The same on an array; undefined where chance decides. */
  readonly model?: ((rows: readonly Row[]) => readonly Row[]) | undefined;
}

const moved = (row: Row): Row => ({ ...row, id: row.id + 100 });
const small = fc.integer({ min: 0, max: 9 });
const positive = fc.integer({ min: 1, max: 5 });

function turns(lists: readonly (readonly Row[])[]): Row[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

/** How datasets of the same rows are made. */
export const SOURCES: readonly ((rows: readonly Row[]) => Dataset<Row>)[] = [
  (rows) => Dataset.from(rows),
  (rows) => Dataset.from(() => rows, { steady: true }),
  (rows) =>
    Dataset.from(
      async function* () {
        yield* rows;
      },
      { steady: true, rows: rows.length },
    ),
];

const others = fc.tuple(fc.constantFrom(...SOURCES), small).map(([make, count]) => {
  const rows = rowsUpTo(count).map((row) => ({ ...row, id: row.id + 1000 }));
  return { rows, dataset: make(rows) };
});

const KNOWN: fc.Arbitrary<Operation> = fc.oneof(
  fc.constant<Operation>({ name: 'map', apply: (dataset) => dataset.map(moved), model: (rows) => rows.map(moved) }),
  positive.map<Operation>((concurrency) => ({
    name: `map ${concurrency} at once`,
    apply: (dataset) => dataset.map(async (row) => moved(row), { concurrency }),
    model: (rows) => rows.map(moved),
  })),
  positive.map<Operation>((divisor) => ({
    name: `filter ${divisor}`,
    apply: (dataset) => dataset.filter(({ id }) => id % divisor === 0),
    model: (rows) => rows.filter(({ id }) => id % divisor === 0),
  })),
  small.map<Operation>((count) => ({
    name: `take ${count}`,
    apply: (dataset) => dataset.take(count),
    model: (rows) => rows.slice(0, count),
  })),
  small.map<Operation>((count) => ({ name: `skip ${count}`, apply: (dataset) => dataset.skip(count), model: (rows) => rows.slice(count) })),
  others.map<Operation>(({ rows: more, dataset: other }) => ({
    name: `concatenate ${more.length}`,
    apply: (dataset) => dataset.concatenate(other),
    model: (rows) => [...rows, ...more],
  })),
  fc.array(others, { minLength: 1, maxLength: 2 }).map<Operation>((list) => ({
    name: `interleave ${list.map(({ rows }) => rows.length)}`,
    apply: (dataset) => dataset.interleave(...list.map(({ dataset: other }) => other)),
    model: (rows) => turns([rows, ...list.map(({ rows: more }) => more)]),
  })),
  fc.integer({ min: 1, max: 3 }).map<Operation>((times) => ({
    name: `repeat ${times}`,
    apply: (dataset) => dataset.repeat(times),
    model: (rows) => Array.from({ length: times }, () => rows).flat(),
  })),
  positive.map<Operation>((chunks) => ({
    name: `prefetch ${chunks}`,
    apply: (dataset) => dataset.prefetch(chunks),
    model: (rows) => rows,
  })),
  fc.array(positive, { minLength: 1, maxLength: 3 }).map<Operation>((sizes) => ({
    name: `recut ${sizes}`,
    apply: (dataset) => recut(dataset, sizes),
    model: (rows) => rows,
  })),
);

const SHUFFLE: fc.Arbitrary<Operation> = fc
  .tuple(positive, fc.integer({ min: 0, max: 3 }))
  .map(([buffer, seed]) => ({ name: `shuffle ${buffer}`, apply: (dataset) => dataset.shuffle({ buffer, seed }) }));

/** Operations whose rows an array tells. */
export const knownOperations = fc.array(KNOWN, { maxLength: 5 });
/** Others too. */
export const anyOperations = fc.array(fc.oneof({ weight: 4, arbitrary: KNOWN }, { weight: 1, arbitrary: SHUFFLE }), { maxLength: 5 });

export const applied = (dataset: Dataset<Row>, operations: readonly Operation[]) =>
  operations.reduce((made, operation) => operation.apply(made), dataset);
