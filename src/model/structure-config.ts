/** A network's structure as a model file has it. */
import { FormatError, OptionError } from '../errors.ts';
import { type AnyLayer, type LayerConfig, layerType } from '../layers/layer.ts';
import { applicationProblem, isRealAttribute } from '../ops/attributes.ts';
import { isComputing, isInTable, joinedOps, opNamed } from '../ops/registry.ts';
import type { Attributes, OpSpec } from '../ops/spec.ts';
import { asGiven, optional, readOptions } from '../options/table.ts';
import { checkName, checkShape, describe, isName, LONGEST_NAME } from '../options.ts';
import type { Node, OpNode, Reference, Shapes, Structure } from './structure.ts';

/** A layer's config. Throws OptionError for a layer without one, which could not be read back. */
export function layerConfig(layer: AnyLayer, where: string): LayerConfig {
  if (!layer.config)
    throw new OptionError(
      `save: expected layers that chainrule makes, or defineLayer with a config, got a function as ${where}; save parameters() instead`,
    );
  return layer.config;
}

/** Plain JSON: `layers` once each, and nodes that name them by number. */
export function structureConfig({ inputs, nodes, outputs }: Structure): Record<string, unknown> {
  const layers = [...new Set(nodes.flatMap((node) => ('layer' in node ? [node.layer] : [])))];
  return {
    inputs: Object.fromEntries(inputs),
    layers: layers.map((layer, i) => layerConfig(layer, `layer ${i}`)),
    nodes: nodes.map((node) =>
      'layer' in node
        ? { layer: layers.indexOf(node.layer), inputs: node.inputs.map(referenceConfig) }
        : { op: opName(node.op), inputs: node.inputs.map(referenceConfig), attributes: attributesConfig(node) },
    ),
    outputs: Object.fromEntries([...outputs].map(([name, reference]) => [name, referenceConfig(reference)])),
  };
}

function referenceConfig(reference: Reference | null): unknown {
  return typeof reference === 'object' && reference !== null ? { constant: numberConfig(reference.constant) } : reference;
}

function attributesConfig({ attributes }: OpNode): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'number' ? numberConfig(value) : value]),
  );
}

function opName(op: OpSpec | string): string {
  const name = typeof op === 'string' ? op : op.name;
  if (typeof op !== 'string' && !(isInTable(name) && opNamed(name) === op))
    throw new OptionError(`save: expected ops that chainrule has, got ${name}; put it into a layer made by defineLayer`);
  return name;
}

/** Shapes by name. Throws OptionError. */
export function shapesFrom(where: string, value: unknown): Shapes {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    throw new OptionError(`${where}: expected the shape of each input, { name: shape }, got ${describe(value)}`);
  return new Map(
    Object.entries(value).map(([name, shape]) => {
      checkPartName(where, name);
      return [name, checkShape(`${where}.${name}`, shape)];
    }),
  );
}

/** Throws OptionError for an impossible name of an input or an output: an object with a key `__proto__` is easily taken for another one. */
export function checkPartName(where: string, name: string): void {
  if (!isName(name, /^[A-Za-z_][\w-]*$/) || name === '__proto__')
    throw new OptionError(
      `${where}: expected names of a letter and letters, digits, _ and -, at most ${LONGEST_NAME} characters, got ${describe(name)}`,
    );
}

/** Reads what `structureConfig` wrote. Throws FormatError or OptionError. */
export function structureFrom(config: Readonly<Record<string, unknown>>, layerOf: (config: LayerConfig) => unknown): Structure {
  const inputs = shapesFrom('model.inputs', config.inputs);
  const layers = list('model.layers', config.layers).map((layer) => layerOf(layer as LayerConfig) as AnyLayer);
  const nodes = list('model.nodes', config.nodes).map((node) => nodeFrom(node, layers));
  if (typeof config.outputs !== 'object' || config.outputs === null)
    throw new FormatError(`model.outputs: expected an object, got ${describe(config.outputs)}`);
  const outputs = Object.entries(config.outputs).map(([name, reference]): [string, Reference] => {
    checkPartName('model.outputs', name);
    return [name, referenceFrom(reference)];
  });
  return { inputs, nodes, outputs: new Map(outputs) };
}

function list(where: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new FormatError(`${where}: expected a list, got ${describe(value)}`);
  return value;
}

/** The keys of a node; nodes of layers and nodes of ops check the values of theirs. */
const NODE = {
  layer: optional(asGiven<unknown>()),
  op: optional(asGiven<unknown>()),
  inputs: optional(asGiven<unknown>()),
  attributes: optional(asGiven<unknown>()),
};

function nodeFrom(node: unknown, layers: readonly AnyLayer[]): Node {
  const { layer, op, inputs, attributes } = readOptions('model.nodes', NODE, node);
  const references = list('model.nodes.inputs', inputs);
  if (op === undefined) {
    const made = typeof layer === 'number' ? layers[layer] : undefined;
    if (!made) throw new FormatError(`model.nodes.layer: expected the number of a layer, got ${describe(layer)}`);
    if (references.length === 0) throw new FormatError(`model.nodes: expected an input of ${layerType(made)}, got none`);
    return { layer: made, inputs: references.map(referenceFrom) };
  }
  const spec = opNamed(
    checkName(
      'model.nodes.op',
      op,
      joinedOps()
        .filter(isComputing)
        .map(({ name }) => name),
    ),
  );
  const given = references.map((reference) => (reference === null ? null : referenceFrom(reference)));
  const isWhole = spec.inputs.every((name, i) => spec.operands[name] === 'in?' || typeof (given[i] ?? undefined) !== 'undefined');
  if (!isWhole || given.length > spec.inputs.length)
    throw new FormatError(`model.nodes: expected the ${spec.inputs.length} operands of ${spec.name}, got ${given.length}`);
  return { op: spec.name, inputs: given, attributes: attributesFrom(spec, given, attributes) } satisfies OpNode;
}

function referenceFrom(value: unknown): Reference {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  const constant = numberFrom((value as { constant?: unknown } | null)?.constant);
  if (typeof constant === 'number') return { constant };
  throw new FormatError(`model: expected the number of a value or { constant }, got ${describe(value)}`);
}

function attributesFrom(op: OpSpec, inputs: readonly unknown[], value: unknown): Attributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FormatError(`model.nodes: expected the attributes of ${op.name}, got ${describe(value)}`);
  const attributes = Object.fromEntries(
    Object.entries(value).map(([name, attribute]) => [name, isRealAttribute(op, name) ? numberFrom(attribute) : attribute]),
  );
  const problem = applicationProblem(op, inputs, attributes);
  if (problem) throw new FormatError(`model.nodes: ${problem}`);
  return attributes;
}

/** Numbers that JSON has no form for, as text. */
const UNWRITTEN = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
const textOf = (value: number) => (Object.is(value, -0) ? '-0' : String(value));

/** A number as JSON holds it. */
function numberConfig(value: number): number | string {
  return UNWRITTEN.some((number) => Object.is(number, value)) ? textOf(value) : value;
}

/** Reads what `numberConfig` wrote; leaves anything else as it is. */
function numberFrom(value: unknown): unknown {
  return UNWRITTEN.find((number) => textOf(number) === value) ?? value;
}
