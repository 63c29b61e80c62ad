/** The event at the beginning of a fit or a trainer. */
import type { Progress } from '../clock.ts';
import type { Engine } from '../model/engine.ts';
import type { EpochShape } from '../model/training-state.ts';
import { optimizerConfig } from '../optimizers/optimizer.ts';
import type { FitSettings } from './fit-settings.ts';
import type { FitBegin } from './reports.ts';
import type { TrainerSettings } from './trainer-task.ts';

/** @param rows Of an epoch, where they are known; a trainer has none. */
export function beginningOf(
  { model, backend, seed }: Engine,
  settings: TrainerSettings &
    Partial<Pick<FitSettings, 'epochs' | 'shuffle' | 'stepsPerEpoch' | 'windowRows'> & Pick<EpochShape, 'window'>>,
  start: Progress,
  rows?: number,
  run?: FitBegin['run'],
): FitBegin {
  const windowRows = settings.windowRows ?? settings.window;
  const { epochs, stepsPerEpoch, shuffle, batchSize, accumulate, optimizer, schedule, clip, ema, groups } = settings;
  const { name, isa, threads } = backend;
  return {
    settings: {
      ...(epochs !== undefined && { epochs }),
      ...(stepsPerEpoch !== undefined && { stepsPerEpoch }),
      ...{ batchSize, accumulate },
      ...(windowRows !== undefined && { windowRows }),
      ...(shuffle !== undefined && { shuffle }),
      optimizer: optimizerConfig(optimizer),
      schedule: typeof schedule === 'function' ? 'function' : schedule,
      ...(clip && { clip }),
      ...(ema !== undefined && { ema }),
      ...(groups && { groups: groups.list }),
    },
    model: { layers: model.summaries, parameters: model.parameterCount },
    ...(rows !== undefined && { data: { rows } }),
    backend: { name, isa, threads },
    seed,
    progress: start,
    ...(run && { run }),
  };
}
