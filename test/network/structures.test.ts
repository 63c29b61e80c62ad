/** What a network is made of can be computed and written: impossible structures are refused at create and at load, and names are only names. */
import { add, dense, FormatError, matmul, Network, OptionError, ShapeError, transpose } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/formats/model.ts';
import { BACKEND_NAMES } from '../support/networks.ts';

const backend = 'reference';

const encode = (inputs: object, nodes: readonly object[], y: number) =>
  encodeModel({ config: { inputs, layers: [], nodes, outputs: { y }, losses: { y: 'meanSquaredError' }, seed: 0 }, tensors: new Map() });

describe('refused at create and at load', () => {
  it('sizes of batch × batch', async () => {
    const options = { inputs: { a: [3] }, losses: { y: 'meanSquaredError' }, backend } as const;
    const created = Network.create({ ...options, build: ({ a }) => ({ y: matmul(a, transpose(a)) }) });
    await expect(created).rejects.toThrow(ShapeError);
    await expect(created).rejects.toThrow('matmul: expected a result with at most one size that depends on the batch, got [batch, batch]');
    const nodes = [
      { op: 'permute', inputs: [0], attributes: { order: [1, 0] } },
      { op: 'matmul', inputs: [0, 1], attributes: {} },
    ];
    await expect(Network.fromBytes(encode({ a: [3] }, nodes, 2), { backend })).rejects.toThrow(FormatError);
  });

  it('insert with one value twice', async () => {
    const nodes = [{ op: 'insert', inputs: [0, 0], attributes: { axis: 1, start: 0 } }];
    await expect(Network.fromBytes(encode({ a: [3] }, nodes, 1), { backend })).rejects.toThrow(
      'insert: expected different values, got one twice',
    );
    const options = { inputs: { a: [3] }, losses: { y: 'meanSquaredError' }, backend } as const;
    const created = Network.create({ ...options, build: ({ a }) => ({ y: a.graph.apply('insert', [a, a], { axis: 1, start: 0 })[0] }) });
    await expect(created).rejects.toThrow(OptionError);
  });

  it('axes that no kernel walks', async () => {
    const options = { inputs: { a: [1] }, losses: { y: 'meanSquaredError' }, backend } as const;
    const created = Network.create({
      ...options,
      build: ({ a }) => ({ y: a.graph.apply('reshape', [a], { shape: [-1, ...new Array(40).fill(1)] })[0] }),
    });
    await expect(created).rejects.toThrow('at most 32 axes');
  });
});

it('insert of equal values, which become one when they are compiled, is computed', async () => {
  const fill = { op: 'fill', inputs: [], attributes: { shape: [3], value: 2 } };
  const nodes = [
    fill,
    fill,
    { op: 'insert', inputs: [1, 2], attributes: { axis: 0, start: 0 } },
    { op: 'add', inputs: [0, 3], attributes: {} },
  ];
  for (const on of BACKEND_NAMES) {
    using network = await Network.fromBytes<{ a: number[] }, { y: number[] }>(encode({ a: [3] }, nodes, 4), { backend: on });
    expect([...network.predict({ a: [[1, 2, 3]] }).y.data]).toEqual([3, 4, 5]);
  }
});

describe('names', () => {
  it.each(['constructor', 'hasOwnProperty', 'toString', 'valueOf', '__defineGetter__', 'prototype'])('%s', async (name) => {
    using network = await Network.create({
      inputs: { [name]: [2] },
      build: (inputs) => ({ [name]: dense(2)(inputs[name]) }),
      losses: { [name]: 'meanSquaredError' },
      backend,
    });
    const data = { x: { [name]: [[1, 2]] }, y: { [name]: [[3, 4]] } };
    await network.fit(data);
    using read = await Network.fromBytes<Record<string, number[]>, Record<string, number[]>>(network.toBytes(), { backend });
    expect(read.predict(data.x as never)[name]).toEqual(network.predict(data.x as never)[name]);
    expect(read.output).toEqual({ [name]: [2] });
  });

  it('__proto__ is none', async () => {
    const named = (input: string, output: string) =>
      Network.create({
        inputs: { [input]: [2] },
        build: (inputs) => ({ [output]: dense(2)(inputs[input]) }),
        losses: { [output]: 'meanSquaredError' },
        backend,
      });
    await expect(named('__proto__', 'y')).rejects.toThrow(OptionError);
    await expect(named('x', '__proto__')).rejects.toThrow(OptionError);
  });
});

it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1])('a constant of %s is read back', async (constant) => {
  using network = await Network.create({
    inputs: { x: [1] },
    build: ({ x }) => ({ y: add(x, constant), z: x.graph.apply('divide', [x, x.graph.constant(constant)])[0] as typeof x }),
    losses: { y: 'meanSquaredError', z: 'meanSquaredError' },
    backend,
  });
  using read = await Network.fromBytes<{ x: number[] }, { y: number[]; z: number[] }>(network.toBytes(), { backend });
  const x = { x: [[1]] };
  expect(read.predict(x)).toEqual(network.predict(x));
  expect(read.toBytes()).toEqual(network.toBytes());
});
