/** Gives the network good weights while a fit runs, so that the search for a divergence has little to run again. */
import type { Callback } from '../training/events.ts';

/** Publishes every second. */
export const publishing = (): Callback => ({ stepsPerSecond: 1, step: (_, control) => control.publish() });
