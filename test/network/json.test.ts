/** What JSON.stringify and structuredClone make of what chainrule gives: all of it, or an error. */
import { deserialize, serialize } from 'node:v8';
import { dense, differentiate, FormatError, Network, square, sum, tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, FASTEST, spreadTensor, weightsOf } from '../support/networks.ts';

const create = (backend = FASTEST, seed = 1) =>
  createOn(backend, { input: [3], layers: [dense(4, { activation: 'tanh' }), dense(2)], loss: 'halfSquaredError', seed });
const x = spreadTensor([5, 3]);
const data = { x, y: spreadTensor([5, 2], 3) };

describe('a network', () => {
  it('refuses JSON.stringify, alone and within an object', async () => {
    using network = await create();
    const message =
      'JSON: expected something that it has a form for, got a network; toBytes() and save() write one, parameters() its weights';
    for (const value of [network, { network }, [network]]) expect(() => JSON.stringify(value)).toThrow(new FormatError(message));
  });

  it.each([
    ['structuredClone', (value: unknown) => structuredClone(value)],
    ['postMessage', post],
    ['v8.serialize', (value: unknown) => serialize(value)],
  ])('is no empty object for %s', async (_, clone) => {
    using network = await create();
    for (const value of [network, { network }]) expect(() => clone(value)).toThrow(/could not be cloned/);
  });

  it('can be shown and copied by its properties', async () => {
    using network = await create();
    expect(Object.keys({ ...network })).toEqual(['toJSON']);
    expect(String(network)).toBe('[object Object]');
  });
});

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  it('parameters are written by name, and read back to the bit', async () => {
    using network = await create(backend);
    await network.fit(data, { epochs: 2 });
    const text = JSON.stringify(network.parameters());
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
    expect(JSON.parse(text)).toHaveProperty(['0.weight', 'shape'], [4, 3]);
    using other = await create(backend, 2);
    other.setParameters(new Map(Object.entries(JSON.parse(text) as Record<string, typeof x>)));
    expect(weightsOf(other)).toEqual(weightsOf(network));
    for (const copy of [structuredClone(network.parameters()), deserialize(serialize(network.parameters())) as Map<string, typeof x>]) {
      other.setParameters(copy);
      expect(weightsOf(other)).toEqual(weightsOf(network));
    }
  });

  it('predictions and gradients are lists of numbers', async () => {
    using network = await create(backend);
    const prediction = network.predict(x);
    expect(JSON.parse(JSON.stringify(prediction))).toEqual({ shape: [5, 2], data: [...prediction.data] });
    expect(JSON.parse(JSON.stringify(await network.predictAsync(x)))).toEqual({ shape: [5, 2], data: [...prediction.data] });
    expect(structuredClone(prediction)).toEqual({ shape: [5, 2], data: prediction.data });
    const { gradients } = network.gradients(data);
    const expected = [...gradients].map(([name, one]) => [name, { shape: one.shape, data: [...one.data] }]);
    expect(JSON.parse(JSON.stringify(gradients))).toEqual(Object.fromEntries(expected));
    expect(network.predict(JSON.parse(JSON.stringify(tensor([1, 2, 3], [1, 3]))) as typeof x).shape).toEqual([1, 2]);
  });
});

it('tensors of named outputs, of tensor() and of differentiate() are', async () => {
  using network = await Network.create({
    inputs: { v: [3] },
    build: ({ v }) => ({ out: dense(2)(v) }),
    losses: { out: 'halfSquaredError' },
  });
  const { out } = network.predict({ v: x });
  expect(JSON.parse(JSON.stringify({ out }))).toEqual({ out: { shape: [5, 2], data: [...out.data] } });
  expect(JSON.stringify(tensor([1, 2.5], [2]))).toBe('{"shape":[2],"data":[1,2.5]}');
  const f = await differentiate(({ v }) => sum(square(v)), { v: [2] });
  const { result, gradients } = f({ v: [1, 2] });
  expect(JSON.stringify({ result, gradients })).toBe('{"result":{"shape":[],"data":[5]},"gradients":{"v":{"shape":[2],"data":[2,4]}}}');
  f.dispose();
});

function post(value: unknown): void {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(value);
  } finally {
    for (const port of [port1, port2]) port.close();
  }
}
