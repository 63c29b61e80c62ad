/** Cases of the ops that choose a mini-batch of bound data, gather its rows and record what came of it. */
import type { DataBinding } from '../../src/backends/backend.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { BATCH } from '../../src/ops/shape.ts';
import type { OpSpec, Shape } from '../../src/ops/spec.ts';
import '../../src/ops/table.ts';
import { batched, LENGTHS, make } from './make-case.ts';
import type { OpCase } from './op-case.ts';

/** Of these numbers of rows, by so many at a time, the fourth mini-batch is whole, cut short, or a single row. */
const EPOCHS: readonly (readonly [rows: number, batchSize: number, run: number])[] = [
  [4, 1, 1],
  [20, 5, 5],
  [18, 5, 3],
  [49, 16, 1],
];

function bindingOf(rows: number, batchSize: number, width: number, indices: boolean, shuffle: boolean): DataBinding {
  const values = Array.from({ length: rows * width }, (_, i) => (indices ? (i % 3 === 0 ? 2 ** 24 + 1 + i : i) : Math.fround(i / 7)));
  const column = { data: indices ? Int32Array.from(values) : Float32Array.from(values), width };
  return { columns: [{ data: new Float32Array(rows), width: 1 }, column], rows, batchSize, shuffle };
}

function gathered(sample: Shape, shuffle: boolean): OpCase[] {
  const width = sample.reduce((product, size) => product * size, 1);
  return [false, true].flatMap((indices) =>
    EPOCHS.map(([rows, batchSize, run]) =>
      make(opNamed('gather'), [], {
        attributes: { column: 1, sample, indices },
        rows: run,
        maximumRows: batchSize,
        data: bindingOf(rows, batchSize, width, indices, shuffle),
      }),
    ),
  );
}

const gather = () => [...LENGTHS.map((n) => [n]), [], [3, 5]].flatMap((sample) => gathered(sample, false));

/** Which rows it has chosen shows in what is gathered of them. */
const beginStep = () => [[1], [7], [401]].flatMap((sample) => gathered(sample, true));

/** At the record's beginning, behind other numbers, and behind some for each row. */
const record = (op: OpSpec) => [
  ...LENGTHS.map((n) => make(op, [[n]], { attributes: { at: 0 } })),
  ...batched(op, [[BATCH, 3]], { attributes: { at: 2, after: 2 * BATCH } }),
];

export const batchingCases: Readonly<Record<string, (op: OpSpec) => readonly OpCase[]>> = { beginStep, gather, record };
