/** The run that a fit resumes, where a runtime has files to resume it from. */
import type { Progress } from '../clock.ts';
import { OptionError } from '../errors.ts';
import type { Engine } from '../model/engine.ts';
import type { TrainingState } from '../model/training-state.ts';
import type { FileLocation } from '../options.ts';
import type { FitBegin } from './reports.ts';

/** A run as its newest checkpoint has it. */
export interface StoredRun {
  /** Epochs before the run, by the count of the network that goes on with it at a time. */
  began(start: Progress): number;
  /** Rows of its windows; undefined where its data were bound as a whole, and where a file of an earlier version does not say. */
  readonly windowRows: number | undefined;
  /** The state of training that it goes on with. */
  readonly training: TrainingState | undefined;
  /** Whether it is as it was before its first step. */
  readonly isBeginning: boolean;
  /** Whether a callback ended it before its last epoch. */
  readonly isStopped: boolean;
  /** Gives the network the state of the checkpoint. Throws OptionError where the fit has other settings than the run. */
  adopt(fit: FitBegin): void;
  dispose(): void;
}

/** Opens the newest checkpoint of a folder; undefined where the folder has none. Throws DataError, FormatError or OptionError. */
export type OpenRun = (engine: Engine, folder: FileLocation) => Promise<StoredRun | undefined>;

let open: OpenRun = async () => {
  throw new OptionError('fit.resume: expected a runtime with files, got none: Network.fromBytes() continues a network of toBytes()');
};

/** For the entries of runtimes with files. */
export function setOpenRun(given: OpenRun): void {
  open = given;
}

export const openRun: OpenRun = (...given) => open(...given);
