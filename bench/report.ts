/** What a measurement says, and how it is laid out. */

export interface Measurement {
  readonly workload: string;
  readonly backend: string;
  readonly isa: string;
  readonly threads: number;
  /** Rows of a prediction, or the size of a matrix product; absent for training. */
  readonly size?: number;
  readonly usPerStep: number;
  readonly samplesPerSecond?: number;
  /** Of the matrix products. */
  readonly gflops?: number;
  readonly peakGflops?: number;
  readonly efficiency?: number;
}

export interface BenchSettings {
  readonly backend: 'native' | 'wasm' | 'reference';
  readonly threads: number | undefined;
  /** How long each workload is run. */
  readonly seconds: number;
  readonly folder: string | undefined;
  readonly precision?: 'float32' | 'bfloat16';
}

export const round = (value: number, digits = 3) => Number(value.toPrecision(digits + 1));

const COLUMNS = [
  'workload',
  'size',
  'backend',
  'isa',
  'threads',
  'usPerStep',
  'samplesPerSecond',
  'gflops',
  'peakGflops',
  'efficiency',
] as const;

/** Columns aligned for a terminal. */
export function formatTable(results: readonly Measurement[]): string {
  const rows = [COLUMNS as readonly string[], ...results.map((result) => COLUMNS.map((column) => String(result[column] ?? '')))];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i])).join('  ')).join('\n');
}

/** The middle of an odd number of figures. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}
