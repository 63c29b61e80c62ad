/** Compiles a network's prediction into a file for `loadPredictor`: its program, and the values that this reads. */
import { atOnce } from '../backends/at-once.ts';
import type { DataColumn, Elements } from '../backends/backend.ts';
import { fromWords } from '../backends/words.ts';
import { compilePrepared } from '../compiler/compile.ts';
import { OptionError } from '../errors.ts';
import type { ElementRange, ElementRanges } from '../model/element-ranges.ts';
import type { Engine } from '../model/engine.ts';
import { predictionGraph } from '../model/graphs.ts';
import type { ElementKind } from '../ops/spec.ts';
import { type Check, flag, type TableOf, withDefault } from '../options/table.ts';
import { checkInteger } from '../options.ts';
import { MOST_FLOATS, MOST_ROWS, type RangeRun } from '../predictor/file.ts';
import { writePredictor } from '../predictor/write.ts';
import type { Program } from '../program/format.ts';
import { scratchFloats } from '../program/scratch.ts';

export interface PredictorFileOptions {
  /** The most rows that are computed at once: more rows are predicted in pieces, and take the memory of one piece. Default 32. */
  readonly rows?: number;
  /** Whether it gives probabilities where the loss says how. Default false. */
  readonly probabilities?: boolean;
  /**
   * Leaves the preparation of a network out, which predictors know nothing of: they take the numbers that `network.preparation.encode(rows)` makes, and
   * give those that the network is trained on. Default false: a network with a preparation is refused.
   */
  readonly withoutPreparation?: boolean;
}

const checkRows: Check<number> = (where, value) => {
  const rows = checkInteger(where, value);
  if (rows > MOST_ROWS) throw new OptionError(`${where}: expected at most ${MOST_ROWS}, got ${rows}`);
  return rows;
};

export const PREDICTOR_FILE = {
  rows: withDefault(checkRows, 32),
  probabilities: withDefault(flag, false),
  withoutPreparation: withDefault(flag, false),
} satisfies TableOf<PredictorFileOptions>;

/** Throws OptionError for a network of raw rows, for one with ops of its own, which no kernels have, and for a program larger than predictors may be. */
export function predictorFile(
  engine: Engine,
  isNamed: boolean,
  { rows, probabilities, withoutPreparation }: Required<PredictorFileOptions>,
): Uint8Array {
  const { model, weights, products, quantization } = engine;
  if (model.preparation && !withoutPreparation)
    throw new OptionError(
      'toPredictor: expected a network that takes numbers, got one of raw rows; withoutPreparation: true leaves its preparation out, and preparation.encode(rows) makes the numbers',
    );
  // WebAssembly will run it.
  const portable = products === 'bfloat16' ? 'rounded' : products;
  const options = { maximumRows: rows, products: portable, toBytes: quantization?.toBytes };
  const { program, preparation } = compilePrepared(predictionGraph(model, probabilities), options);
  const floats = program.arenaSize + scratchFloats(program);
  if (floats > MOST_FLOATS)
    throw new OptionError(
      `toPredictor.rows: expected a program that takes at most ${MOST_FLOATS} numbers of memory, got ${floats} for ${rows} rows at once`,
    );
  const own = program.customOps?.[0] ?? preparation?.customOps?.[0];
  if (own) throw new OptionError(`toPredictor: expected ops that have kernels, got ${own.name}`);
  const prepared = preparation ? preparedValues(engine, preparation) : undefined;
  return writePredictor({
    ...{ program, isNamed },
    inputs: [...model.inputs].map(([name, shape]) => ({ name, shape, ...rangesOf(model, model.elementRanges.get(name)) })),
    outputs: model.heads.map(({ name, shape }) => ({ name, shape })),
    parameter: (name) => prepared?.get(name) ?? weights.get(name),
  });
}

/** The values that the preparation makes of the network's parameters. */
function preparedValues({ backend, seed, weights }: Engine, preparation: Program): Map<string, DataColumn['data']> {
  const session = backend.open(preparation, seed);
  try {
    const now = atOnce(session, 'toPredictor', 'it has none');
    for (const [name, slot] of preparation.parameters) session.write(slot, weights.get(name));
    now.run({ rows: 1 });
    return new Map([...preparation.outputs].map(([name, { elements }]) => [name, elementsOf(now.read(name).slice(), elements)]));
  } finally {
    session.dispose();
  }
}

/** Indices of any backend as an Int32Array. */
const elementsOf = (values: Elements, kind: ElementKind = 'number') => (kind === 'index' ? Int32Array.from(fromWords(values)) : values);

/** Elements one after the other that have one range are told of together. */
function rangesOf(model: Engine['model'], ranges: ElementRanges | undefined): { ranges?: readonly RangeRun[] } {
  if (!ranges) return {};
  const runs: { count: number; range?: RangeRun['range'] }[] = [];
  let last: ElementRange | undefined;
  for (const range of ranges) {
    if (runs.length > 0 && range === last) runs[runs.length - 1].count++;
    else runs.push({ count: 1, ...(range && { range: described(model, range) }) });
    last = range;
  }
  return { ranges: runs };
}

function described(model: Engine['model'], { as, most, isIndex, op, origin }: ElementRange): RangeRun['range'] {
  return { as, most, isIndex, taker: origin.layer.length ? model.describe(origin) : op };
}
