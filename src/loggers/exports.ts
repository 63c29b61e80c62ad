/** The loggers, for entries of runtimes that have files. */
export { jsonLog, type LogOptions } from './json-log.ts';
