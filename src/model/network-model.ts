/** A network's structure and losses, traced once to learn its shapes. */
import { DataError, OptionError, ShapeError } from '../errors.ts';
import { Graph, type GraphValue, type Operation } from '../graph/graph.ts';
import { type AnyLayer, layerType } from '../layers/layer.ts';
import type { Loss } from '../losses/loss.ts';
import { checkPrediction, lossGraphOf } from '../losses/rows.ts';
import type { Metric } from '../metrics/metric.ts';
import { checkApplicable } from '../ops/applicable.ts';
import { BATCH, count } from '../ops/shape.ts';
import type { ElementKind } from '../ops/spec.ts';
import { describe } from '../options.ts';
import { formatOrigin, type Origin } from '../origin.ts';
import type { AnyPreparation } from '../preparation/preparation.ts';
import { layOutParameters, type ParameterLayout } from '../program/parameter-layout.ts';
import { areIndices, type ElementRanges, elementRanges, narrowestRanges } from './element-ranges.ts';
import type { Model } from './graphs.ts';
import type { Head, HeadOption } from './heads.ts';
import { tablesOf } from './measures.ts';
import { replay, type Shapes, type Structure, stack } from './structure.ts';
import { warningsOf } from './warnings.ts';

/** Arenas are addressed by 32-bit offsets. */
const MOST_PARAMETERS = 2 ** 31 - 1;

export interface LayerSummary {
  readonly name: string;
  readonly type: string;
  /** Output shape of one batch; of the first of several outputs. */
  readonly shape: readonly number[];
  /** The names of the network's inputs and of the layers whose values it takes, as they are or by way of ops. */
  readonly inputs: readonly string[];
  /** A layer used several times counts once. */
  readonly parameters: number;
}

/** The names of a network's inputs and outputs in tables and messages; undefined for a lone one. */
export interface Labels {
  input(name: string): string | undefined;
  output(name: string): string | undefined;
}

const NAMES: Labels = { input: (name) => name, output: (name) => `output ${name}` };
const NO_NAMES: Labels = { input: () => undefined, output: () => undefined };

export class NetworkModel implements Model {
  readonly heads: readonly Head[];
  readonly summaries: readonly LayerSummary[];
  /** The graph it was traced with: its parameters' shapes and initialisers. */
  readonly traced = new Graph();
  readonly parameterCount: number;
  /** The ranges of input elements, where not any number will do. */
  readonly elementRanges: ReadonlyMap<string, ElementRanges>;
  readonly layout: ParameterLayout;
  readonly warnings: readonly string[];
  /** Types of the layers by their paths. */
  readonly #types = new Map<string, string>();
  /** The needs of layers while these parameters are frozen. */
  #known: { readonly frozen: string; readonly needs: Graph['needs'] } | undefined;

  /**
   * @throws OptionError where losses and outputs do not go together, or a layer in a list gives several values; ShapeError where shapes do not
   *   fit. Both where the preparation is that of another network.
   */
  constructor(
    readonly structure: Structure,
    options: ReadonlyMap<string, HeadOption>,
    readonly labels: Labels = NAMES,
    /** Makes what it takes of raw rows; undefined where it is given numbers. */
    readonly preparation?: AnyPreparation | undefined,
  ) {
    const inputs = [...structure.inputs].map(([name, shape]) => this.traced.input(name, [BATCH, ...shape]));
    const makers = new Map(inputs.map((value, i) => [value, [...structure.inputs.keys()][i]]));
    const applied: (Pick<LayerSummary, 'shape' | 'inputs'> & { readonly layer: AnyLayer })[] = [];
    const predictions = replay(structure, this.traced, inputs, (layer, outputs, taken) => {
      applied.push({ layer, shape: outputs[0].shape, inputs: sourcesOf(taken, makers) });
      for (const value of outputs) makers.set(value, this.traced.pathOf(layer) as string);
    });
    this.heads = [...structure.outputs.keys()].map((name, i) =>
      headOf({ name, label: labels.output(name) }, options.get(name), predictions[i], structure.inputs),
    );
    const surplus = [...options.keys()].find((name) => !structure.outputs.has(name));
    if (surplus !== undefined)
      throw new OptionError(`losses: expected a loss for each of ${this.heads.map(({ name }) => name).join(', ')}, got one for ${surplus}`);
    const counts = this.#countParameters();
    this.summaries = applied.map(({ layer, shape, inputs }) => {
      const name = this.traced.pathOf(layer) as string;
      const parameters = this.#types.has(name) ? 0 : (counts.get(name) ?? 0);
      this.#types.set(name, layerType(layer));
      return { name, type: layerType(layer), shape, inputs, parameters };
    });
    this.elementRanges = narrowestRanges([elementRanges(this.traced), ...this.heads.map((head) => this.#rangesOfLoss(head))]);
    this.parameterCount = [...counts.values()].reduce((total, size) => total + size, 0);
    if (this.parameterCount > MOST_PARAMETERS)
      throw new ShapeError(`network: expected at most ${MOST_PARAMETERS} parameters, got ${this.parameterCount}`);
    for (const operation of this.traced.operations) checkComputable(operation);
    this.layout = layOutParameters([...this.traced.parameters].map(([name, { shape }]) => [name, shape]));
    preparation?.check(this);
    const describe = (origin: Origin) => this.describe(origin);
    this.warnings = warningsOf({ graph: this.traced, heads: this.heads, predictions, describe });
  }

  get inputs(): Shapes {
    return this.structure.inputs;
  }

  /** An input with numbers among its elements holds numbers alone: exact indices need a separate input. */
  elementsOf(input: string): ElementKind {
    return areIndices(this.elementRanges.get(input)) ? 'index' : 'number';
  }

  trace(graph: Graph, inputs: readonly GraphValue[]): GraphValue[] {
    return replay(this.structure, graph, inputs);
  }

  /** Throws DataError where a layer cannot be trained on mini-batches of `rows` rows; `place` says where the smallest lies. */
  checkRows(where: string, rows: number, frozen: ReadonlySet<string>, place = ''): void {
    const need = this.#needs(frozen).find((one) => one.rows > rows);
    if (need)
      throw new DataError(
        `${where}: expected at least ${need.rows} rows in every mini-batch for ${this.describe(need.origin)}, got ${rows}${place}`,
      );
  }

  /** Takes the needs of its layers from a graph that it was traced with for training. */
  learnNeeds({ needs }: Graph, frozen: ReadonlySet<string>): void {
    this.#known = { frozen: [...frozen].join(), needs };
  }

  /** The rows that layers need in a mini-batch. */
  #needs(frozen: ReadonlySet<string>): Graph['needs'] {
    const names = [...frozen].join();
    if (this.#known?.frozen !== names) {
      const graph = new Graph({ training: true, frozen });
      this.trace(
        graph,
        [...this.inputs].map(([name, shape]) => graph.input(name, [BATCH, ...shape])),
      );
      this.learnNeeds(graph, frozen);
    }
    return this.#known?.needs ?? [];
  }

  /** Of the inputs that a head's loss takes. */
  #rangesOfLoss({ loss, shape }: Head): Map<string, ElementRanges> {
    const { inputs, targets } = loss.definition;
    const ranges = inputs.length ? elementRanges(lossGraphOf(loss, shape, targets[0], this.inputs)) : new Map<string, ElementRanges>();
    return new Map([...ranges].filter(([name]) => inputs.includes(name)));
  }

  /** Where in the step something comes from in words. */
  describe(origin: Origin): string {
    const [outermost, ...inner] = origin.layer;
    if (outermost === undefined) return `the ${formatOrigin(origin) || 'step'}`;
    const path = [`layer ${outermost} (${this.#types.get(outermost)})`, ...inner].join('.');
    return origin.backward ? `${path} backward` : path;
  }

  /** Parameters of each layer, by its name; in one pass, since a file may hold thousands of layers. */
  #countParameters(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { shape, source } of this.traced.parameters.values()) {
      const layer = source?.layer[0] ?? '';
      counts.set(layer, (counts.get(layer) ?? 0) + count(shape));
    }
    return counts;
  }
}

/** Refuses operations that no backend can compute: throws ShapeError that names the layer. */
function checkComputable({ op, inputShapes, outputShapes, attributes, origin }: Operation): void {
  try {
    checkApplicable(op, inputShapes, outputShapes, attributes);
  } catch (error) {
    if (error instanceof ShapeError && origin.layer.length)
      throw new ShapeError(`layer ${origin.layer.join('.')}: ${error.message}`, { cause: error });
    throw error;
  }
}

function headOf(
  { name, label }: Pick<Head, 'name' | 'label'>,
  option: HeadOption | undefined,
  prediction: GraphValue,
  inputs: Shapes,
): Head {
  if (!option) throw new OptionError(`losses: expected a loss for output ${describe(name)}, got none`);
  const head = { name, label, ...option, shape: prediction.shape.slice(1) };
  try {
    checkPrediction(option.loss, prediction, inputs);
    return { ...head, tables: tablesOf(head, inputs) };
  } catch (error) {
    if (error instanceof ShapeError && label) throw new ShapeError(`${label}: ${error.message}`, { cause: error });
    if (error instanceof OptionError && label) throw new OptionError(`losses.${name}.${error.message}`, { cause: error });
    throw error;
  }
}

/** A stack of layers and a loss: one input, `x`, and one head, `y`. */
export class SequentialModel extends NetworkModel {
  constructor(
    input: readonly number[],
    layers: readonly AnyLayer[],
    loss: Loss,
    metrics: readonly Metric[] = [],
    preparation?: AnyPreparation,
  ) {
    super(stack(input, layers), new Map([['y', { loss, weight: 1, metrics }]]), NO_NAMES, preparation);
  }
}

/** The names of those that values come from, looking through what ops compute. */
function sourcesOf(values: readonly GraphValue[], makers: ReadonlyMap<GraphValue, string>): string[] {
  const found = new Set<string>();
  const seen = new Set<GraphValue>();
  const visit = (value: GraphValue) => {
    if (seen.has(value)) return;
    seen.add(value);
    const maker = makers.get(value);
    if (maker !== undefined) found.add(maker);
    else for (const operand of value.operation?.inputs ?? []) if (operand) visit(operand);
  };
  values.forEach(visit);
  return [...found];
}
