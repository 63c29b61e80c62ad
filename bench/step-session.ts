/** A training step as benchmarks run it: compiled, on a backend, without a fit around it. */
import type { Backend, Session } from '../src/backends/backend.ts';
import { compile } from '../src/compiler/compile.ts';
import { columnsOf, prepareData, tasksOf } from '../src/data/samples.ts';
import { Door } from '../src/door.ts';
import { finish } from '../src/event-loop/slices.ts';
import { engineOf } from '../src/model/engine.ts';
import { trainingGraph } from '../src/model/graphs.ts';
import { modelFrom } from '../src/network-options.ts';
import { initialize } from '../src/training/initialize.ts';
import { imageFolder } from './images.ts';
import type { TrainingWorkload } from './workloads.ts';

/** A session of the workload's training step, with initial weights and its data bound. */
export async function openStep(
  { input, layers, loss, optimizer, batch, data, shuffle, id }: TrainingWorkload,
  on: Backend,
  folder?: string,
): Promise<Session> {
  const { model, isNamed } = modelFrom({ input, layers: layers(), loss });
  const samples = await data(id === 'W3' ? '' : imageFolder(folder));
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
