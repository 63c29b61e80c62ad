/** One diagnosis of a network. */

import { type GivenData, prepareData } from '../../data/samples.ts';
import { slices } from '../../event-loop/slices.ts';
import type { Engine } from '../../model/engine.ts';
import type { Diagnosis } from '../../training/diagnosis-report.ts';
import { checkRanges } from '../../training/step-settings.ts';
import { Diagnoser } from './diagnoser.ts';
import { type DiagnoseOptions, planDiagnosis } from './options.ts';

/** Throws OptionError for an unknown or impossible option; DataError or ShapeError for data that does not fit. */
export function diagnose(engine: Engine, data: GivenData, options: DiagnoseOptions): Promise<Diagnosis> {
  return engine.weights.whileHeld(() => diagnoseHeld(engine, data, options));
}

async function diagnoseHeld(engine: Engine, data: GivenData, options: DiagnoseOptions): Promise<Diagnosis> {
  const { model, backend, weights } = engine;
  const prepared = await slices.run(prepareData(data, engine));
  const plan = planDiagnosis(options, prepared.rows);
  checkRanges('diagnose', plan, backend);
  const frozen = new Set(weights.frozen);
  model.checkRows('diagnose', plan.batchSize, frozen);
  const settings = { ...plan, frozen, shuffle: plan.batchSize < prepared.rows };
  const diagnoser = await slices.run(Diagnoser.open(engine, prepared, settings));
  try {
    const { training } = weights;
    const state = training?.optimizer === plan.optimizer.type ? training : undefined;
    return await diagnoser.diagnose(state, [plan.optimizer.learningRate]);
  } finally {
    diagnoser.dispose();
  }
}
