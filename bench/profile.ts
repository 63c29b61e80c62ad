/**
 * Where a training step's time goes: each instruction of the compiled step by itself, in the order of the program.
 *
 *   npm run bench:profile -- --workload W4 [--backend native|wasm|reference] [--steps N] [--folder DIR]
 *
 * Everything runs on one thread. An instruction's time is the median over the steps, and includes entering and leaving the backend, about
 * half a microsecond. `GB/s` counts each operand's elements once.
 */

import { parseArgs } from 'node:util';
import { Door } from '../src/door.ts';
import { engineOf } from '../src/model/engine.ts';
import 'chainrule';
import { atOnce } from '../src/backends/at-once.ts';
import type { Backend, BackendName, Session } from '../src/backends/backend.ts';
import { loadBackend } from '../src/backends/select.ts';
import { compile } from '../src/compiler/compile.ts';
import { columnsOf, prepareData, tasksOf } from '../src/data/samples.ts';
import { finish } from '../src/event-loop/slices.ts';
import { trainingGraph } from '../src/model/graphs.ts';
import { modelFrom } from '../src/network-options.ts';
import { formatOrigin } from '../src/origin.ts';
import { platform } from '../src/platform/platform.ts';
import { type Instruction, instructions, resolveScalars } from '../src/program/format.ts';
import { initialize } from '../src/training/initialize.ts';
import { imageFolder } from './images.ts';
import { ALL } from './networks.ts';
import { median, round } from './report.ts';
import type { TrainingWorkload } from './workloads.ts';

const { values } = parseArgs({
  options: {
    workload: { type: 'string', default: 'W4' },
    backend: { type: 'string', default: 'native' },
    steps: { type: 'string', default: '101' },
    folder: { type: 'string' },
  },
});

const workload = ALL.find(({ id }) => id === values.workload);
if (!workload) throw new Error(`expected --workload, one of ${ALL.map(({ id }) => id).join(', ')}, got ${values.workload}`);
const backend = (await loadBackend(platform(), values.backend as BackendName)).with({ threads: 1 });
const session = await open(workload, backend);
print(workload, session, profile(workload, Number(values.steps)));

/** A session of the workload's training step, with initial weights and its data bound. */
async function open({ input, layers, loss, optimizer, batch, data, shuffle, id }: TrainingWorkload, on: Backend): Promise<Session> {
  const { model, isNamed } = modelFrom({ input, layers: layers(), loss });
  const samples = await data(id === 'W3' ? '' : imageFolder(values.folder));
  const engine = engineOf(model, on, { seed: 1 });
  const prepared = finish(prepareData(new Door(model, isNamed).data('profile', samples), engine));
  const opened = on.open(compile(trainingGraph(model, tasksOf(prepared), { optimizer }), { maximumRows: batch }), 1);
  opened.bind({ columns: columnsOf(prepared), rows: prepared.rows, batchSize: batch, shuffle });
  await initialize(engine);
  for (const [name, slot] of opened.program.parameters) opened.write(slot, engine.weights.get(name));
  const rate = opened.program.inputs.get('learningRate');
  if (rate) opened.write(rate, [optimizer.learningRate]);
  return opened;
}

/** Seconds of each instruction. */
function profile({ batch }: TrainingWorkload, steps: number): number[] {
  const now = atOnce(session, 'this benchmark', 'there is none');
  const all = [...instructions(session.program)];
  const times: number[][] = all.map(() => []);
  for (let step = 0; step < steps; step++) {
    all.forEach(({ at, words }, i) => {
      const began = performance.now();
      now.run({ range: { from: at, to: at + words }, clock: { epoch: 0, batch: step }, rows: batch });
      times[i].push((performance.now() - began) / 1000);
    });
  }
  return times.map(median);
}

function print({ batch }: TrainingWorkload, { program }: Session, seconds: readonly number[]): void {
  const total = seconds.reduce((sum, one) => sum + one, 0);
  for (const [i, instruction] of [...instructions(program)].entries()) {
    const { bytes, sizes } = effort(instruction, batch);
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
function effort(instruction: Instruction, rows: number) {
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
