/** The steps of built-in optimisers, against PyTorch's and Keras' in float64. */
import { readFileSync } from 'node:fs';
import { optimizerFromConfig } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { Graph } from '../../src/graph/graph.ts';
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

const { shapes, initial, gradients, cases } = JSON.parse(
  readFileSync(new URL('../golden/further-optimizers.json', import.meta.url), 'utf8'),
) as { shapes: number[][]; initial: Values; gradients: Values[]; cases: Case[] };

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('on %s', (_, backend) => {
  it.each(cases.map((test) => [test.name, test] as const))('%s', (_name, { optimizer, values }) => {
    for (const optimize of [true, false]) {
      const graph = new Graph();
      shapes.forEach((shape, i) => {
        addUpdate(graph, `p${i}`, graph.parameter(`p${i}`, shape), graph.input(`g${i}`, shape), optimizerFromConfig(optimizer));
      });
      const program = compile(graph, { optimize });
      const session = backend.openArena(program, 0);
      const places = (prefix: string, slots: ReadonlyMap<string, Slot>) => shapes.map((_shape, i) => slots.get(`${prefix}${i}`) as Slot);
      const parameters = places('p', program.parameters);
      parameters.forEach(({ offset }, i) => {
        session.write(offset, initial[i]);
      });
      gradients.forEach((given, step) => {
        places('g', program.inputs).forEach(({ offset }, i) => {
          session.write(offset, given[i]);
        });
        session.run({ from: 0, to: program.code.length, repeats: 1, rows: 1 });
        parameters.forEach((slot, i) => {
          const where = `p${i} after step ${step + 1}, optimised: ${optimize}`;
          expectClose(session.read(slot.offset, slotSize(slot, 1)), values[step][i], tolerance(backend), where);
        });
      });
      session.dispose();
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
