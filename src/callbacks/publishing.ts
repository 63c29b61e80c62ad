/** Giving the network good weights now and then while a fit runs, so that a divergence has little to run again. */
import type { Callback } from '../training/events.ts';

/** Every second. */
export const publishing = (): Callback => ({ stepsPerSecond: 1, step: (_, control) => control.publish() });
