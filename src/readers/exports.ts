/** The readers. */
export { type CsvOptions, type CsvType, csv } from './csv.ts';
export { idx } from './idx.ts';
export { ImageDataset, type ImageRow, type ImagesOptions, images } from './images.ts';
export type { Pieces, ReaderInput } from './input.ts';
export { type JsonLinesOptions, jsonLines } from './json-lines.ts';
export { type ArrayRow, npy, npz } from './numpy.ts';
export { type ParquetOptions, parquet, type SqlOptions, sql } from './sql.ts';
export { TableDataset } from './table-dataset.ts';
export type { Cell, ColumnDescription, TableOptions, TableRow } from './table-options.ts';
