/** Which products of a prediction become products of bytes. */
import { dense } from 'chainrule';
import { expect, it } from 'vitest';
import { byteProducts, fusedPrediction, quantizeProducts } from '../../src/compiler/quantize.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { predictionGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import { MOST_BYTE_STEPS } from '../../src/ops/quantization.ts';

/** The fused prediction of dense layers of so many units; nothing is allocated for their weights. */
const predictionOf = (inputs: number, units: readonly number[]) =>
  fusedPrediction(
    predictionGraph(
      new SequentialModel(
        [inputs],
        units.map((one) => dense(one)),
        lossFrom('halfSquaredError'),
        [],
      ),
      false,
    ),
  );

it.each([
  ['all where they fit', 4096, [4096, 4000, 3], ['0.weight', '1.weight', '2.weight']],
  ['not those that leave the limit of all together, but smaller ones after them', 4096, [4096, 4097, 3], ['0.weight', '2.weight']],
  ['none of more inputs than sums of 32 bits take', MOST_BYTE_STEPS + 1, [2, 3], ['1.weight']],
])('%s: those that are told of are those that are replaced', (_, inputs, units, expected) => {
  const graph = predictionOf(inputs, units);
  const products = byteProducts(graph);
  expect(products.map(({ weight }) => weight)).toEqual(expected);
  const ranges = products.map(({ weight }) => ({ weight, minimum: -1, maximum: 1 }));
  const ops = quantizeProducts(graph, ranges).operations.map(({ op }) => op.name);
  expect(ops.filter((op) => op === 'quantizedAffine')).toHaveLength(expected.length);
});
