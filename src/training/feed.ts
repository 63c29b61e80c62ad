/** Data that a fit takes a window at a time, where it is not bound as a whole. */
import type { Session } from '../backends/backend.ts';
import type { Progress } from '../clock.ts';
import type { GivenData, PreparedData } from '../data/samples.ts';
import type { GlobalAbortSignal } from '../globals.ts';
import type { EpochShape } from '../model/training-state.ts';
import type { Timeline } from './timeline.ts';

/** What of a fit its feed needs to know. */
export interface Feeding {
  readonly start: Progress;
  /** The epoch with which the run began: with it a dataset that is repeated for ever begins. */
  readonly origin: number;
  /** How many the fit takes; where it begins within one, the rest of that is the first. */
  readonly epochs: number;
  readonly shape: EpochShape;
  readonly signal: GlobalAbortSignal | undefined;
  /** Throws DataError where the last mini-batch of so many rows is too small for a layer. */
  check(rows: number): void;
}

/** A feed in the session of a fit. */
export interface AttachedFeed {
  readonly timeline: Timeline;
  /** The rows that are bound; undefined before the first. */
  readonly data: PreparedData | undefined;
  /** Binds the rows of further steps, unless the signal aborts. Rejects with what is wrong with them, or what the dataset throws. */
  bindNext(): Promise<void>;
}

export interface Feed {
  /** Rows of an epoch; undefined where its end alone tells. */
  readonly rows: number | undefined;
  /** Rows of a window but an epoch's last. */
  readonly windowRows: number;
  /** The rows of some window, checked: what is compiled is compiled for rows like these. */
  readonly sample: PreparedData;
  /** Goes to the window that has the fit's first mini-batch. */
  attach(session: Session, feeding: Feeding): AttachedFeed;
  /** Lets go of the dataset. */
  close(): Promise<void>;
}

export const isFeed = (data: GivenData | Feed): data is Feed => 'windowRows' in data;
