/** Rows a second through the operations of Dataset: 50 columns by name, and as one list. Best of three passes. */
import { Dataset } from '../src/datasets/dataset.ts';
import { SOURCE } from '../src/datasets/source.ts';

const ROWS = 200_000;
const COLUMNS = 50;
const IMAGES = 20_000;

const y = Int32Array.from({ length: ROWS }, (_, i) => i % 2);
const numbers = (factor: number) => Float32Array.from({ length: ROWS }, (_, i) => i * factor);
const named = Dataset.from({ x: Object.fromEntries(Array.from({ length: COLUMNS }, (_, i) => [`c${i}`, numbers(i)])), y });
const listed = Dataset.from({ x: { shape: [ROWS, COLUMNS] as const, data: new Float32Array(ROWS * COLUMNS) }, y });
const images = Dataset.from({
  x: { shape: [IMAGES, 1, 28, 28] as const, data: new Uint8Array(IMAGES * 784) },
  y: new Uint8Array(IMAGES),
});

/** The same without rows by number. */
function read<Row>(dataset: Dataset<Row>): Dataset<Row> {
  const { take: _, ...source } = dataset[SOURCE];
  return new Dataset<Row>(source);
}

/** @param rows Rows that are read, of which a filter may keep fewer. */
async function measure<Row>(name: string, rows: number, dataset: Dataset<Row>): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let epoch = 0; epoch < 3; epoch++) {
    const start = performance.now();
    for await (const _ of dataset[SOURCE].read({ seed: 0, epoch, skip: 0 }));
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${name.padEnd(44)} ${Math.round((1000 * rows) / best).toLocaleString('en')} rows/s`);
}

async function measureAll<Row extends { readonly y: number }>(name: string, dataset: Dataset<Row>): Promise<void> {
  await measure(
    `${name}: map`,
    ROWS,
    dataset.map((row) => ({ ...row, y: row.y + 1 })),
  );
  await measure(
    `${name}: filter`,
    ROWS,
    dataset.filter((row) => row.y === 1),
  );
  await measure(`${name}: shuffle, in memory`, ROWS, dataset.shuffle());
  await measure(`${name}: shuffle, buffer of 10000`, ROWS, read(dataset).shuffle());
  await measure(`${name}: split`, ROWS, dataset.split({ test: 0.2 }).train);
  await measure(`${name}: interleave`, 2 * ROWS, dataset.interleave(dataset));
}

await measureAll('50 names', named);
await measureAll('a list of 50', listed);
await measure('28 × 28 bytes: shift', IMAGES, images.augment({ shift: 2 }));
await measure('28 × 28 bytes: rotate', IMAGES, images.augment({ rotate: 10 }));
await measure('28 × 28 bytes: shift, mixup', IMAGES, images.augment({ shift: 2, mixup: { classes: 10 } }));
