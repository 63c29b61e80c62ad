/** Running a graph once on one backend, from named values to named results. */
import { atOnce } from '../../src/backends/at-once.ts';
import type { Backend, Elements } from '../../src/backends/backend.ts';
import { type CompileOptions, compile } from '../../src/compiler/compile.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { resolve } from '../../src/ops/shape.ts';
import type { Program, Slot } from '../../src/program/format.ts';

export type Values = Readonly<Record<string, ArrayLike<number>>>;

export function slotSize({ shape }: Slot, rows: number): number {
  return shape.reduce((product, size) => product * resolve(size, rows), 1);
}

/** Inputs, parameters and state are written by name; every output is returned by name, gradients as `gradient NAME`. */
export function runProgram(backend: Backend, program: Program, values: Values, rows = program.maximumRows): Map<string, Elements> {
  const session = backend.open(program, 0);
  try {
    for (const slots of [program.inputs, program.parameters, program.state]) {
      for (const [name, slot] of slots)
        if (values[name]) session.write(slot, slot.elements === 'index' ? Int32Array.from(values[name]) : values[name]);
    }
    const now = atOnce(session, 'a test', 'there is none');
    now.run({ rows });
    const results = new Map<string, Elements>();
    for (const slots of [program.outputs, program.parameters, program.state]) {
      for (const [name, slot] of slots) results.set(name, now.read(slot, slotSize(slot, rows)));
    }
    return results;
  } finally {
    session.dispose();
  }
}

export function runGraph(backend: Backend, graph: Graph, values: Values, options: CompileOptions = {}): Map<string, Elements> {
  return runProgram(backend, compile(graph, options), values);
}
