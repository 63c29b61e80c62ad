/** The layers that chainrule has, as model files name them. */
import { MULTI_HEAD_ATTENTION } from './attention.ts';
import { BIDIRECTIONAL } from './bidirectional.ts';
import { CONV_1D, CONV_2D, CONV_TRANSPOSE_2D } from './convolution.ts';
import type { LayerDefinition } from './definition.ts';
import { DENSE } from './dense.ts';
import { EMBEDDING, POSITIONAL_ENCODING } from './embedding.ts';
import { BATCH_NORM, GROUP_NORM, LAYER_NORM, RMS_NORM } from './normalization.ts';
import { AVERAGE_POOL_2D, GLOBAL_AVERAGE_POOL_2D, MAX_POOL_2D, UPSAMPLE_2D, ZERO_PAD_2D } from './pooling.ts';
import { GRU, LSTM, RNN } from './recurrent.ts';
import { ACTIVATION, DROPOUT, FLATTEN, RESHAPE, SPATIAL_DROPOUT } from './simple.ts';

export const LAYERS: readonly LayerDefinition[] = [
  DENSE,
  CONV_1D,
  CONV_2D,
  CONV_TRANSPOSE_2D,
  MAX_POOL_2D,
  AVERAGE_POOL_2D,
  GLOBAL_AVERAGE_POOL_2D,
  ZERO_PAD_2D,
  UPSAMPLE_2D,
  ACTIVATION,
  DROPOUT,
  SPATIAL_DROPOUT,
  BATCH_NORM,
  LAYER_NORM,
  RMS_NORM,
  GROUP_NORM,
  EMBEDDING,
  POSITIONAL_ENCODING,
  MULTI_HEAD_ATTENTION,
  FLATTEN,
  RESHAPE,
  RNN,
  LSTM,
  GRU,
  BIDIRECTIONAL,
];
