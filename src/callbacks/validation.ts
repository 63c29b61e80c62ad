/** Evaluates other data at the ends of epochs. */
import type { DataSet } from '../data/samples.ts';
import type { HasSource } from '../datasets/source.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { Callback } from '../training/events.ts';

/** Each epoch's report has the loss and metrics over the data, and the share of answers that are right. */
export function validation(data: DataSet<unknown, unknown> | HasSource): Callback {
  let opened: { evaluate(): Promise<Evaluation> };
  return {
    *prepare({ evaluation, monitors }) {
      const prepared = yield* evaluation('fit.validation', data);
      for (const one of prepared.monitors) monitors.set(one.name, one);
      opened = prepared;
    },
    async measure() {
      const { loss, accuracy, metrics, outputs } = await opened.evaluate();
      const measured = { validationLoss: loss, validationAccuracy: accuracy, ...(metrics && { validationMetrics: metrics }) };
      return { ...measured, ...(outputs && { validationOutputs: outputs }) };
    },
  };
}
