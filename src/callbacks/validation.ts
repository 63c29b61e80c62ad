/** Evaluates other data at the ends of epochs. */
import type { DataSet } from '../data/samples.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { Callback } from '../training/events.ts';

/** Each epoch's report has the loss over the data and the share of answers that are right. */
export function validation(data: DataSet<unknown, unknown>): Callback {
  let opened: { evaluate(): Promise<Evaluation> };
  return {
    *prepare({ evaluation, monitors }) {
      const prepared = yield* evaluation('fit.validation', data);
      monitors.set('validationLoss', undefined).set('validationAccuracy', prepared.lacksAnswers);
      opened = prepared;
    },
    async measure() {
      const { loss, accuracy, outputs } = await opened.evaluate();
      return { validationLoss: loss, validationAccuracy: accuracy, ...(outputs && { validationOutputs: outputs }) };
    },
  };
}
