/**
 * Measures chainrule on the workloads of `workloads.ts` and `networks.ts`; one JSON line each.
 *
 *   npm run bench -- [--workload W1,residual,…] [--backend native|wasm|reference] [--threads N] [--seconds S] [--folder DIR] [--json]
 *
 * Without --json the lines are laid out as a table. `gflops` counts the matrix products of a step, `peakGflops` is what the native
 * addon reaches with fused multiply-adds from registers in the same run, `efficiency` their ratio.
 */
import { parseArgs } from 'node:util';
import type { BackendName } from '../src/backends/backend.ts';
import { measureGemm } from './gemm.ts';
import { measureInference } from './inference.ts';
import { ALL, PREDICTIONS } from './networks.ts';
import { peakGflops } from './peak.ts';
import { formatTable, type Measurement } from './report.ts';
import { measureTraining } from './training.ts';
import { INFERENCE } from './workloads.ts';

const { values } = parseArgs({
  options: {
    workload: { type: 'string' },
    backend: { type: 'string', default: 'native' },
    threads: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    folder: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const wanted = values.workload?.split(',');
const settings = {
  backend: values.backend as BackendName,
  threads: values.threads === undefined ? undefined : Number(values.threads),
  seconds: Number(values.seconds),
  folder: values.folder,
};

const results: Measurement[] = [];
const emit = (measured: Measurement) => {
  const peak = peakGflops(measured.threads);
  const result = {
    ...measured,
    peakGflops: peak,
    efficiency: peak && measured.gflops ? Math.round((measured.gflops / peak) * 1000) / 1000 : undefined,
  };
  results.push(result);
  if (values.json) console.log(JSON.stringify(result));
};

const includes = (id: string) => !wanted || wanted.includes(id);
for (const workload of ALL) if (includes(workload.id)) emit(await measureTraining(workload, settings));
for (const workload of [...INFERENCE, ...PREDICTIONS]) if (includes(workload.id)) emit(await measureInference(workload, settings));
if (includes('GEMM')) for (const measured of await measureGemm(settings)) emit(measured);
if (!values.json) console.log(formatTable(results));
