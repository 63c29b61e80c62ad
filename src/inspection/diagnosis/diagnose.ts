/** One diagnosis of a network, from the data and options that callers give. */

import { type AnyDataSet, contractOf, prepareData } from '../../data/samples.ts';
import { slices } from '../../event-loop/slices.ts';
import { checkRanges, type Trained } from '../../training/fit.ts';
import { Diagnoser } from './diagnoser.ts';
import { type DiagnoseOptions, planDiagnosis } from './options.ts';
import type { Diagnosis } from './report.ts';

/** Throws OptionError for an unknown or impossible option; DataError or ShapeError for data that does not fit. */
export function diagnose(network: Trained, data: AnyDataSet, options: DiagnoseOptions): Promise<Diagnosis> {
  return network.weights.whileHeld(() => diagnoseHeld(network, data, options));
}

async function diagnoseHeld(network: Trained, data: AnyDataSet, options: DiagnoseOptions): Promise<Diagnosis> {
  const { model, backend, weights, seed } = network;
  const prepared = await slices.run(prepareData('diagnose', data, contractOf(model, backend)));
  const plan = planDiagnosis(options, prepared.rows);
  checkRanges('diagnose', plan, backend);
  const frozen = new Set(weights.frozen);
  model.checkRows('diagnose', plan.batchSize, frozen);
  const settings = { ...plan, frozen, shuffle: plan.batchSize < prepared.rows, seed };
  const diagnoser = await slices.run(Diagnoser.open(model, backend, prepared, settings));
  try {
    const { optimizer } = weights;
    const state = optimizer?.type === plan.optimizer.type ? optimizer : undefined;
    return await diagnoser.diagnose(weights, state, [plan.optimizer.learningRate]);
  } finally {
    diagnoser.dispose();
  }
}
