/** The types of rows that are made of others. */
import type { NumberArray } from './chunk.ts';

/** A tensor in a row, or in a batch: numbers of any kind. */
export interface TensorOf<Data extends NumberArray = NumberArray> {
  readonly shape: readonly number[];
  readonly data: Data;
}

/** What row i of a tensor is: a number, a typed array where a row has one axis, a tensor where it has several. */
export type RowOfTensor<T> = T extends { readonly shape: infer Shape; readonly data: infer Data }
  ? Data extends NumberArray
    ? RowOfShape<Shape, Data>
    : RowOfShape<Shape, Float64Array>
  : T extends NumberArray
    ? number
    : T extends readonly (infer Element)[]
      ? Element
      : never;

type RowOfShape<Shape, Data extends NumberArray> = Shape extends readonly [unknown]
  ? number
  : Shape extends readonly [unknown, unknown]
    ? Data
    : Shape extends readonly [unknown, unknown, unknown, ...unknown[]]
      ? TensorOf<Data>
      : // Its axes are not in its type.
        // biome-ignore lint/suspicious/noExplicitAny: what it is, its reader knows.
        any;

/** The names of a row for which several values of it come together, with what these are then. */
type Each<Row, Leaf extends keyof Leaves<unknown>> = Row extends NumberArray | TensorOf | readonly unknown[] | Date | null | undefined
  ? Leaves<Row>[Leaf]
  : Row extends object
    ? { readonly [Name in keyof Row]: Each<Row[Name], Leaf> }
    : Leaves<Row>[Leaf];

interface Leaves<Value> {
  readonly steps: Value extends NumberArray ? TensorOf<Value> : Value extends TensorOf ? Value : Value[];
  readonly batch: Value extends number | NumberArray | TensorOf ? TensorOf : TensorOf | readonly Value[];
}

/** Consecutive rows as one: lists of their values, tensors of typed arrays and of tensors. */
export type StepsOf<Row> = Each<Row, 'steps'>;

/** Rows by columns: tensors of numbers, lists of anything else. */
export type BatchOf<Row> = Each<Row, 'batch'>;

/** Rows with changed images: class indices that are mixed are probabilities. */
export type AugmentedRow<Row, Options> = Options extends { readonly mixup: { readonly classes: number; readonly of?: undefined } }
  ? Omit<Row, 'y'> & { readonly y: Float64Array }
  : Row;

/** The rows of tensors by name. */
export type RowsOfTensors<Tensors> = {
  readonly [Name in keyof Tensors]: Tensors[Name] extends TensorLikeColumn
    ? RowOfTensor<Tensors[Name]>
    : { readonly [Inner in keyof Tensors[Name]]: RowOfTensor<Tensors[Name][Inner]> };
};

/** A tensor, or a list of one value a row. */
export type TensorLikeColumn =
  | NumberArray
  | { readonly shape: readonly number[]; readonly data: NumberArray | readonly number[] }
  | readonly unknown[];

/** Tensors and lists by name, or by names within names: `{ x, y }`, `{ x: { age, job }, y }`. All have as many rows. */
export interface TensorsByName {
  readonly [name: string]: undefined | TensorLikeColumn | { readonly [inner: string]: TensorLikeColumn };
}
