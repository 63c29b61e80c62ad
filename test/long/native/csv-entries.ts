/** The addon's parser of comma-separated values: called in every wrong way, and given bytes of chance. */
import type { Addon } from '../../../src/node/addon.ts';
import { CSV_KIND } from '../../../src/node/csv-addon.ts';
import { RandomStream } from '../../../src/random/philox.ts';

const ROWS = 6;
const KINDS = [CSV_KIND.float64, CSV_KIND.text, CSV_KIND.float32, CSV_KIND.ignored];
const COLUMNS = Int32Array.from(KINDS.flatMap((kind, i) => [kind, i, 0, 1]));
const MISSING = Buffer.from('\nNA\n-9\n');
const TELLING = Buffer.from('0123456789,,,,,\n\n\n\r.-+eE" \tNA"""');

const memories = () => [new Float64Array(ROWS), new Int32Array(ROWS), new Float32Array(ROWS)];

type CallBadly = (entry: (...given: unknown[]) => unknown, right: readonly unknown[]) => void;

export function csvCalledBadly({ CsvLines }: Addon, callBadly: CallBadly): void {
  callBadly((...given) => new CsvLines(...(given as ConstructorParameters<typeof CsvLines>)), [44, COLUMNS, MISSING]);
  const lines = new CsvLines(44, COLUMNS, MISSING);
  const read = (...given: unknown[]) => lines.read(...(given as Parameters<typeof lines.read>));
  callBadly(read, [Buffer.from('1,x,2,\n'), 0, ROWS, memories(), new Int32Array(64)]);
  callBadly((...given) => read(...given.slice(0, 3), given, given[4]), [Buffer.from('1,x,2,\n'), 0, ROWS, memories(), new Int32Array(64)]);
}

/** In memory of just the length of the bytes, so that sanitizers see a byte too far. */
export function csvOfChance({ CsvLines }: Addon): void {
  const random = new RandomStream(15, 0);
  let lines = new CsvLines(44, COLUMNS, MISSING);
  for (let i = 0; i < 20_000; i++) {
    if (i % 1000 === 0) lines = new CsvLines(i % 2000 === 0 ? 44 : 59, COLUMNS, MISSING);
    const bytes = new Uint8Array(1 + random.integer(60));
    for (let at = 0; at < bytes.length - 1; at++)
      bytes[at] = random.integer(8) === 0 ? random.integer(256) : TELLING[random.integer(TELLING.length)];
    bytes[bytes.length - 1] = 10;
    lines.read(bytes, random.integer(ROWS + 1), ROWS, memories(), new Int32Array(6 + 6 * (KINDS.length + random.integer(4))));
  }
}
