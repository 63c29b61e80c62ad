/** What a quantised network knows of its layers, and how a model file says it. */
import { LARGEST_FLOAT32 } from '../backends/finite.ts';
import { fusedPrediction, quantizeProducts } from '../compiler/quantize.ts';
import { FormatError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { type Check, readOptions, required, type TableOf } from '../options/table.ts';
import { checkNumber, describe } from '../options.ts';

/** A layer whose product is one of bytes. */
export interface QuantizedLayer {
  /** The name of its weight. */
  readonly weight: string;
  /** The range of its inputs in the rows that it was calibrated with, 0 included: numbers of float32. Inputs beyond it are taken for its ends. */
  readonly minimum: number;
  readonly maximum: number;
  /** The largest difference that bytes made in the layer's results for those rows, relative to the largest result. */
  readonly error: number;
}

/** The layers, and how a prediction's graph becomes one whose products are of bytes. */
export interface Quantization {
  readonly layers: readonly QuantizedLayer[];
  toBytes(graph: Graph): Graph;
}

export const quantizationOf = (layers: readonly QuantizedLayer[]): Quantization => ({
  layers,
  toBytes: (graph) => quantizeProducts(fusedPrediction(graph), layers),
});

const checkText: Check<string> = (where, value) => {
  if (typeof value !== 'string') throw new FormatError(`${where}: expected the name of a weight, got ${describe(value)}`);
  return value;
};
const fromLowest: Check<number> = (where, value) => checkNumber(where, value, -LARGEST_FLOAT32, 0);
const atLeastZero: Check<number> = (where, value) => checkNumber(where, value, 0);
const toLargest: Check<number> = (where, value) => checkNumber(where, value, 0, LARGEST_FLOAT32);

const LAYER = {
  weight: required(checkText),
  minimum: required(fromLowest),
  maximum: required(toLargest),
  error: required(atLeastZero),
} satisfies TableOf<QuantizedLayer>;

/** From a file. Throws FormatError or OptionError for what is no list of layers with these weights, each once. */
export function quantizationFrom(given: unknown, weights: ReadonlySet<string>): readonly QuantizedLayer[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new FormatError(`model.quantization: expected a list of layers, got ${describe(given)}`);
  const left = new Set(weights);
  return given.map((one, i) => {
    const layer = readOptions(`model.quantization[${i}]`, LAYER, one);
    if (!left.delete(layer.weight))
      throw new FormatError(`model.quantization[${i}]: expected a weight that was not named before, got ${describe(layer.weight)}`);
    return layer;
  });
}
