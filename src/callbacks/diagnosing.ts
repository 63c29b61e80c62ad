/** Diagnoses the next step at the ends of epochs. */
import type { Callback, FitSetup } from '../training/events.ts';

/** Each epoch's report has a diagnosis. */
export function diagnosing(): Callback {
  let opened: ReturnType<FitSetup['diagnosis']> extends Generator<unknown, infer D> ? D : never;
  return {
    *prepare({ diagnosis }) {
      opened = yield* diagnosis();
    },
    measure: async ({ learningRates }) => ({ diagnosis: await opened.diagnose(learningRates) }),
  };
}
