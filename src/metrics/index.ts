/** The metrics that chainrule has, by their types: the table of contents of this room. */
import { ACCURACY, TOP_K } from './answers.ts';
import { AVERAGE_PRECISION, ROC_AUC } from './curves.ts';
import type { BuiltInMetric } from './definition.ts';
import { CONFUSION_MATRIX, F1, PRECISION, RECALL } from './per-class.ts';
import { PERPLEXITY } from './perplexity.ts';
import { MEAN_ABSOLUTE_ERROR, MEAN_SQUARED_ERROR, R2 } from './regression.ts';

export const METRICS = {
  accuracy: ACCURACY,
  topK: TOP_K,
  precision: PRECISION,
  recall: RECALL,
  f1: F1,
  confusionMatrix: CONFUSION_MATRIX,
  rocAuc: ROC_AUC,
  averagePrecision: AVERAGE_PRECISION,
  meanSquaredError: MEAN_SQUARED_ERROR,
  meanAbsoluteError: MEAN_ABSOLUTE_ERROR,
  r2: R2,
  perplexity: PERPLEXITY,
} satisfies Record<string, BuiltInMetric>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
