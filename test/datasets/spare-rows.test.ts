/** Memory of joined rows that is used again, and memory that never is. */
import { describe, expect, it } from 'vitest';
import { type Chunk, isNumeric } from '../../src/datasets/chunk.ts';
import { SpareRows } from '../../src/datasets/spare-rows.ts';

const chunkOf = (...numbers: number[]): Chunk => ({
  rows: numbers.length,
  columns: [
    { path: ['x'], shape: [2], data: Float32Array.from(numbers.flatMap((n) => [n, -n])) },
    { path: ['y'], values: numbers.map(String) },
  ],
});
const bufferOf = ({ columns: [x] }: Chunk) => (isNumeric(x) ? x.data.buffer : undefined);

describe('spare rows', () => {
  it('are joined in memory that was given back, as long as it has room', () => {
    const spare = new SpareRows();
    const first = spare.join([chunkOf(1, 2), chunkOf(3)]);
    expect(first).toEqual(chunkOf(1, 2, 3));
    const second = spare.join([chunkOf(4), chunkOf(5, 6)]);
    expect(bufferOf(second)).not.toBe(bufferOf(first));
    spare.giveBack(first);
    const fewer = spare.join([chunkOf(7), chunkOf(8)]);
    expect(fewer).toEqual(chunkOf(7, 8));
    expect(bufferOf(fewer)).toBe(bufferOf(first));
    spare.giveBack(fewer);
    expect(bufferOf(spare.join([chunkOf(1, 2), chunkOf(3)]))).toBe(bufferOf(first));
    spare.giveBack(second);
    const more = spare.join([chunkOf(1, 2), chunkOf(3, 4)]);
    expect(more).toEqual(chunkOf(1, 2, 3, 4));
    expect(second, 'too small').toEqual(chunkOf(4, 5, 6));
  });

  it('do not take memory of others, nor that of numbers of another kind', () => {
    const spare = new SpareRows();
    const given = chunkOf(1, 2, 3);
    expect(spare.join([given])).toBe(given);
    spare.giveBack(given);
    spare.join([chunkOf(4), chunkOf(5)]);
    expect(given).toEqual(chunkOf(1, 2, 3));
    const floats = spare.join([chunkOf(1), chunkOf(2)]);
    spare.giveBack(floats);
    const wide = (n: number): Chunk => ({ rows: 1, columns: [{ path: ['x'], shape: [], data: Float64Array.of(n) }] });
    expect(spare.join([wide(0.1), wide(0.2)]).columns).toEqual([{ path: ['x'], shape: [], data: Float64Array.of(0.1, 0.2) }]);
  });
});
