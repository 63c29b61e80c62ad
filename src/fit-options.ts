/** The options of `fit`. Some are sugar: each stands for a callback. */

import { diagnosing } from './callbacks/diagnosing.ts';
import { type EarlyStopping, earlyStopping } from './callbacks/early-stopping.ts';
import { onEpoch, onStep } from './callbacks/functions.ts';
import { plateau } from './callbacks/plateau.ts';
import { publishing } from './callbacks/publishing.ts';
import { validation } from './callbacks/validation.ts';
import type { CommonFitOptions, FitRequest } from './common-fit-options.ts';
import { COMMON_FIT } from './common-fit-table.ts';
import { divided } from './data/held-out.ts';
import type { DataSet } from './data/samples.ts';
import type { HasSource } from './datasets/source.ts';
import type { AnyDataSet } from './door.ts';
import { OptionError } from './errors.ts';
import { checkOptimizer } from './optimizers/define.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { asGiven, flag, fraction, integer, type OptionsRead, optional, readOptions, type TableOf, withDefault } from './options/table.ts';
import { checkLocation, type FileLocation } from './options.ts';
import { checkSchedule, isWatching, type Schedule } from './schedules.ts';
import type { Callback } from './training/events.ts';
import { checkGroups, type ParameterGroup } from './training/fit-settings.ts';

export interface FitOptions<Data = DataSet> extends CommonFitOptions {
  /** Default adam(). */
  readonly optimizer?: Optimizer;
  /** How the learning rate changes; default not at all. */
  readonly schedule?: Schedule;
  /** Parameters with separate settings. */
  readonly groups?: readonly ParameterGroup[];
  /** Ends training before its last epoch where it no longer improves. A fit that the signal stops does not go back to its best epoch: it may go on. */
  readonly earlyStopping?: EarlyStopping;
  /** Data to evaluate after every epoch: tensors, or a dataset, of which each epoch reads a pass. */
  readonly validation?: Data | HasSource;
  /**
   * A share of the rows, above 0 and below 1, that are left out of the training and evaluated after every epoch: chosen by the network's seed, the
   * same in every fit of as many rows. In place of `validation`.
   */
  readonly validationSplit?: number;
  /**
   * Steps of an epoch, for a dataset: it is repeated for ever, and each epoch goes on where the one before ended. Default: an epoch is one pass over
   * the data.
   */
  readonly stepsPerEpoch?: number;
  /**
   * Rows of a dataset that are in memory as numbers at a time, whole steps of `batchSize · accumulate`; the next ones are read meanwhile. `shuffle`
   * takes them in a new order. Default: what 16 MiB hold, at most 65 536; a fit that goes on within an epoch, or with `resume`,
   * takes the windows that were begun with. A dataset that one window holds, and whose epochs are alike, is bound once.
   */
  readonly windowRows?: number;
  /**
   * Whether every epoch's report has a diagnosis: of the step that would come next, on the mini-batch that the next epoch begins with, at the
   * last step's learning rates. With `accumulate`, of an update by one mini-batch's gradients. Default false.
   */
  readonly diagnostics?: boolean;
  /**
   * The folder of a run's checkpoints: a path or a `file:` URL. The run goes on from the newest that is whole, as if it had not been interrupted;
   * where the folder has none, it begins. `epochs` are those of the whole run; the history is that of the part that this fit trains. The
   * network and all other settings must be those of the run. On Node, Deno and Bun. Default: a fit of its own.
   */
  readonly resume?: FileLocation;
}

const FIT = {
  ...COMMON_FIT,
  optimizer: withDefault(checkOptimizer, { type: 'adam' }),
  schedule: withDefault(checkSchedule, { type: 'constant' }),
  groups: optional(checkGroups),
  earlyStopping: optional((_, value) => earlyStopping(value as EarlyStopping)),
  validation: optional(asGiven<AnyDataSet | HasSource>()),
  validationSplit: optional(share),
  stepsPerEpoch: optional(integer()),
  windowRows: optional(integer()),
  diagnostics: withDefault(flag, false),
  resume: optional(checkLocation),
} satisfies TableOf<FitOptions<AnyDataSet>>;

/** Throws OptionError unless it is above 0 and below 1. */
function share(where: string, value: unknown): number {
  const given = fraction(where, value);
  if (given === 0) throw new OptionError(`${where}: expected a share above 0 and below 1, got 0`);
  return given;
}

/** The data to train on, and the options with the rows that are left out of it. Throws OptionError, or DataError where one of both would be empty. */
export function heldOut<Data extends AnyDataSet | HasSource>(
  data: Data,
  options: FitOptions<AnyDataSet>,
  seed: number,
): readonly [Data, FitOptions<AnyDataSet>] {
  const { validationSplit, ...rest } = options;
  if (validationSplit === undefined) return [data, options];
  if (rest.validation !== undefined) throw new OptionError('fit: expected validation or validationSplit, got both');
  const { train, test } = divided(data, share('fit.validationSplit', validationSplit), seed);
  return [train as Data, { ...rest, validation: test as AnyDataSet }];
}

/** Throws OptionError for anything unknown or out of range. */
export function fitFrom(options: FitOptions<AnyDataSet>): FitRequest {
  const { earlyStopping, validation, onStep, onEpoch, diagnostics, callbacks, classWeight, resume, ...settings } = readOptions(
    'fit',
    FIT,
    options,
  );
  const watchers = { earlyStopping, validation, onStep, onEpoch, diagnostics, callbacks };
  return { classWeight, resume, settings, callbacks: callbacksOf(watchers, settings.schedule) };
}

type Watchers = Pick<OptionsRead<typeof FIT>, 'earlyStopping' | 'validation' | 'onStep' | 'onEpoch' | 'diagnostics' | 'callbacks'>;

/** The callbacks that options stand for, and those of the caller. */
function callbacksOf(watchers: Watchers, schedule: Schedule): Callback[] {
  return [
    ...(watchers.validation === undefined ? [] : [validation(watchers.validation)]),
    ...(watchers.diagnostics ? [diagnosing()] : []),
    // Early stopping before the plateau: of a value that neither can compare, the one that restores the best weights tells.
    ...(watchers.earlyStopping === undefined ? [] : [watchers.earlyStopping]),
    ...(isWatching(schedule) ? [plateau(schedule)] : []),
    ...watchers.callbacks,
    ...(watchers.onStep === undefined ? [] : [onStep(watchers.onStep)]),
    ...(watchers.onEpoch === undefined ? [] : [onEpoch(watchers.onEpoch)]),
    publishing(),
  ];
}
