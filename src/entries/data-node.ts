/** `chainrule/data` on Node, Deno and Bun: the portable part, and the readers of files. */
export * from '../readers/exports.ts';
export * from './data.ts';
