/** GFLOP/s of C = A·B, n × n, as one instruction of a program. */
import { availableParallelism } from 'node:os';
import 'chainrule';
import { atOnce } from '../src/backends/at-once.ts';
import type { Backend } from '../src/backends/backend.ts';
import { loadBackend } from '../src/backends/select.ts';
import { compile } from '../src/compiler/compile.ts';
import { matmul } from '../src/graph/functions.ts';
import { Graph } from '../src/graph/graph.ts';
import { platform } from '../src/platform/platform.ts';
import { timePerCall } from './inference.ts';
import { type BenchSettings, type Measurement, round } from './report.ts';
import { GEMM_SIZES } from './workloads.ts';

/** A product of two n × n matrices as a program of one instruction, opened: what runs it, and what closes it. */
export function openGemm(n: number, backend: Backend) {
  const graph = new Graph();
  graph.outputs.set('c', matmul(graph.input('a', [n, n]), graph.input('b', [n, n])));
  const program = compile(graph);
  const session = backend.open(program, 0);
  const random = Float32Array.from({ length: n * n }, () => Math.random() - 0.5);
  for (const slot of program.inputs.values()) session.write(slot, random);
  const now = atOnce(session, 'this benchmark', 'there is none');
  return { run: () => now.run({ rows: 1 }), end: () => session.dispose() };
}

/** The backend of a product, which no network chooses. */
export async function gemmBackend({ backend, threads }: BenchSettings): Promise<Backend> {
  return (await loadBackend(platform(), backend)).with({ threads: threads ?? availableParallelism() });
}

export async function measureGemm(settings: BenchSettings): Promise<Measurement[]> {
  const backend = await gemmBackend(settings);
  return GEMM_SIZES.map((n) => {
    const { run, end } = openGemm(n, backend);
    const seconds = timePerCall(run, settings.seconds);
    end();
    const { name, isa, threads } = backend;
    return {
      workload: 'GEMM',
      backend: name,
      isa,
      threads,
      size: n,
      usPerStep: round(seconds * 1e6),
      gflops: round((2 * n ** 3) / seconds / 1e9),
    };
  });
}
