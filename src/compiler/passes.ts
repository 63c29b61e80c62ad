/** Passes that a page may leave out. A program without them has the same results, to the bit, in more instructions. */
import type { Graph, Operation } from '../graph/graph.ts';
import type { Scheduled } from './scheduled.ts';

export interface Passes {
  /** Makes instructions of runs of element-wise operations. */
  fuseElements?(operations: readonly Operation[], graph: Graph, maximumRows: number): Scheduled[];
}

/** Those that are there. */
export const passes: Passes = {};
