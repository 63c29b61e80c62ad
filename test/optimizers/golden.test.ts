/** The steps of built-in optimisers, against PyTorch's and Keras' in float64. */
import { readFileSync } from 'node:fs';
import { optimizerFromConfig } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { compile } from '../../src/compiler/compile.ts';
import { Graph } from '../../src/graph/graph.ts';
import { addAverages, averageState } from '../../src/optimizers/average.ts';
import { OPTIMIZER_TYPES } from '../../src/optimizers/index.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import type { Slot } from '../../src/program/format.ts';
import { BACKENDS, tolerance } from '../support/backends.ts';
import { expectClose } from '../support/compare.ts';
import { runGraph, slotSize } from '../support/run-graph.ts';

type Values = readonly (readonly number[])[];

interface Case {
  readonly name: string;
  readonly optimizer: { readonly type: string };
  /** After each step, of each parameter. */
  readonly values: readonly Values[];
}

interface Averaged extends Omit<Case, 'name'> {
  readonly decay: number;
  readonly averages: readonly Values[];
}

const {
  shapes,
  initial,
  gradients,
  cases,
  averages: averaged,
} = JSON.parse(readFileSync(new URL('../golden/further-optimizers.json', import.meta.url), 'utf8')) as {
  shapes: number[][];
  initial: Values;
  gradients: Values[];
  cases: Case[];
  averages: Averaged;
};

/** Runs a graph of `p0`, `p1` and their gradients step by step: `see` is given each step's number and a reader of places. */
function steps(
  backend: LocalBackend,
  graph: Graph,
  optimize: boolean,
  see: (step: number, read: (slot: Slot) => ArrayLike<number>) => void,
): void {
  const program = compile(graph, { optimize });
  const session = backend.openArena(program, 0);
  const write = (prefix: string, slots: ReadonlyMap<string, Slot>, values: Values) => {
    values.forEach((list, i) => {
      session.write((slots.get(`${prefix}${i}`) as Slot).offset, list);
    });
  };
  write('p', program.parameters, initial);
  gradients.forEach((given, step) => {
    write('g', program.inputs, given);
    session.run({ from: 0, to: program.code.length, repeats: 1, rows: 1 });
    see(step, (slot) => session.read(slot.offset, slotSize(slot, 1)));
  });
  session.dispose();
}

function updates(config: Case['optimizer']): Graph {
  const graph = new Graph();
  shapes.forEach((shape, i) => {
    addUpdate(graph, `p${i}`, graph.parameter(`p${i}`, shape), graph.input(`g${i}`, shape), optimizerFromConfig(config));
  });
  return graph;
}

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  const close = (actual: ArrayLike<number>, expected: readonly number[], where: string) =>
    expectClose(actual, expected, tolerance(backend), where);

  it.each(cases.map((test) => [test.name, test] as const))('%s', (_name, { optimizer, values }) => {
    for (const optimize of [true, false]) {
      const graph = updates(optimizer);
      const { parameters } = compile(graph, { optimize });
      steps(backend, graph, optimize, (step, read) => {
        [...parameters].forEach(([name, slot], i) => {
          close(read(slot), values[step][i], `${name} after step ${step + 1}, optimised: ${optimize}`);
        });
      });
    }
  });

  it('averages of weights', () => {
    const { decay, optimizer, values, averages } = averaged;
    for (const optimize of [true, false]) {
      const graph = updates(optimizer);
      addAverages(graph, graph.parameters, decay);
      const { parameters, state } = compile(graph, { optimize });
      steps(backend, graph, optimize, (step, read) => {
        [...parameters].forEach(([name, slot], i) => {
          close(read(slot), values[step][i], `${name} after step ${step + 1}, optimised: ${optimize}`);
          close(
            read(state.get(averageState(name)) as Slot),
            averages[step][i],
            `its average after step ${step + 1}, optimised: ${optimize}`,
          );
        });
      });
    }
  });
});

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))(
  'on %s, no gradient and no weight decay leave as it is with',
  (_, backend) => {
    it.each(OPTIMIZER_TYPES)('%s', (type) => {
      const graph = new Graph();
      const optimizer = optimizerFromConfig({ type, learningRate: 0.1, weightDecay: 0 });
      const start = { zero: [0, 0], other: [3, -2] };
      for (const name of Object.keys(start)) addUpdate(graph, name, graph.parameter(name, [2]), graph.input(`g ${name}`, [2]), optimizer);
      let values: Record<string, ArrayLike<number>> = { ...start, 'g zero': [0, 0], 'g other': [0, 0] };
      for (let step = 0; step < 3; step++) values = { ...values, ...Object.fromEntries(runGraph(backend, graph, values)) };
      expect({ zero: [...Array.from(values.zero)], other: [...Array.from(values.other)] }).toEqual(start);
    });
  },
);

it('every built-in optimiser has steps from outside, here or in test/network/golden.test.ts', () => {
  const { cases: others } = JSON.parse(readFileSync(new URL('../golden/optimizers.json', import.meta.url), 'utf8')) as { cases: Case[] };
  expect([...new Set([...cases, ...others].map(({ optimizer }) => optimizer.type))].sort()).toEqual([...OPTIMIZER_TYPES].sort());
});
