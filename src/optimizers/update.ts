/** The update of a parameter in the graph: what an update rule returns and assigns is checked, and written once all of it is computed. */
import { OptionError, ShapeError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { type Graph, GraphValue, type Operation } from '../graph/graph.ts';
import { memoryOf } from '../graph/rewrite.ts';
import { stateNamed } from '../graph/source.ts';
import { formatShape, sameShape } from '../ops/shape.ts';
import type { Shape } from '../ops/spec.ts';
import { describe, isName } from '../options.ts';
import { averagedParameter } from './average.ts';
import { definitionOf } from './definition.ts';
import { type Optimizer, OptimizerScope, type UpdateNotes } from './optimizer.ts';

/**
 * Adds the update of one parameter to the graph, with its state. `learningRate` is one number.
 *
 * @throws OptionError or ShapeError where the rule returns or assigns what is no value of the parameter's shape, ignores a weight decay, or has a
 *   state that it never changes.
 */
export function addUpdate(
  graph: Graph,
  name: string,
  parameter: GraphValue,
  gradient: GraphValue,
  optimizer: Optimizer,
  learningRate: GraphValue = graph.constant(optimizer.learningRate),
): void {
  const { type, weightDecay, update } = optimizer;
  const notes: UpdateNotes = { states: [], assignments: new Map(), readsWeightDecay: false };
  const scope = new OptimizerScope(graph, name, parameter.shape, optimizer, notes);
  const before = graph.operations.length;
  const next = atOnce(`optimizer ${type}`, update(scope, parameter, gradient, learningRate));
  if (weightDecay !== 0 && !notes.readsWeightDecay)
    throw new OptionError(
      `${type}.weightDecay: expected 0, since the optimizer's update never reads scope.weightDecay, got ${weightDecay}`,
    );
  const check = (what: string, value: unknown) => checkNext(`optimizer ${type}: ${what} of ${name}`, graph, parameter.shape, value);
  const writes = [...notes.assignments].map(([state, value]) => {
    const { kind } = stateNamed(state.source?.name ?? '');
    return [state, check(`the next state ${kind}`, value)] as const;
  });
  const value = check('the next value', next);
  checkStates(`optimizer ${type}`, notes, graph.operations.slice(before));
  assignAll(graph, [[parameter, value], ...writes]);
}

/** Throws OptionError for a state that the rule asks for and neither assigns nor gives to an op that changes it. */
function checkStates(where: string, { states, assignments }: UpdateNotes, operations: readonly Operation[]): void {
  const changed = new Set([...assignments.keys(), ...operations.flatMap(changedBy)]);
  const constant = states.find((state) => !changed.has(state));
  if (!constant) return;
  const { kind, parameter } = stateNamed(constant.source?.name ?? '');
  throw new OptionError(
    `${where}: expected scope.assign() to give the state ${kind} of ${parameter} its next value, got none: it would never change`,
  );
}

/** The values that an operation changes where they lie. */
const changedBy = ({ op, inputs }: Operation) =>
  inputs.flatMap((input, i) => (input && op.operands[op.inputs[i]] === 'inout' ? memoryOf(input) : []));

/** Throws OptionError for what is no value of the graph, ShapeError for one of another shape. */
function checkNext(what: string, graph: Graph, shape: Shape, value: unknown): GraphValue {
  if (!(value instanceof GraphValue)) throw new OptionError(`${what}: expected a graph value, got ${describe(value)}`);
  if (value.graph !== graph) throw new OptionError(`${what}: expected a value of the step's graph, got one of another graph`);
  if (!sameShape(value.shape, shape))
    throw new ShapeError(`${what}: expected the shape ${formatShape(shape)}, got ${formatShape(value.shape)}`);
  return graph.numbers(value);
}

/** Assigns all values as they were before the first assignment; what is assigned to itself stays as it is. */
function assignAll(graph: Graph, given: readonly (readonly [GraphValue, GraphValue])[]): void {
  const writes = given.filter(([target, value]) => memoryOf(value) !== target);
  const targets = new Set(writes.map(([target]) => target));
  const values = writes.map(([, value]) => (targets.has(memoryOf(value)) ? copyOf(value) : value));
  writes.forEach(([target], i) => {
    graph.apply('assign', [target, values[i]]);
  });
}

/** The same bits, NaN and −0 too, in another place. */
const copyOf = (value: GraphValue) => value.graph.apply('maximum', [value, value])[0];

/** The shape of a state by its name: its parameter's, or one number for a state of all parameters; undefined for an unknown parameter. */
export function stateShape(name: string, shapeOf: (parameter: string) => Shape | undefined): Shape | undefined {
  const { kind, parameter } = stateNamed(name);
  if (!isName(kind, /^[A-Za-z_]\w*$/)) return undefined;
  return parameter === undefined ? [] : shapeOf(parameter);
}

/** A state in words, by its name. */
export function describeState(optimizer: Optimizer, name: string): string {
  const { kind, parameter } = stateNamed(name);
  const averaged = averagedParameter(name);
  if (averaged !== undefined) return `the average of ${averaged}`;
  const words = definitionOf(optimizer)?.states?.[kind] ?? `the optimizer's ${kind}`;
  return parameter === undefined ? words : `${words} of ${parameter}`;
}
