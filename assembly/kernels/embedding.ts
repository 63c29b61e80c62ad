/** Rows of a table, chosen by index. An index that is none of the table's rows yields NaN rather than a stray read or write. */
import { EmbedArguments, EmbedGradientArguments } from '../generated/arguments';
import { indexAt } from './indices';
import { fillRun } from './movement';
import { chain, NO_PLACE, slotsEnd, slotsOf, sumChain } from './occurrences';

export function embed(args: EmbedArguments): void {
  const table = args.table;
  let index = args.index;
  let out = args.out;
  const rows = args.rows;
  const count = args.count;
  const columns = args.columns;
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++, index += 4, out += bytes) {
    const row = indexAt(index, count);
    if (row < 0) fillRun(out, columns, NaN);
    else memory.copy(out, table + <usize>row * bytes, bytes);
  }
}

/** Rows `first` to `first` + `taken` of the table: each share sees all indices. */
export function embedGradient(first: i32, taken: i32, args: EmbedGradientArguments): void {
  const delta = args.delta;
  const index = args.index;
  const out = args.out;
  const rows = args.rows;
  const columns = args.columns;
  const bytes = <usize>columns << 2;
  fillRun(out + bytes * first, taken * columns, 0);
  chain(first, taken, index, rows, args.count);
  for (let slot = slotsOf(rows), end = slotsEnd(rows); slot < end; slot += 4) {
    const place = load<i32>(slot);
    if (place != NO_PLACE) sumChain(out + bytes * load<i32>(index + (<usize>place << 2)), delta, place, columns);
  }
}
