/** The loggers, for entries of runtimes that have files. */
export { csvLog } from './csv-log.ts';
export { jsonLog, type LogOptions } from './json-log.ts';
export { type ProgressBarOptions, type ProgressStream, progressBar } from './progress-bar.ts';
export { type TensorBoardOptions, tensorBoard } from './tensor-board.ts';
