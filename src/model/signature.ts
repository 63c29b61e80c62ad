/** The types of a network's data and predictions: one tensor or named ones, checked against literal shapes. */
import type { SameSizes, WithoutLast } from '../graph/shapes.ts';
import type { TensorLike } from '../nested.ts';
import type { Tensor } from '../tensor.ts';

/** The shape of one sample. */
export type SampleShape = readonly number[];
export type NamedShapes = { readonly [name: string]: SampleShape };
/** What numbers are: a network of `layers` has one input and one output; one of `build` has named ones. */
export type NumberShapes = SampleShape | NamedShapes;
/** The inputs or outputs of a network: numbers, or raw rows and targets that it prepares. */
export type Shapes = NumberShapes | PreparedRows<Any, Any> | PreparedTargets<Any, Any>;

declare const ROW: unique symbol;
declare const TARGET: unique symbol;
// biome-ignore lint/suspicious/noExplicitAny: whoever loads a network may not know what its rows are.
type Any = any;

/** The inputs of a network with a preparation: its raw rows, and the shapes of what it makes of them. */
export interface PreparedRows<Row = Any, S extends NumberShapes = SampleShape> {
  readonly [ROW]: readonly [Row, S];
}

/** The outputs of a network whose preparation encodes targets: its raw targets, and the shapes of its predictions. */
export interface PreparedTargets<Target = Any, S extends NumberShapes = SampleShape> {
  readonly [TARGET]: readonly [Target, S];
}

/** The shapes of the numbers. */
export type ShapesOf<S extends Shapes> = S extends PreparedRows<Any, infer Own> | PreparedTargets<Any, infer Own> ? Own : S;

/** The outputs of a network whose targets are encoded; as they are where none is. */
export type TargetShapes<Target, S extends NumberShapes> = Target extends undefined ? S : PreparedTargets<Target, S>;

/** Raw rows, or their columns by name. */
export type RawRows<Row> = readonly Row[] | { readonly [Name in keyof Row]?: ArrayLike<Row[Name]> };

/** Raw targets, one a row; of several outputs by name. */
export type RawTargets<Target> = Target extends string | number | boolean | bigint
  ? ArrayLike<Target> | { readonly shape: readonly number[]; readonly data: ArrayLike<Target> }
  : { readonly [output: string]: ArrayLike<Any> | TensorLike };

/** The type of rows of such samples, as callers give them. */
export type Rows<S extends Shapes> =
  S extends PreparedRows<infer Row, Any>
    ? RawRows<Row>
    : S extends PreparedTargets<infer Target, Any>
      ? RawTargets<Target>
      : S extends SampleShape
        ? TensorLike
        : { readonly [Name in keyof S]: TensorLike };

/** The type of predictions of such shapes, as callers get them. */
export type Predictions<S extends Shapes> =
  S extends PreparedTargets<Any, infer Own> ? Predictions<Own> : S extends SampleShape ? Tensor : { readonly [Name in keyof S]: Tensor };

/** `unknown` where T may be rows of S; else the type that T should be, for the compiler's message. */
export type Fitting<T, S extends Shapes> =
  S extends PreparedRows<Any, Any>
    ? unknown
    : S extends SampleShape
      ? FittingRows<T, S>
      : { readonly [Name in keyof S]: Name extends keyof T ? FittingPart<T[Name], S[Name]> : unknown } & Surplus<T, S>;

/** Names that S does not have. */
type Surplus<T, S> = { readonly [Name in Exclude<keyof T, keyof S>]: never };

/** `unknown` where T may be targets of predictions of shape S, values or class indices; else the type that values should be. */
export type FittingTargets<T, S extends Shapes> =
  S extends PreparedTargets<Any, Any>
    ? unknown
    : S extends SampleShape
      ? FittingTarget<T, S>
      : { readonly [Name in keyof S]: Name extends keyof T ? FittingTarget<T[Name], S[Name]> : unknown } & Surplus<T, S>;

/** Class indices stand in place of vectors along the last axis, or of whole samples. */
type FittingTarget<T, S> = S extends SampleShape
  ? unknown extends
      | FittingRows<T, S>
      | FittingRows<T, WithoutLast<S>>
      | FittingRows<T, readonly [...WithoutLast<S>, 1]>
      | FittingRows<T, readonly []>
    ? unknown
    : FittingRows<T, S>
  : never;

type FittingPart<T, S> = S extends SampleShape ? FittingRows<T, S> : never;

type FittingRows<T, S extends SampleShape> = number extends S['length']
  ? unknown
  : TensorLike extends T
    ? unknown
    : T extends { readonly shape: infer Given }
      ? FittingShape<Given, readonly [rows: number, ...S]>
      : T extends ArrayLike<Nested<S>>
        ? unknown
        : readonly Nested<S>[];

/** Sizes, and numbers of sizes, that are not known while compiling fit. */
type FittingShape<Given, Expected extends SampleShape> = Given extends SampleShape
  ? number extends Given['length']
    ? unknown
    : SameSizes<Given, Expected> extends true
      ? unknown
      : { readonly shape: Expected }
  : unknown;

/** A sample as nested arrays. */
type Nested<S extends SampleShape> = S extends readonly [number, ...infer Rest extends SampleShape] ? ArrayLike<Nested<Rest>> : number;
