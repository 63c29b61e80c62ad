/** What functions of graph values refuse: values that are none, sizes and axes that are no lists, names that there are not. */
import {
  type ActivationName,
  activate,
  add,
  broadcast,
  type ChainruleError,
  type CustomOp,
  clamp,
  concatenate,
  customOp,
  DataError,
  decodeSafetensors,
  divide,
  encodeSafetensors,
  type GraphValue,
  matmul,
  mean,
  multiply,
  Network,
  OptionError,
  parseIdx,
  relu,
  reshape,
  ShapeError,
  split,
  stepDecay,
  sum,
  tensor,
  transpose,
} from 'chainrule';
import { expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../src/graph/functions.ts';
import { Graph } from '../../src/graph/graph.ts';

const x: GraphValue = new Graph().input('x', [2, 3]);
/** What a caller without types might write. */
const any = (value: unknown) => value as never;

type Refused = new (message: string) => ChainruleError;

it.each<[what: string, call: () => unknown, message: string, refused?: Refused]>([
  ['a list as a value', () => add(x, any([1, 2])), 'add: expected graph values or numbers, got [1, 2]'],
  ['no second value', () => add(x, any(undefined)), 'add: expected graph values or numbers, got undefined'],
  ['text as a number', () => multiply(x, any('2')), "multiply: expected graph values or numbers, got '2'"],
  ['text as a divisor', () => divide(x, any('2')), "divide: expected graph values or numbers, got '2'"],
  ['numbers alone', () => add(1, 2), 'expected at least one graph value, got 1, 2'],
  ['nothing', () => relu(any(undefined)), 'expected at least one graph value, got undefined'],
  ['a number as a matrix', () => matmul(x, any(2)), 'matmul: expected a graph value, got 2'],
  ['a number among tensors', () => concatenate([x, any(1)]), 'concatenate: expected a graph value, got 1'],
  ['an activation of another name', () => activate(x, any('rellu')), 'activate(name): expected one of identity, sigmoid'],
  ['an axis for axes', () => sum(x, any(1)), 'sum: expected a list of axes, got 1'],
  ['an axis for axes of a mean', () => mean(x, any(-1)), 'mean: expected a list of axes, got -1'],
  ['axes one by one', () => transpose(x, any(0)), 'transpose: expected a list of axes, got 0'],
  ['a size for a shape', () => reshape(x, any(6)), 'reshape: expected a list of sizes, got 6'],
  ['fractional sizes', () => reshape(x, [1.5, 4]), 'reshape: expected a list of sizes, got [1.5, 4]'],
  ['a size to broadcast to', () => broadcast(x, any(5)), 'broadcast: expected a list of sizes, got 5'],
  ['no parts', () => split(x, any(undefined)), 'split: expected a list of sizes, got undefined'],
  ['no limit', () => clamp(x, any(undefined)), 'clamp(limit): expected a number of at least 0, got undefined'],
  ['a negative limit', () => clamp(x, -1), 'clamp(limit): expected a number of at least 0, got -1'],
  ['an op of nothing', () => customOp(any(undefined)), 'customOp: expected an object of options, got undefined'],
  ['an op without inputs', () => customOp({ name: 'f' } as CustomOp), 'customOp.inputs: expected an integer of at least 1'],
  ['an op that is not evaluated', () => customOp({ name: 'f', inputs: 1 } as CustomOp), 'customOp.evaluate: expected a function'],
  ['an option for options', () => stepDecay(any(5)), 'stepDecay: expected an object of options, got 5'],
  ['an impossible period', () => stepDecay({ period: -1 }), 'stepDecay.period: expected a number of at least 1, got -1'],
  ['a tensor without a shape', () => tensor([1], any(undefined)), 'tensor: expected a shape of integers', ShapeError],
  ['a tensor of nested lists', () => tensor(any([[1, 2]]), [2]), 'tensor: expected a flat array of numbers', DataError],
  [
    'a tensor of text',
    () => tensor(any(['a']), [1]),
    "expected a flat array of numbers, a Float32Array or a Float64Array, got ['a']",
    DataError,
  ],
  ['IDX as text', () => parseIdx(any('abc')), "parseIdx: expected a Uint8Array, got 'abc'", DataError],
  ['safetensors as a buffer', () => decodeSafetensors(any(new ArrayBuffer(9))), 'new Uint8Array(buffer) makes one', DataError],
  ['tensors in an object', () => encodeSafetensors(any({})), 'encodeSafetensors: expected a Map', OptionError],
])('%s', (_, call, message, refused = OptionError) => {
  expect(call).toThrow(message);
  expect(call).toThrow(refused);
});

it('knows the names of all activations as types', () => {
  const names: Record<ActivationName, true> = {
    ...{ identity: true, sigmoid: true, tanh: true, relu: true, leakyRelu: true, elu: true, selu: true, gelu: true, geluTanh: true },
    ...{ silu: true, softplus: true, hardSigmoid: true, hardSwish: true, softmax: true, logSoftmax: true },
  };
  expect(Object.keys(names)).toEqual(ACTIVATION_NAMES);
});

it('a model file that is no Uint8Array', async () => {
  await expect(Network.fromBytes(any(undefined))).rejects.toThrow('expected a Uint8Array, got undefined');
});
