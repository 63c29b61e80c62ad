/** A trainer as its caller asks for it. */
import type { Engine } from '../model/engine.ts';
import type { FileLocation } from '../options.ts';
import type { Callback, FitControl } from './events.ts';
import type { FitSettings } from './fit-settings.ts';
import type { StepSessions } from './step-sessions.ts';

/** Those of a fit that concern its steps. */
export type TrainerSettings = Pick<
  FitSettings,
  'batchSize' | 'accumulate' | 'optimizer' | 'schedule' | 'groups' | 'clip' | 'ema' | 'restart'
>;

export interface TrainerTask {
  readonly engine: Engine;
  readonly settings: TrainerSettings;
  readonly callbacks: readonly Callback[];
  readonly sessions: StepSessions;
  /** Writes a model file. */
  save(location: FileLocation): Promise<void>;
  /** The bytes of one, with further metadata. */
  toBytes: FitControl['toBytes'];
  /** Called once the trainer holds nothing of the network any more. */
  ended(): void;
}
