/** The types of layers by their shapes; see `../graph/shapes.ts`. */
import type { GraphValue } from '../graph/graph.ts';
import type { Unary, WithLast } from '../graph/shapes.ts';
import type { Shape } from '../ops/spec.ts';
import type { Layer } from './layer.ts';

/** A layer whose output's shape follows from its input's. */
type Shaped<Call> = Call & Pick<Layer, 'config' | 'body'>;

/** Gives the shape that it takes. */
export type SameShapeLayer = Shaped<Unary>;

/** Gives `Features` features in place of those of the last axis. */
export type FeatureLayer<Features extends number> = Shaped<
  <const S extends Shape>(x: GraphValue<S> & WithFeatures<S>) => GraphValue<WithLast<S, Features>>
>;

/** `unknown` where S may have features beside its rows; else the type that it should be. */
type WithFeatures<S extends Shape> = S['length'] extends 1 ? GraphValue<readonly [S[0], features: number]> : unknown;

/** Gives a vector for each number. */
export type EmbeddingLayer<Features extends number> = Shaped<
  <const S extends Shape>(x: GraphValue<S>) => GraphValue<number extends S['length'] ? Shape : readonly [...S, Features]>
>;

/** Gives one axis for all of a sample. */
export type FlatLayer = Shaped<
  <const S extends Shape>(x: GraphValue<S>) => GraphValue<S['length'] extends 2 ? S : readonly [S[0], number]>
>;

/** Gives samples of that shape. */
export type ReshapingLayer<Sample extends Shape> = Shaped<
  <const S extends Shape>(x: GraphValue<S>) => GraphValue<number extends Sample['length'] ? Shape : readonly [S[0], ...Sample]>
>;

/** Gives images with another number of channels. */
export type ImageLayer<Channels extends number> = Shaped<
  <const S extends Shape>(x: GraphValue<S> & Image<S>) => GraphValue<readonly [S[0], Channels, number, number]>
>;

/** Gives images of the same size with another number of channels. */
export type SameSizeLayer<Channels extends number> = Shaped<
  <const S extends Shape>(x: GraphValue<S> & Image<S>) => GraphValue<readonly [S[0], Channels, S[2], S[3]]>
>;

/** Gives images of the channels that it takes. */
export type SameChannelsLayer = Shaped<
  <const S extends Shape>(x: GraphValue<S> & Image<S>) => GraphValue<readonly [S[0], S[1], number, number]>
>;

/** Gives a number for each channel of an image. */
export type ChannelsLayer = Shaped<<const S extends Shape>(x: GraphValue<S> & Image<S>) => GraphValue<readonly [S[0], S[1]]>>;

/** The inputs of attention: the queries' sequence, the keys' unless it is the same, and the mask, if any, last. */
export type AttentionInputs = readonly [GraphValue, ...GraphValue[]];

/** The inputs of a recurrent layer: a sequence, its mask where it is masked, the initial state where it is given. */
export type SequenceInputs = readonly [GraphValue, ...GraphValue[]];

/** Gives the shape of its first input. */
export type AttentionLayer = Pick<Layer<AttentionInputs>, 'config' | 'body'> &
  (<const S extends Shape>(x: GraphValue<S>, ...others: readonly GraphValue[]) => GraphValue<S>);

/** Gives a vector for each step of a sequence. */
export type StepsLayer<Units extends number> = Pick<Layer<SequenceInputs>, 'config' | 'body'> &
  (<const S extends Shape>(x: GraphValue<S> & Sequence<S>, ...others: readonly GraphValue[]) => GraphValue<readonly [S[0], S[1], Units]>);

/** Gives a vector for a sequence. */
export type LastStepLayer<Units extends number> = Pick<Layer<SequenceInputs>, 'config' | 'body'> &
  (<const S extends Shape>(x: GraphValue<S> & Sequence<S>, ...others: readonly GraphValue[]) => GraphValue<readonly [S[0], Units]>);

/** `unknown` where S may be a batch of sequences; else the type that it should be. */
type Sequence<S extends Shape> = number extends S['length']
  ? unknown
  : S['length'] extends 3
    ? unknown
    : GraphValue<readonly [-1, time: number, features: number]>;

/** `unknown` where S may be a batch of images; else the type that it should be. */
type Image<S extends Shape> = number extends S['length']
  ? unknown
  : S['length'] extends 4
    ? unknown
    : GraphValue<readonly [-1, channels: number, height: number, width: number]>;
