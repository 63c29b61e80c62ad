/**
 * Where the time of a training step goes, or of a prediction: each instruction of the compiled program by itself, in its order.
 *
 *   npm run bench:profile -- --workload W4 [--predict ROWS] [--backend native|wasm|reference] [--steps N] [--folder DIR]
 *
 * Everything runs on one thread. An instruction's time is the median over the steps, and includes entering and leaving the backend, about
 * half a microsecond. `GB/s` counts each operand's elements once.
 */

import { parseArgs } from 'node:util';
import 'chainrule';
import { atOnce } from '../src/backends/at-once.ts';
import type { BackendName, Session } from '../src/backends/backend.ts';
import { loadBackend } from '../src/backends/select.ts';
import { formatOrigin } from '../src/origin.ts';
import { platform } from '../src/platform/platform.ts';
import { type Instruction, instructions, resolveScalars } from '../src/program/format.ts';
import { ALL } from './networks.ts';
import { median, round } from './report.ts';
import { openPrediction, openStep } from './step-session.ts';

const { values } = parseArgs({
  options: {
    workload: { type: 'string', default: 'W4' },
    backend: { type: 'string', default: 'native' },
    steps: { type: 'string', default: '101' },
    predict: { type: 'string' },
    folder: { type: 'string' },
  },
});

const workload = ALL.find(({ id }) => id === values.workload);
if (!workload) throw new Error(`expected --workload, one of ${ALL.map(({ id }) => id).join(', ')}, got ${values.workload}`);
const backend = (await loadBackend(platform(), values.backend as BackendName)).with({ threads: 1 });
const rows = values.predict === undefined ? workload.batch : Number(values.predict);
const session =
  values.predict === undefined ? await openStep(workload, backend, values.folder) : await openPrediction(workload, backend, rows);
print(session, profile(Number(values.steps)));

/** Seconds of each instruction. */
function profile(steps: number): number[] {
  const now = atOnce(session, 'this benchmark', 'there is none');
  const all = [...instructions(session.program)];
  const times: number[][] = all.map(() => []);
  for (let step = 0; step < steps; step++) {
    all.forEach(({ at, words }, i) => {
      const began = performance.now();
      now.run({ range: { from: at, to: at + words }, clock: { epoch: 0, batch: step }, rows });
      times[i].push((performance.now() - began) / 1000);
    });
  }
  return times.map(median);
}

function print({ program }: Session, seconds: readonly number[]): void {
  const total = seconds.reduce((sum, one) => sum + one, 0);
  for (const [i, instruction] of [...instructions(program)].entries()) {
    const { bytes, sizes } = effort(instruction);
    const figures = [
      `${round(seconds[i] * 1e6)} µs`.padStart(10),
      `${Math.round((seconds[i] / total) * 100)} %`.padStart(5),
      `${round(bytes / seconds[i] / 1e9)} GB/s`.padStart(11),
    ];
    console.log(`${figures.join(' ')}  ${instruction.op.name} ${sizes}  ${formatOrigin(program.origins[i])}`);
  }
  console.log(`${round(total * 1e6)} µs in all`);
}

/** What an instruction reads and writes, and the sizes it has. */
function effort(instruction: Instruction) {
  const { op, operands } = instruction;
  const resolved = resolveScalars(instruction, rows);
  const present = Object.entries(op.extents(resolved)).filter(([name]) => operands[name] >= 0);
  const elements = present.reduce((sum, [, extent]) => sum + extent, 0);
  const sizes = Object.keys(op.scalars)
    .filter((name) => op.scalars[name] === 'size')
    .map((name) => resolved[name])
    .join('×');
  return { bytes: elements * backend.elementBytes, sizes };
}
