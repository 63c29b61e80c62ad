/** The state that a fit continues from, and the one that it leaves for the next. */
import { BEGINNING, type Progress } from '../clock.ts';
import { type EpochShape, isSameShape, type TrainingState, type UnfinishedEpoch } from '../model/training-state.ts';
import { count, resolve } from '../ops/shape.ts';
import { isOfAverages } from '../optimizers/average.ts';
import type { Program } from '../program/format.ts';
import type { EpochUnderWay } from './epoch-under-way.ts';
import type { FitSettings } from './fit-settings.ts';
import type { LastGood } from './last-good.ts';
import type { EpochSums } from './publisher.ts';

/** Where a fit begins. */
export interface Resumption {
  /** The state that the fit continues; undefined where it begins anew. */
  readonly before: TrainingState | undefined;
  readonly start: Progress;
  /** The epoch within which it begins. */
  readonly unfinished: UnfinishedEpoch | undefined;
}

/**
 * A fit continues the state that a fit with the same type of optimiser left, unless it is told not to. It continues within the unfinished
 * epoch if it takes its rows in the same way, else with the next one.
 *
 * @param epoch Its sums, none yet.
 */
export function resumption(
  left: TrainingState | undefined,
  { restart, optimizer }: Pick<FitSettings, 'restart' | 'optimizer'>,
  shape: EpochShape,
  epoch: EpochUnderWay,
  program: Program,
): Resumption {
  if (restart || left?.optimizer !== optimizer.type) return { before: undefined, start: BEGINNING, unfinished: undefined };
  const before = withoutAverages(left, program);
  const { unfinished, progress } = before;
  const goesOn =
    unfinished &&
    isSameShape(unfinished.shape, shape) &&
    isWithin(shape, progress) &&
    hasCarried(program, unfinished.carried) &&
    epoch.takes(unfinished);
  if (goesOn) return { before, start: progress, unfinished };
  return { before: { ...before, unfinished: undefined }, start: nextEpoch(progress), unfinished: undefined };
}

/** A parameter that is not averaged any more begins as its average, which the network has. */
function withoutAverages(left: TrainingState, { state }: Program): TrainingState {
  const ended = [...left.values.keys()].filter((name) => isOfAverages(name) && !state.has(name));
  if (ended.length === 0) return left;
  return { ...left, values: new Map([...left.values].filter(([name]) => !ended.includes(name))) };
}

/**
 * The state that a trainer continues: as a fit does, with the next epoch where one is unfinished. Memory that layers hand from step to step
 * goes on where a trainer left it.
 */
export function continued(
  left: TrainingState | undefined,
  { restart, optimizer }: Pick<FitSettings, 'restart' | 'optimizer'>,
): TrainingState | undefined {
  if (restart || left?.optimizer !== optimizer.type) return undefined;
  return left.progress.batch > 0 ? { ...left, unfinished: undefined } : left;
}

/** Whether a time lies between two steps of an epoch. A file may hold any time. */
function isWithin({ rows, batchSize, accumulate }: EpochShape, { batch, step }: Progress): boolean {
  const steps = batch / accumulate;
  return Number.isInteger(steps) && batch > 0 && steps <= step && (rows === undefined || batch < Math.ceil(rows / batchSize));
}

/** Whether memory that layers hand from step to step is that of a program. */
function hasCarried({ carried: slots, maximumRows }: Program, carried: UnfinishedEpoch['carried']): boolean {
  return [...slots].every(([name, { shape }]) => carried.get(name)?.length === resolve(count(shape), maximumRows));
}

/** The state that a trainer continues, without what is not of its program. */
export function fittingState(before: TrainingState, program: Program): TrainingState {
  const { unfinished } = before;
  const goesOn = unfinished && hasCarried(program, unfinished.carried);
  return { ...withoutAverages(before, program), unfinished: goesOn ? unfinished : undefined };
}

/** The time at which the next epoch begins; that of an epoch's beginning itself. */
export const nextEpoch = ({ epoch, batch, step }: Progress = BEGINNING): Progress => ({
  epoch: epoch + (batch > 0 ? 1 : 0),
  batch: 0,
  step,
});

/** The parts of the state that a trainer leaves. */
interface LeavingSteps extends Pick<Leaving, 'optimizer' | 'before' | 'good' | 'memories'> {
  readonly sizes: Pick<EpochShape, 'batchSize' | 'accumulate'>;
}

/** The state of training after steps of a trainer. What layers hand from step to step is that of an epoch that has no end. */
export function stateOfSteps({ optimizer, before, good, sizes, memories }: LeavingSteps): TrainingState {
  const { progress, state, carried } = good;
  const { batchSize, accumulate } = sizes;
  const shape = { rows: batchSize * accumulate, batchSize, accumulate, shuffle: false };
  const sums = { rows: 0, rest: 0, losses: [], weights: [] };
  return {
    optimizer,
    values: new Map([...(before?.values ?? []), ...state]),
    progress,
    unfinished: carried.size ? { shape, sums, heads: [], seconds: 0, carried } : undefined,
    get memories() {
      return memories();
    },
  };
}

/** The parts of the state that a fit leaves. */
interface Leaving extends Pick<TrainingState, 'optimizer'> {
  readonly before: TrainingState | undefined;
  readonly good: LastGood;
  readonly shape: EpochShape;
  /** The sums of the unfinished epoch; undefined where they are not known, and the epoch is given up. */
  readonly sums: EpochSums | undefined;
  memories(): TrainingState['memories'];
}

/** The state of training beside the last good state. The memories of callbacks are asked for when they are read. */
export function keptState({ optimizer, before, good, shape, sums, memories }: Leaving): TrainingState {
  const { progress, state, carried } = good;
  const isWithin = progress.batch > 0 && sums !== undefined;
  return {
    optimizer,
    values: new Map([...(before?.values ?? []), ...state]),
    progress: isWithin ? progress : nextEpoch(progress),
    unfinished: isWithin ? { shape, ...sums, carried } : undefined,
    get memories() {
      return memories();
    },
  };
}
