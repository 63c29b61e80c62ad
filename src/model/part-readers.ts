/** How a network's parts are made of what options and model files say of them: by everything that chainrule has, or by what a page carries. */
import type { Layer, LayerConfig } from '../layers/layer.ts';
import type { Loss } from '../losses/loss.ts';
import type { Metric } from '../metrics/metric.ts';
import type { AnyPreparation } from '../preparation/preparation.ts';

/** Each throws OptionError for what it does not know. */
export interface PartReaders {
  layer(config: LayerConfig): Layer;
  /** Of an option, or of the config in a model file. */
  loss(option: unknown): Loss;
  metrics(where: string, value: unknown): readonly Metric[];
  /** Of the config in a model file. Throws FormatError for what is none. */
  preparation(config: unknown): AnyPreparation;
}
