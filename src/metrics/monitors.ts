/** The values that may be watched at the ends of epochs. */
import { checkName } from '../options.ts';

/** A measure of a network. */
interface Measure {
  /** Whether a higher or a lower value is better. */
  readonly better: 'higher' | 'lower';
  /** Whether it counts answers: only targets with answers have it. */
  readonly countsAnswers: boolean;
}

const LOSS: Measure = { better: 'lower', countsAnswers: false };
const ACCURACY: Measure = { better: 'higher', countsAnswers: true };

const MONITORS = {
  loss: { measure: LOSS, ofValidation: false },
  accuracy: { measure: ACCURACY, ofValidation: false },
  validationLoss: { measure: LOSS, ofValidation: true },
  validationAccuracy: { measure: ACCURACY, ofValidation: true },
} as const satisfies Record<string, { measure: Measure; ofValidation: boolean }>;

export type Monitor = keyof typeof MONITORS;

/** Throws OptionError unless it is something to monitor. */
export const checkMonitor = (where: string, value: unknown) => checkName(where, value, Object.keys(MONITORS) as Monitor[]);

/** By how much a value of what is monitored is better than another. */
export function improvement(monitor: Monitor, value: number, than: number): number {
  return MONITORS[monitor].measure.better === 'higher' ? value - than : than - value;
}

/** Whether it is of validation data. */
export const isOfValidation = (monitor: Monitor): boolean => MONITORS[monitor].ofValidation;

/** Whether only data with answers to count has it. */
export const countsAnswers = (monitor: Monitor): boolean => MONITORS[monitor].measure.countsAnswers;
