/** Prints a graph for people: as lines of text, and as Graphviz DOT. */
import { formatShape } from '../ops/shape.ts';
import type { Attributes, ElementKind } from '../ops/spec.ts';
import type { Graph, GraphValue } from './graph.ts';
import { liveOperations } from './rewrite.ts';

/** `x`, `0.weight` for a source; `%3` or `%3.1` for an operation's output. */
function nameOf(value: GraphValue | undefined): string {
  if (!value) return '–';
  if (value.source) return value.source.name;
  const { id, outputs } = value.operation!;
  return outputs.length > 1 ? `%${id}.${value.index}` : `%${id}`;
}

function formatAttributes(attributes: Attributes): string {
  const shown = Object.entries(attributes).filter(([, value]) => value !== false);
  return shown.length
    ? ` {${shown.map(([name, value]) => `${name}: ${Array.isArray(value) ? `[${value.join(', ')}]` : value}`).join(', ')}}`
    : '';
}

const KIND: Readonly<Record<ElementKind, string>> = { number: '', index: ' of indices', bfloat16: ' of bfloat16' };

/** One line an operation: `%4 = add(%2, 0.bias) [batch, 32]`. */
export function printGraph(graph: Graph): string {
  const sources = [...graph.inputs, ...graph.parameters].map(
    ([name, { source, shape, elements }]) => `${name} = ${source!.kind} ${formatShape(shape)}${KIND[elements]}`,
  );
  const operations = liveOperations(graph).map(({ op, inputs, outputs, attributes }) => {
    const call = `${op.name}(${inputs.map(nameOf).join(', ')})${formatAttributes(attributes)}`;
    return outputs.length
      ? `${outputs.map(nameOf).join(', ')} = ${call} ${outputs.map((output) => formatShape(output.shape)).join(', ')}`
      : call;
  });
  const results = [...graph.outputs, ...[...graph.gradients].map(([name, value]) => [`∂/∂${name}`, value] as const)];
  return [...sources, ...operations, ...results.map(([name, value]) => `${name} ← ${nameOf(value)}`)].join('\n');
}

/** Graphviz: sources as ellipses, operations as boxes, results as double circles. */
export function graphToDot(graph: Graph): string {
  const id = (value: GraphValue) => JSON.stringify(value.source ? nameOf(value) : `%${value.operation!.id}`);
  const lines: string[] = [];
  for (const [name, value] of [...graph.inputs, ...graph.parameters])
    lines.push(`${id(value)} [label=${JSON.stringify(`${name}\n${formatShape(value.shape)}`)}];`);
  for (const { op, inputs, outputs, id: number } of liveOperations(graph)) {
    lines.push(
      `"%${number}" [shape=box, label=${JSON.stringify(`${op.name}\n${outputs.map((output) => formatShape(output.shape)).join(' ')}`)}];`,
    );
    for (const input of inputs) if (input) lines.push(`${id(input)} -> "%${number}";`);
  }
  for (const [name, value] of [...graph.outputs, ...[...graph.gradients].map(([p, v]) => [`∂/∂${p}`, v] as const)]) {
    lines.push(
      `${JSON.stringify(`out ${name}`)} [shape=doublecircle, label=${JSON.stringify(name)}];`,
      `${id(value)} -> ${JSON.stringify(`out ${name}`)};`,
    );
  }
  return `digraph {\n  rankdir=LR;\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}
