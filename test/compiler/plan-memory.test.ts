/** The memory plan, checked against the buffer table and against a run in which every value has memory of its own. */
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { gradientSlot } from '../../src/compiler/encode.ts';
import { expandFused } from '../../src/compiler/expand.ts';
import { exp, multiply, sigmoid, sum } from '../../src/graph/functions.ts';
import { Graph, type GraphValue, type Operation } from '../../src/graph/graph.ts';
import { evaluationOf } from '../../src/ops/reference.ts';
import { count, resolve } from '../../src/ops/shape.ts';
import { adam } from '../../src/optimizers/adam.ts';
import { ALIGNMENT, type Buffer, decode, instructions, type Program } from '../../src/program/format.ts';
import { BACKENDS } from '../support/backends.ts';
import { runProgram, slotSize } from '../support/run-graph.ts';
import { DEEP, DIGITS, opsOf, stepProgram } from './networks.ts';
import { randomGraph } from './random-graph.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as Backend;
const overlap = (a: Buffer, b: Buffer) => a.offset < b.offset + b.size && b.offset < a.offset + a.size;
const aliveTogether = (a: Buffer, b: Buffer) => a.persistent || b.persistent || (a.from <= b.to && b.from <= a.to);

/** Fails by itself: an `expect` for each of so many buffers and operands would take longer than the compiler. */
function checkBuffers(program: Program): void {
  program.buffers.forEach((a, i) => {
    if (a.offset % ALIGNMENT !== 0) expect.fail(`${a.name} starts at ${a.offset}, not on 64 bytes`);
    if (a.offset + a.size > program.arenaSize) expect.fail(`${a.name} ends at ${a.offset + a.size} of ${program.arenaSize}`);
    for (const b of program.buffers.slice(i + 1)) {
      if (overlap(a, b) && aliveTogether(a, b)) expect.fail(`${a.name} and ${b.name} are alive together in the same memory`);
    }
  });
  for (const { at, op, operands } of instructions(program)) {
    for (const [name, offset] of Object.entries(operands)) {
      const home = program.buffers.some((buffer) => buffer.offset === offset && buffer.from <= at && at <= buffer.to);
      if (offset >= 0 && !home) expect.fail(`${op.name}'s ${name} at word ${at} lies in no buffer alive there`);
    }
  }
}

/** Every operation of the graph by its op's definition, each value in an array of its own. */
function evaluateApart(graph: Graph, sources: Readonly<Record<string, Float32Array>>, rows: number): (value: GraphValue) => Float64Array {
  const arrays = new Map<GraphValue, Float64Array>();
  const size = (value: GraphValue) => resolve(count(value.shape), rows);
  for (const kind of [graph.inputs, graph.parameters, graph.state]) {
    for (const [name, value] of kind)
      arrays.set(value, Float64Array.from(sources[name] ?? new Float32Array(size(value)).fill(initialOf(value))));
  }
  for (const [number, value] of graph.constants) arrays.set(value, Float64Array.of(number));
  for (const operation of graph.operations) {
    for (const output of operation.outputs) arrays.set(output, new Float64Array(size(output)));
    evaluate(operation, arrays, rows);
  }
  return (value) => arrays.get(value) as Float64Array;
}

/** Each element of a state before the first run. */
function initialOf({ source }: GraphValue): number {
  const initial = source?.kind === 'state' ? source.initial : undefined;
  return initial && 'value' in initial ? Number(initial.value) : 0;
}

function evaluate(operation: Operation, arrays: ReadonlyMap<GraphValue, Float64Array>, rows: number): void {
  const { op, inputs, outputs } = operation;
  const scalars = Object.entries(operation.lower()).map(([name, value]) => [
    name,
    op.scalars[name] === 'size' ? resolve(value, rows) : value,
  ]);
  const operands = [...op.inputs.map((name, i) => [name, inputs[i]] as const), ...op.outputs.map((name, i) => [name, outputs[i]] as const)];
  const views = operands.flatMap(([name, value]) => (value ? [[name, arrays.get(value)]] : []));
  evaluationOf(op)({ ...Object.fromEntries(scalars), ...Object.fromEntries(views) } as never);
}

describe('the memory plan', () => {
  it('gives two values that are alive together no common memory, in random graphs', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { graph, maximumRows } = randomGraph(seed);
      for (const optimize of [false, true]) checkBuffers(compile(graph, { maximumRows, optimize }));
    }
  });

  it('changes no result: programs with shared and with separate memory agree to the bit', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { graph, values, rows, maximumRows } = randomGraph(seed);
      const expanded = expandFused(graph);
      const apart = evaluateApart(expanded, values, rows);
      const results = runProgram(REFERENCE, compile(graph, { maximumRows, optimize: false }), values, rows);
      for (const [name, value] of [...expanded.outputs, ...expanded.parameters, ...expanded.state]) {
        expect(results.get(name), `seed ${seed}, ${name}`).toEqual(apart(value));
      }
      for (const [name, value] of expanded.gradients)
        expect(results.get(gradientSlot(name)), `seed ${seed}, gradient ${name}`).toEqual(apart(value));
    }
  });

  it.each([
    ['a shallow network', DIGITS, 0.95],
    ['a deep network, whose δ’s follow one another,', DEEP, 0.75],
  ] as const)('of %s needs less than a place for each value', (_, layers, share) => {
    const program = stepProgram(layers);
    checkBuffers(program);
    // Parameters and gradients need theirs whatever the plan.
    const always = program.buffers.filter(({ persistent }) => persistent).reduce((total, { size }) => total + size, 0);
    expect(program.arenaSize - always).toBeLessThan(share * (program.unplannedSize - always));
  });

  it('puts parameters first, then state, then gradients, each in one run and in the same order', () => {
    const { parameters, state, outputs } = stepProgram(DEEP, { optimizer: adam() });
    const names = [...parameters.keys()];
    const slots = [
      ...parameters.values(),
      ...['mean', 'variance'].flatMap((kind) => names.map((name) => state.get(`${kind}/${name}`)!)),
      state.get('step')!,
      ...names.map((name) => outputs.get(gradientSlot(name))!),
    ];
    let end = 0;
    for (const slot of slots) {
      expect(slot.offset).toBe(end);
      end = Math.ceil((end + slotSize(slot, 32)) / ALIGNMENT) * ALIGNMENT;
    }
  });

  it('lets an op write over an operand that dies there, and over none that is read again', () => {
    const chain = (readAgain: boolean) => {
      const graph = new Graph();
      const e = exp(graph.input('x', [100]));
      const s = sigmoid(e);
      graph.outputs.set('y', readAgain ? sum(multiply(s, e)) : sum(s));
      const { operands } = [...instructions(compile(graph, { fusesElements: false }))][1];
      return operands.out === operands.x;
    };
    expect(chain(false)).toBe(true);
    expect(chain(true)).toBe(false);
  });

  it('never lets an op write over an input, a parameter or a constant', () => {
    const graph = new Graph();
    graph.outputs.set('y', exp(graph.input('x', [100])));
    const { operands } = decode(compile(graph), 0);
    expect(operands.out).not.toBe(operands.x);
  });

  it('needs no instruction for a reshape between operations', () => {
    expect(opsOf(stepProgram(DIGITS))).not.toContain('reshape');
  });
});
