/** A table for people: columns as wide as their widest cell, from the `numbers`th on aligned to the right. */
export function formatTable(rows: readonly (readonly string[])[], numbers: number): string {
  const widths = rows[0].map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column].length), 0));
  return rows.map((row) => row.map((cell, i) => (i >= numbers ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')).join('\n');
}
