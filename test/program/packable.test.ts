/** Which matrices a backend may keep packed: those of parameters that a program only reads. */
import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { dense, sgd } from '../../src/index.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { predictionGraph, trainingGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import { instructions } from '../../src/program/format.ts';
import { MOST_PACKED_ELEMENTS, PACKABLE_WORDS, packableMatrices } from '../../src/program/packable.ts';

const model = new SequentialModel([7], [dense(5, { activation: 'relu' }), dense(3)], lossFrom('softmaxCrossEntropy'));

test('a prediction keeps its weights, each where its instruction names it', () => {
  const program = compile(predictionGraph(model, false), { maximumRows: 4 });
  const packable = packableMatrices(program);
  const offsets = ['0.weight', '1.weight'].map((name) => program.parameters.get(name)?.offset);
  expect(packable).toHaveLength(2 * PACKABLE_WORDS);
  expect([packable[0], packable[4]].map((word) => program.code[word])).toEqual(offsets);
  expect([...packable.subarray(1, 4), ...packable.subarray(5)]).toEqual([7, 5, 1, 5, 3, 1]);
  expect([...instructions(program)].map(({ op }) => op.name)).toEqual(['affine', 'affine']);
});

test('copies of large weights have a limit together: what fits beside those before it is kept', () => {
  const sizes = [3000, 3000, 3000, 1000, 3000];
  const large = new SequentialModel(
    [3000],
    sizes.map((size) => dense(size)),
    lossFrom('meanSquaredError'),
  );
  const packable = packableMatrices(compile(predictionGraph(large, false), { maximumRows: 4 }));
  const kept = Array.from(
    { length: packable.length / PACKABLE_WORDS },
    (_, i) => packable[i * PACKABLE_WORDS + 1] * packable[i * PACKABLE_WORDS + 2],
  );
  expect(kept).toEqual([9e6, 3e6, 3e6]);
  expect(kept.reduce((total, size) => total + size)).toBeLessThanOrEqual(MOST_PACKED_ELEMENTS);
});

const task = { form: 'classes', comparison: undefined } as const;

const keptWhileTraining = (frozen: readonly string[]) => {
  const graph = trainingGraph(model, [task], { optimizer: sgd({ learningRate: 0.1 }), frozen: new Set(frozen) });
  return packableMatrices(compile(graph, { maximumRows: 4 }));
};

test('a training step keeps no weight packed: it writes them', () => {
  expect(keptWhileTraining([])).toHaveLength(0);
});

test('a training step keeps frozen weights packed, wherever they are read', () => {
  expect(keptWhileTraining(['1.weight'])).toHaveLength(2 * PACKABLE_WORDS);
});
