/** The numbers of the ops, for TypeScript that does not import their definitions: the names in order, and the table's hash. */
import { OPS, tableHash } from '../ops/table.ts';

const BANNER = '/** Generated from the op table by src/codegen: do not edit, run `npm run generate`. */\n';

/** The file by its path from the repository's root. */
export function emitNumbers(): [string, string][] {
  const names = OPS.map(({ name }) => `  '${name}',\n`).join('');
  const text =
    `${BANNER}\n/** The names of the ops: an op's number is its position here. */\nexport const OP_NAMES: readonly string[] = [\n${names}];\n` +
    `\n/** Tells a binary, or a program, made from another table. */\nexport const TABLE_HASH = ${tableHash()};\n`;
  return [['src/ops/numbers.generated.ts', text]];
}
