/** The compiler: from a graph to a program, in numbered steps. */

import { finish, type Work } from '../event-loop/slices.ts';
import { type Graph, GraphValue } from '../graph/graph.ts';
import { liveOperations } from '../graph/rewrite.ts';
import type { Program } from '../program/format.ts';
import { NO_PARAMETERS, type ParameterLayout } from '../program/parameter-layout.ts';
import { verify } from '../program/verify.ts';
import { draftInstructions, encode } from './encode.ts';
import { expandFused } from './expand.ts';
import { foldScales } from './fold.ts';
import { fuse } from './fuse.ts';
import { keepSlopes } from './keep-slopes.ts';
import { mergeUpdates } from './merge-updates.ts';
import { passes } from './passes.ts';
import { planMemory } from './plan-memory.ts';
import { splitFixed } from './prepare.ts';
import { type ProductForm, roundProducts } from './round-products.ts';
import { scheduled } from './scheduled.ts';
import { simplify } from './simplify.ts';
import { updateRows } from './update-rows.ts';

export interface CompileOptions {
  /** The most rows a batch will have. Default 1. */
  readonly maximumRows?: number;
  /** False runs every fused op as its expansion, one instruction for each simple op. Default true. */
  readonly optimize?: boolean;
  /** Whether runs of element-wise operations become one instruction each, where that pass is there. Default as `optimize`. */
  readonly fusesElements?: boolean;
  /** Where a network's parameters lie, for sessions that share them; the program may read them and must not write them. Default: nothing is shared. */
  readonly layout?: ParameterLayout;
  /** Of a prediction: makes some of its products those of bytes. Default none. */
  readonly toBytes?: (graph: Graph) => Graph;
  /** How products are computed. Default 'float32'. */
  readonly products?: ProductForm;
}

export function compile(graph: Graph, options?: CompileOptions): Program {
  return finish(compiling(graph, options));
}

/** `compile`, step by step. */
export function* compiling(
  graph: Graph,
  { maximumRows = 1, optimize = true, fusesElements = optimize, layout = NO_PARAMETERS, products = 'float32' }: CompileOptions = {},
): Work<Program> {
  // 1. Simplify, round the factors of products, fuse, keep slopes, and update single rows of tables.
  const optimized = optimize ? yield* optimizing(graph, products) : roundProducts(expandFused(graph), products);
  yield;
  // 2. Give every gradient a separate value, so that each has a place among the gradients.
  separateGradients(optimized);
  // 3. Keep the operations that something depends on, in the order they were made: forward, backward, update.
  const operations = liveOperations(optimized);
  // 4. Join runs of element-wise operations.
  const schedule = (fusesElements && passes.fuseElements?.(operations, optimized, maximumRows)) || operations.map(scheduled);
  yield;
  // 5. Place every value in the arena.
  const plan = planMemory(optimized, schedule, maximumRows, layout);
  yield;
  // 6. Write instructions; neighbouring updates become one.
  const drafts = draftInstructions(schedule, plan);
  const encoded = encode(optimized, optimize ? mergeUpdates(drafts) : drafts, plan, maximumRows);
  const program = layout.size > 0 ? { ...encoded, sharedSize: layout.size } : encoded;
  yield;
  // 7. Nothing reaches a backend unverified.
  verify(program);
  return program;
}

function* optimizing(graph: Graph, products: ProductForm): Work<Graph> {
  const simplified = roundProducts(simplify(graph), products);
  yield;
  const fused = fuse(simplified);
  yield;
  return updateRows(keepSlopes(fused));
}

/** A program that reads parameters again and again, and one that prepares some of them. */
export interface PreparedProgram {
  /** Its parameters are parameters of the graph and outputs of `preparation`. */
  readonly program: Program;
  /** To be run whenever parameters have changed; undefined where nothing is prepared. */
  readonly preparation?: Program;
}

/**
 * Compiles a prediction or an evaluation as two programs: values that depend on parameters alone are computed once for many runs. A graph
 * that writes its parameters becomes one program, as by `compile`.
 */
export function compilePrepared(graph: Graph, options?: CompileOptions): PreparedProgram {
  return finish(compilingPrepared(graph, options));
}

/** `compilePrepared`, step by step. */
export function* compilingPrepared(graph: Graph, options: CompileOptions = {}): Work<PreparedProgram> {
  if (graph.operations.some(({ op }) => op.inputs.some((name) => op.operands[name] === 'inout')))
    return { program: yield* compiling(graph, options) };
  const { layout, products = 'float32', toBytes, ...others } = options;
  // 1. Fold scales and shifts by parameters into the weights before them. 2. Make products those of bytes, or round their factors. 3. Set apart
  // values that depend on parameters alone, rounded ones too.
  const folded = toBytes ? toBytes(graph) : foldScales(simplify(graph));
  const prepared = splitFixed(roundProducts(folded, products));
  yield;
  const program = yield* compiling(prepared.graph, { ...others, layout });
  return { program, ...(prepared.preparation && { preparation: yield* compiling(prepared.preparation, { layout }) }) };
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
