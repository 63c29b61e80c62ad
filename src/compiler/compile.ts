/** The compiler: from a graph to a program, in numbered steps. */
import { type Graph, GraphValue } from '../graph/graph.ts';
import { liveOperations } from '../graph/rewrite.ts';
import type { Program } from '../program/format.ts';
import { verify } from '../program/verify.ts';
import { draftInstructions, encode } from './encode.ts';
import { expandFused } from './expand.ts';
import { fuse } from './fuse.ts';
import { mergeUpdates } from './merge-updates.ts';
import { planMemory } from './plan-memory.ts';
import { simplify } from './simplify.ts';

export interface CompileOptions {
  /** The most rows a batch will have. Default 1. */
  readonly maximumRows?: number;
  /** False runs every fused op as its expansion, one instruction for each simple op. Default true. */
  readonly optimize?: boolean;
}

export function compile(graph: Graph, { maximumRows = 1, optimize = true }: CompileOptions = {}): Program {
  // 1. Remove what need not be computed, and join what one kernel can do in one pass.
  const optimized = optimize ? fuse(simplify(graph)) : expandFused(graph);
  // 2. Give every gradient a value of its own, so that each has its own place in the gradients' run of memory.
  separateGradients(optimized);
  // 3. Keep the operations that something depends on, in the order they were made: forward, backward, update.
  const schedule = liveOperations(optimized);
  // 4. Place every value in the arena.
  const plan = planMemory(optimized, schedule, maximumRows);
  // 5. Write instructions; neighbouring updates become one.
  const drafts = draftInstructions(schedule, plan);
  const program = encode(optimized, optimize ? mergeUpdates(drafts) : drafts, plan, maximumRows);
  // 6. Nothing reaches a backend unverified.
  verify(program);
  return program;
}

/** A gradient that is a source, or that several parameters share, becomes a copy. */
function separateGradients(graph: Graph): void {
  const taken = new Set<GraphValue>(graph.outputs.values());
  for (const [name, value] of graph.gradients) {
    const own =
      value instanceof GraphValue && (value.source || taken.has(value))
        ? graph.apply('reshape', [value], { shape: value.shape })[0]
        : value;
    taken.add(own);
    graph.gradients.set(name, own);
  }
}
