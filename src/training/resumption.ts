/** What a fit goes on from, and what it leaves for the next one. */
import { BEGINNING, type Progress } from '../clock.ts';
import { type EpochShape, isSameShape, type TrainingState, type UnfinishedEpoch } from '../model/training-state.ts';
import { count, resolve } from '../ops/shape.ts';
import type { Program } from '../program/format.ts';
import type { FitSettings } from './fit-settings.ts';
import type { LastGood } from './last-good.ts';
import type { EpochSums } from './publisher.ts';

/** Where a fit begins. */
export interface Resumption {
  /** What the fit continues; undefined where it begins anew. */
  readonly before: TrainingState | undefined;
  readonly start: Progress;
  /** The epoch within which it begins. */
  readonly unfinished: UnfinishedEpoch | undefined;
}

/**
 * A fit continues what a fit with the same type of optimiser left, unless it is told not to: within the epoch that was stopped where it takes
 * its rows in the same way, else with the next one.
 *
 * @param counting Heads that ignore some targets.
 */
export function resumption(
  left: TrainingState | undefined,
  { restart, optimizer }: Pick<FitSettings, 'restart' | 'optimizer'>,
  shape: EpochShape,
  counting: number,
  program: Program,
): Resumption {
  if (restart || left?.optimizer !== optimizer.type) return { before: undefined, start: BEGINNING, unfinished: undefined };
  const { unfinished, progress } = left;
  const goesOn = unfinished && isSameShape(unfinished.shape, shape) && isWithin(shape, progress) && isOf(program, counting, unfinished);
  if (goesOn) return { before: left, start: progress, unfinished };
  return { before: { ...left, unfinished: undefined }, start: nextEpoch(progress), unfinished: undefined };
}

/** Whether a time lies between two steps of an epoch: a file may say anything. */
function isWithin({ rows, batchSize, accumulate }: EpochShape, { batch, step }: Progress): boolean {
  const steps = batch / accumulate;
  return Number.isInteger(steps) && batch > 0 && batch < Math.ceil(rows / batchSize) && steps <= step;
}

/** Whether an epoch has sums for as many heads as count, and what the program's layers hand from one step to the next. */
function isOf({ carried: slots, maximumRows }: Program, counting: number, { carried, sums }: UnfinishedEpoch): boolean {
  if (sums.losses.length !== counting || sums.targets.length !== counting) return false;
  return [...slots].every(([name, { shape }]) => carried.get(name)?.length === resolve(count(shape), maximumRows));
}

const nextEpoch = ({ epoch, batch, step }: Progress): Progress => ({ epoch: epoch + (batch > 0 ? 1 : 0), batch: 0, step });

/** What a fit leaves. */
interface Leaving extends Pick<TrainingState, 'optimizer'> {
  readonly before: TrainingState | undefined;
  readonly good: LastGood;
  readonly shape: EpochShape;
  /** Of the epoch within which the state lies; undefined where they are not known, and the epoch is given up. */
  readonly sums: EpochSums | undefined;
  memories(): TrainingState['memories'];
}

/** The state of training that goes with the last good state; what callbacks remember is asked for when it is read. */
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
