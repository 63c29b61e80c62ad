/** Memory of joined rows that is used again, and memory that never is. */
import { describe, expect, it } from 'vitest';
import { type Chunk, isNumeric, joinRows } from '../../src/datasets/chunk.ts';
import { RowReader } from '../../src/datasets/row-reader.ts';
import { SpareRows } from '../../src/datasets/spare-rows.ts';

const chunkOf = (...numbers: number[]): Chunk => ({
  rows: numbers.length,
  columns: [
    { path: ['x'], shape: [2], data: Float32Array.from(numbers.flatMap((n) => [n, -n])) },
    { path: ['y'], values: numbers.map(String) },
  ],
});
const bufferOf = ({ columns: [x] }: Chunk) => (isNumeric(x) ? x.data.buffer : undefined);

/** Rows of chunks gathered, and whether all of them have been copied. */
function gather(spare: SpareRows, most: number, ...chunks: Chunk[]): Chunk {
  const gathered = spare.gather(most);
  for (const chunk of chunks) expect(gathered.add(chunk)).toBe(true);
  return gathered.rows();
}

describe('spare rows', () => {
  it('are gathered in memory that was given back, as long as it has room', () => {
    const spare = new SpareRows();
    const first = gather(spare, 3, chunkOf(1, 2), chunkOf(3));
    expect(first).toEqual(chunkOf(1, 2, 3));
    const second = gather(spare, 3, chunkOf(4), chunkOf(5, 6));
    expect(bufferOf(second)).not.toBe(bufferOf(first));
    spare.giveBack(first);
    const fewer = gather(spare, 3, chunkOf(7), chunkOf(8));
    expect(fewer).toEqual(chunkOf(7, 8));
    expect(bufferOf(fewer)).toBe(bufferOf(first));
    spare.giveBack(fewer);
    expect(bufferOf(gather(spare, 3, chunkOf(1, 2), chunkOf(3)))).toBe(bufferOf(first));
    spare.giveBack(second);
    expect(gather(spare, 4, chunkOf(1, 2), chunkOf(3, 4))).toEqual(chunkOf(1, 2, 3, 4));
    expect(second, 'too small').toEqual(chunkOf(4, 5, 6));
  });

  it('do not take memory of others, nor that of numbers of another kind', () => {
    const spare = new SpareRows();
    const given = chunkOf(1, 2, 3);
    spare.giveBack(given);
    gather(spare, 2, chunkOf(4), chunkOf(5));
    expect(given).toEqual(chunkOf(1, 2, 3));
    spare.giveBack(gather(spare, 2, chunkOf(1), chunkOf(2)));
    const wide = (n: number): Chunk => ({ rows: 1, columns: [{ path: ['x'], shape: [], data: Float64Array.of(n) }] });
    expect(gather(spare, 2, wide(0.1), wide(0.2)).columns).toEqual([{ path: ['x'], shape: [], data: Float64Array.of(0.1, 0.2) }]);
  });

  it('whose columns are of several kinds are joined as chunks are', () => {
    const chunks: Chunk[] = [
      { rows: 2, columns: [{ path: ['x'], shape: [], data: Float32Array.of(1, 2) }] },
      { rows: 1, columns: [{ path: ['x'], shape: [], data: Float64Array.of(0.1) }] },
      { rows: 1, columns: [{ path: ['x'], values: ['three'] }] },
    ];
    const gathered = new SpareRows().gather(4);
    expect(chunks.map((chunk) => gathered.add(chunk))).toEqual([true, false, false]);
    expect(gathered.rows()).toEqual(joinRows(chunks));
    const others = new SpareRows().gather(4);
    others.add(chunks[0]);
    expect(() => others.add({ rows: 1, columns: [{ path: ['y'], values: [1] }] })).toThrow(/expected rows of the same columns, x among 1/);
  });

  it('release the chunks that they were copied from, and no others', async () => {
    const released: number[] = [];
    const chunkThat = (i: number): Chunk => ({ ...chunkOf(i, i), release: () => released.push(i) });
    const reader = new RowReader(
      (async function* () {
        for (let i = 0; i < 4; i++) yield chunkThat(i);
      })(),
    );
    const spare = new SpareRows();
    expect(await reader.takeInto(spare, 3)).toEqual(chunkOf(0, 0, 1));
    expect(await reader.takeInto(spare, 3)).toEqual(chunkOf(1, 2, 2));
    expect(await reader.takeInto(spare, 3)).toEqual(chunkOf(3, 3));
    expect(await reader.takeInto(spare, 3)).toBeUndefined();
    expect(released).toEqual([0, 2, 3]);
  });
});
