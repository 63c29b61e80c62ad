/** `chainrule/reference`: plain TypeScript in float64, and nothing to load. The API as it is has this backend alone. */
export * from '../index.ts';
