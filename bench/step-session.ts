/** A training step, and a prediction, as benchmarks run them: compiled, on a backend, with nothing around them. */
import type { Backend, Session } from '../src/backends/backend.ts';
import { compile, compilePrepared } from '../src/compiler/compile.ts';
import { columnsOf, prepareData, tasksOf } from '../src/data/samples.ts';
import { Door } from '../src/door.ts';
import { finish } from '../src/event-loop/slices.ts';
import { PreparedSession } from '../src/inference/prepared-session.ts';
import { engineOf } from '../src/model/engine.ts';
import { predictionGraph, trainingGraph } from '../src/model/graphs.ts';
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

/** A session of the workload's prediction of so many rows, with initial weights; its inputs are zero. */
export async function openPrediction({ input, layers, loss }: TrainingWorkload, on: Backend, rows: number): Promise<Session> {
  const { model } = modelFrom({ input, layers: layers(), loss });
  const engine = engineOf(model, on, { seed: 1 });
  await initialize(engine);
  const prepared = new PreparedSession(engine, compilePrepared(predictionGraph(model, true), { maximumRows: rows, layout: model.layout }));
  await prepared.load();
  return prepared.session;
}
