/** Calibrates a network's dense layers for products of bytes: the ranges of their inputs in data, and what the bytes cost each layer. */
import { LARGEST_FLOAT32 } from '../backends/finite.ts';
import { compilePrepared } from '../compiler/compile.ts';
import { type ByteProduct, byteProducts, fusedPrediction } from '../compiler/quantize.ts';
import type { PreparedSamples } from '../data/samples.ts';
import { DataError, OptionError } from '../errors.ts';
import { slices } from '../event-loop/slices.ts';
import type { Graph, GraphValue } from '../graph/graph.ts';
import type { Engine } from '../model/engine.ts';
import { predictionGraph } from '../model/graphs.ts';
import { type QuantizedLayer, quantizationOf } from '../model/quantization.ts';
import { MOST_BYTE_STEPS } from '../ops/quantization.ts';
import { count, resolve } from '../ops/shape.ts';
import { PreparedSession } from './prepared-session.ts';

/** Rows that are run at once. */
const ROWS = 64;

type Measured = { -readonly [K in keyof QuantizedLayer]: QuantizedLayer[K] };

/** Throws OptionError for a network without a layer that can be quantised, DataError for rows with which a layer computes NaN or infinity. */
export async function calibrate(engine: Engine, samples: PreparedSamples): Promise<readonly QuantizedLayer[]> {
  const graph = fusedPrediction(predictionGraph(engine.model, false));
  const products = byteProducts(graph);
  if (products.length === 0)
    throw new OptionError(
      `quantize: expected a layer whose product can be one of bytes (dense, or a matmul by a parameter, of ${MOST_BYTE_STEPS} inputs at most), got none`,
    );
  products.forEach(({ input, output }, i) => {
    graph.outputs.set(inputName(i), graph.numbers(input));
    graph.outputs.set(outputName(i), output);
  });
  const layers = await measureRanges(engine, samples, graph, products);
  await measureErrors(engine, samples, { graph, products, layers });
  return layers;
}

const inputName = (i: number) => `input ${i}`;
const outputName = (i: number) => `output ${i}`;

/** One for each weight: products that share it share the range of all their inputs. */
async function measureRanges(
  engine: Engine,
  samples: PreparedSamples,
  graph: Graph,
  products: readonly ByteProduct[],
): Promise<Measured[]> {
  const layers = new Map(products.map(({ weight }): [string, Measured] => [weight, { weight, minimum: 0, maximum: 0, error: 0 }]));
  const probe = new Probe(engine, graph);
  try {
    for (let start = 0; start < samples.rows; start += ROWS) {
      const rows = await probe.run(samples, start);
      for (const [i, { weight, input }] of products.entries()) {
        const layer = layers.get(weight) as Measured;
        for (const x of await probe.read(inputName(i), input, rows)) {
          if (x < layer.minimum) layer.minimum = x;
          else if (x > layer.maximum) layer.maximum = x;
          else if (Number.isNaN(x)) throw unbounded('inputs', weight, x);
        }
      }
      await slices.breathe();
    }
  } finally {
    probe.dispose();
  }
  for (const { weight, minimum, maximum } of layers.values())
    for (const end of [minimum, maximum]) if (Math.abs(end) > LARGEST_FLOAT32) throw unbounded('inputs', weight, end);
  return [...layers.values()];
}

/** No bytes stand for such a number, and a file holds none. */
const unbounded = (what: 'inputs' | 'results', weight: string, came: number) =>
  new DataError(
    `quantize: expected rows for which every layer computes finite numbers within the range of float32, got ${came} among the ${what} of the layer of ${weight}`,
  );

interface Calibration {
  readonly graph: Graph;
  readonly products: readonly ByteProduct[];
  readonly layers: readonly Measured[];
}

/** The largest difference that bytes make in each layer's results, relative to the largest result: all layers before it have bytes too. */
async function measureErrors(engine: Engine, samples: PreparedSamples, { graph, products, layers }: Calibration): Promise<void> {
  const [exact, quantized] = [new Probe(engine, graph), new Probe({ ...engine, quantization: quantizationOf(layers) }, graph)];
  const largest = products.map(() => ({ result: 0, difference: 0 }));
  try {
    for (let start = 0; start < samples.rows; start += ROWS) {
      const rows = await exact.run(samples, start);
      await quantized.run(samples, start);
      for (const [i, { weight, output }] of products.entries()) {
        const wanted = await exact.read(outputName(i), output, rows);
        const came = await quantized.read(outputName(i), output, rows);
        const most = largest[i];
        for (let k = 0; k < wanted.length; k++) {
          most.result = Math.max(most.result, Math.abs(wanted[k]));
          most.difference = Math.max(most.difference, Math.abs(wanted[k] - came[k]));
        }
        if (!Number.isFinite(most.difference))
          throw unbounded('results', weight, [...wanted, ...came].find((x) => !Number.isFinite(x)) ?? most.difference);
      }
      await slices.breathe();
    }
  } finally {
    exact.dispose();
    quantized.dispose();
  }
  for (const [i, { weight }] of products.entries()) {
    const layer = layers.find((one) => one.weight === weight) as Measured;
    const { result, difference } = largest[i];
    if (result > 0) layer.error = Math.max(layer.error, difference / result);
  }
}

/** A session of a prediction, some of whose values are read. */
class Probe {
  readonly #prepared: PreparedSession;
  readonly #inputs: readonly string[];

  constructor(engine: Engine, graph: Graph) {
    const { layout, inputs } = engine.model;
    this.#inputs = [...inputs.keys()];
    const program = compilePrepared(graph, { maximumRows: ROWS, layout, toBytes: engine.quantization?.toBytes });
    this.#prepared = new PreparedSession(engine, program);
  }

  /** Runs some rows from `start` on; gives how many. */
  async run({ inputs, rows }: PreparedSamples, start: number): Promise<number> {
    const { session } = this.#prepared;
    const end = Math.min(start + ROWS, rows);
    await this.#prepared.load();
    inputs.forEach(({ data, width }, i) => {
      // An input that nothing reads has no place.
      if (session.program.inputs.has(this.#inputs[i])) session.write(this.#inputs[i], data.subarray(start * width, end * width));
    });
    await session.run({ rows: end - start });
    return end - start;
  }

  read(name: string, { shape }: GraphValue, rows: number) {
    return this.#prepared.session.read(name, resolve(count(shape), rows));
  }

  dispose(): void {
    this.#prepared.dispose();
  }
}
