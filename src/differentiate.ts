/** The computational graph alone: a function of tensors, compiled together with its gradient. */
import './compiler/all-passes.ts';
import { atOnce } from './backends/at-once.ts';
import type { SessionNow } from './backends/backend.ts';
import { type BackendOption, RUNNING, selectBackend } from './backends/select.ts';
import { compile } from './compiler/compile.ts';
import { gradientSlot } from './compiler/encode.ts';
import { OptionError, ShapeError } from './errors.ts';
import { differentiateGraph } from './graph/autodiff.ts';
import { sum } from './graph/functions.ts';
import { Graph, GraphValue } from './graph/graph.ts';
import { graphToDot, printGraph } from './graph/print.ts';
import { type TensorLike, toDense } from './nested.ts';
import { count, formatShape } from './ops/shape.ts';
import { flag, readOptions, type TableOf, withDefault } from './options/table.ts';
import { checkNames, checkShape, describe } from './options.ts';
import { platform } from './platform/platform.ts';
import { disassemble } from './program/disassemble.ts';
import type { Slot } from './program/format.ts';
import { type Tensor, tensorOver } from './tensor.ts';

export interface DifferentiateOptions {
  readonly backend?: BackendOption;
  /** False runs the graph as written, one instruction an operation. Default true. */
  readonly optimize?: boolean;
}

const OPTIONS = { backend: RUNNING.backend, optimize: withDefault(flag, true) } satisfies TableOf<DifferentiateOptions>;

export interface Differentiated<Name extends string> {
  /**
   * Evaluates the function and its gradient. Where the result is not one number, the gradients are those of the sum of its elements.
   *
   * @throws ShapeError or DataError where an argument does not fit.
   */
  (values: { readonly [name in Name]: TensorLike | number }): { value: number; result: Tensor; gradients: { [name in Name]: Tensor } };
  /** The graph as text, forward and backward. */
  readonly graph: string;
  /** The compiled program, disassembled. */
  readonly program: string;
  /** The graph in Graphviz's language. */
  toDot(): string;
  dispose(): void;
}

/**
 * Compiles `body`, a function of graph values, together with its gradient with respect to each of them.
 *
 * @param shapes The shape of each argument; [] for a number.
 * @throws ShapeError where the shapes do not suit the operations.
 */
export async function differentiate<Name extends string>(
  body: (values: { readonly [name in Name]: GraphValue }) => GraphValue,
  shapes: { readonly [name in Name]: readonly number[] },
  options: DifferentiateOptions = {},
): Promise<Differentiated<Name>> {
  const { backend: wanted, optimize } = readOptions('differentiate', OPTIONS, options, (name) =>
    name === 'backend' ? name : `differentiate.${name}`,
  );
  if (typeof body !== 'function') throw new OptionError(`differentiate: expected a function of graph values, got ${describe(body)}`);
  if (typeof shapes !== 'object' || shapes === null)
    throw new OptionError(`differentiate: expected the shape of each argument, got ${describe(shapes)}`);
  const names = Object.keys(shapes) as Name[];
  const { graph, text, dot } = traceFunction(body, shapes, names);
  const program = compile(graph, { optimize });
  const { backend } = await selectBackend(platform(), { backend: wanted });
  const session = backend.open(program, 0);
  const now = atOnce(session, 'differentiate', "backend: 'reference' runs everywhere");
  const evaluate = (values: { readonly [name in Name]: TensorLike | number }) => {
    const given = checkNames<TensorLike | number>('differentiate', values, names);
    const arguments_ = names.map((name) => [program.inputs.get(name) as Slot, readArgument(name, given[name], shapes[name])] as const);
    for (const [slot, data] of arguments_) session.write(slot, data);
    now.run({ rows: 1 });
    const result = readTensor(now, program.outputs.get('value') as Slot);
    const gradients = Object.fromEntries(names.map((name) => [name, readTensor(now, program.outputs.get(gradientSlot(name)) as Slot)]));
    return { value: result.data.length === 1 ? result.data[0] : Number.NaN, result, gradients: gradients as { [name in Name]: Tensor } };
  };
  return Object.assign(evaluate, { graph: text, program: disassemble(program), toDot: () => dot, dispose: () => session.dispose() });
}

function traceFunction<Name extends string>(
  body: (values: { readonly [name in Name]: GraphValue }) => GraphValue,
  shapes: { readonly [name in Name]: readonly number[] },
  names: readonly Name[],
): { graph: Graph; text: string; dot: string } {
  const graph = new Graph();
  const inputs = names.map((name) => graph.input(name, checkShape(`differentiate: shape of ${name}`, shapes[name])));
  const value = body(Object.fromEntries(names.map((name, i) => [name, inputs[i]])) as { [name in Name]: GraphValue });
  if (!(value instanceof GraphValue))
    throw new OptionError(`differentiate: expected a function that returns a graph value, got ${describe(value)}`);
  const gradients = differentiateGraph(count(value.shape) === 1 ? value : sum(value), inputs);
  graph.outputs.set('value', value);
  names.forEach((name, i) => {
    graph.gradients.set(name, gradients[i]);
  });
  return { graph, text: printGraph(graph), dot: graphToDot(graph) };
}

function readArgument(name: string, value: TensorLike | number, shape: readonly number[]): ArrayLike<number> {
  if (typeof value === 'number') {
    if (shape.length === 0) return [value];
    throw new ShapeError(`differentiate: expected ${name} of shape ${formatShape(shape)}, got a number`);
  }
  const given = toDense(`differentiate.${name}`, value);
  const flat = given.shape.length === 1 && given.data.length === count(shape);
  if (!flat && given.shape.join() !== shape.join())
    throw new ShapeError(`differentiate: expected ${name} of shape ${formatShape(shape)}, got ${formatShape(given.shape)}`);
  return given.data;
}

function readTensor(now: SessionNow, slot: Slot): Tensor {
  return tensorOver(slot.shape, now.read(slot));
}
