/**
 * Shapes as types. The compiler computes and compares literal sizes. A size that it does not know is `number`. A shape of unknown rank is a
 * plain Shape, which fits everything. The batch is −1, as in the graph.
 */
import type { Shape } from '../ops/spec.ts';
import type { GraphValue } from './graph.ts';

export type Operand = GraphValue | number;

/** A batch of samples. */
export type Batch<Sample extends Shape> = number extends Sample['length'] ? Shape : readonly [-1, ...Sample];

/** One sample of a value with the batch first. */
export type SampleOf<Value> =
  Value extends GraphValue<infer S> ? (S extends readonly [-1, ...infer Sample extends Shape] ? readonly [...Sample] : Shape) : Shape;

/** The shape with another last size. */
export type WithLast<S extends Shape, Last extends number> = S extends readonly [...infer Rest extends Shape, number]
  ? readonly [...Rest, Last]
  : Shape;

/** The shape without its last size. */
export type WithoutLast<S extends Shape> = S extends readonly [...infer Rest extends Shape, number] ? Rest : Shape;

/** The shape that two broadcast to; never where they do not. */
export type Broadcast<A extends Shape, B extends Shape> = number extends A['length'] | B['length'] ? Shape : FromEnd<A, B>;

type FromEnd<A extends Shape, B extends Shape, Done extends Shape = readonly []> = A extends readonly [
  ...infer RestA extends Shape,
  infer X extends number,
]
  ? B extends readonly [...infer RestB extends Shape, infer Y extends number]
    ? [BroadcastSize<X, Y>] extends [never]
      ? never
      : FromEnd<RestA, RestB, readonly [BroadcastSize<X, Y>, ...Done]>
    : readonly [...A, ...Done]
  : readonly [...B, ...Done];

type BroadcastSize<X extends number, Y extends number> = number extends X | Y
  ? number
  : X extends Y
    ? X
    : X extends 1
      ? Y
      : Y extends 1
        ? X
        : never;

type ShapeOf<X extends Operand> = X extends GraphValue<infer S> ? S : readonly [];

/** `unknown` where Y broadcasts with X; else the type that would. */
export type Broadcasting<X extends Operand, Y extends Operand> = [Broadcast<ShapeOf<X>, ShapeOf<Y>>] extends [never]
  ? GraphValue<ShapeOf<X>>
  : unknown;

/** A function of two values that broadcasts them. */
export type Binary = <const X extends Operand, const Y extends Operand>(
  x: X,
  y: Y & Broadcasting<X, Y>,
) => GraphValue<Broadcast<ShapeOf<X>, ShapeOf<Y>>>;

/** A function of a value that keeps its shape. */
export type Unary = <const S extends Shape>(x: GraphValue<S>) => GraphValue<S>;

/** `unknown` where the values can be joined along their last axis; else the type that each should have. */
export type Joining<Values extends readonly GraphValue[]> = {
  readonly [I in keyof Values]: Alike<ShapeOf<Values[I]>, ShapeOf<Values[0]>> extends true ? unknown : GraphValue<Joined<Values>>;
};

/** The shape of the first of the joined values. */
export type Joined<Values extends readonly GraphValue[]> = WithLast<ShapeOf<Values[0]>, number>;

type Alike<A extends Shape, B extends Shape> = number extends A['length'] | B['length'] ? true : SameSizes<WithoutLast<A>, WithoutLast<B>>;

/** Whether shapes of known ranks agree in every size that is known. */
export type SameSizes<A extends Shape, B extends Shape> = A extends readonly [infer First, ...infer Rest extends Shape]
  ? B extends readonly [infer Wanted, ...infer Others extends Shape]
    ? number extends First | Wanted
      ? SameSizes<Rest, Others>
      : First extends Wanted
        ? SameSizes<Rest, Others>
        : false
    : false
  : B extends readonly []
    ? true
    : false;
