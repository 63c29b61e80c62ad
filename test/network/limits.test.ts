/** What a small model file may ask for, and no more: refused when it is read. */
import { defineLayer, dense, FormatError, type LoadLimits, type LoadOptions, Network, OptionError } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/formats/model.ts';
import { bytesAllocated } from '../support/allocations.ts';

const BASE = { input: [2], layers: [{ type: 'flatten' }], loss: 'meanSquaredError', seed: 0 };
const encode = (config: Record<string, unknown>) => encodeModel({ config: { ...BASE, ...config }, tensors: new Map() });
const load = (bytes: Uint8Array, options: LoadOptions = {}) => Network.fromBytes(bytes, { backend: 'reference', ...options });
const layers = (count: number, layer: object = { type: 'flatten' }) => encode({ layers: new Array(count).fill(layer) });
const upsample = (factor: number) => encode({ input: [1, 1, 1], layers: [{ type: 'upsample2d', factor }] });

/** A graph of so many functions of its input. */
function functions(count: number): Uint8Array {
  const nodes = Array.from({ length: count }, (_, i) => ({ op: 'negate', inputs: [i], attributes: {} }));
  const config = { inputs: { x: [2] }, layers: [], nodes, outputs: { y: count }, losses: { y: 'meanSquaredError' }, seed: 0 };
  return encodeModel({ config, tensors: new Map() });
}

/** A nest of layers, as text: writing one is refused too. */
function nested(depth: number): Uint8Array {
  const text = `${'{"type":"bidirectional","layer":'.repeat(depth)}{}${'}'.repeat(depth)}`;
  const bytes = encode({ layers: [{ type: 'x'.repeat(text.length) }] });
  return replaced(bytes, `{"type":"${'x'.repeat(text.length)}"}`, `${text}           `);
}

/** The bytes with a text of the header in place of another as long; quotes are escaped there. */
function replaced(bytes: Uint8Array, before: string, after: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const quoted = (json: string) => JSON.stringify(json).slice(1, -1);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const header = text.slice(8, 8 + length).replace(quoted(before), () => quoted(after));
  const result = Buffer.from(`${'\0'.repeat(8)}${header}${text.slice(8 + length)}`, 'latin1');
  result.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(result);
}

describe('small files that ask for much', () => {
  it.each<[string, () => Uint8Array, string]>([
    ['200 000 layers', () => layers(200_000), 'at most 10000 layers, got 200000; limits: { layers }'],
    ['20 000 functions', () => functions(20_000), 'at most 10000 layers and functions, got 20000'],
    ['100 000 layers within each other', () => nested(100_000), 'nested at most 64 deep'],
    ['an input of a million axes', () => encode({ input: new Array(1e6).fill(1) }), 'at most 31 axes, got 1000000'],
    [
      'an upsampling of 20 000',
      () => upsample(20_000),
      'at most 1073741824 bytes to predict a row in, got 1600000000; limits: { arenaBytes }',
    ],
    ['padding of a billion', () => encode({ input: [1, 1, 1], layers: [{ type: 'zeroPad2d', padding: [1e9, 0] }] }), 'model: '],
    ['a reshape to a million axes', () => encode({ layers: [{ type: 'reshape', shape: [2, ...new Array(1e6).fill(1)] }] }), 'at most'],
    ['a file of 250 million zeros', () => encode({ input: [250_000_000], layers: [{ type: 'zeroPad2d', padding: 1 }] }), 'model: '],
  ])('%s', async (_, make, part) => {
    const bytes = make();
    let error: unknown;
    const allocated = await bytesAllocated(async () => {
      error = await load(bytes).catch((thrown: unknown) => thrown);
    });
    expect(error, String(error)).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(part);
    expect(allocated).toBeLessThan(12 * bytes.length);
  });
});

describe('limits', () => {
  it('are held against the whole file', async () => {
    (await load(layers(20), { limits: { layers: 20 } })).dispose();
    await expect(load(layers(21), { limits: { layers: 20 } })).rejects.toThrow('at most 20 layers, got 21');
    await expect(load(upsample(10), { limits: { arenaBytes: 399 } })).rejects.toThrow('at most 399 bytes to predict a row in, got 400');
    using read = await load(upsample(10), { limits: { arenaBytes: 400 } });
    expect(read.predict([[[[3]]]]).data).toEqual(new Float64Array(100).fill(3));
  });

  it('of parameters refuse a file with more', async () => {
    using network = await Network.create({ input: [4], layers: [dense(3)], loss: 'meanSquaredError', backend: 'reference' });
    const bytes = network.toBytes();
    (await load(bytes, { limits: { parameters: 15 } })).dispose();
    await expect(load(bytes, { limits: { parameters: 14 } })).rejects.toThrow(
      'at most 14 parameters, got 15; limits: { parameters } allows more',
    );
    await expect(load(bytes, { limits: { parameters: 14 } })).rejects.toThrow(FormatError);
  });

  it('may be raised', async () => {
    (await load(layers(10_001), { limits: { layers: 10_001 } })).dispose();
    (await load(upsample(20_000), { limits: { arenaBytes: 2 ** 31 } })).dispose();
  });

  it.each([{ bytes: 1 }, { layers: 0 }, { layers: 1.5 }, { arenaBytes: '1' }, [], 5])('%j is none', async (limits) => {
    await expect(load(layers(1), { limits: limits as LoadLimits })).rejects.toThrow(OptionError);
  });
});

describe('save refuses to write what it could not read back:', () => {
  const withConfig = async (config: object) => {
    const layer = defineLayer({ type: 'own', ...config }, (_, x) => x);
    return Network.create({ input: [2], layers: [layer], loss: 'meanSquaredError', backend: 'reference' });
  };
  let deep: unknown = 1;
  for (let i = 0; i < 100; i++) deep = [deep];
  const circular: Record<string, unknown> = {};
  circular.self = circular;

  it.each<[string, object, string]>([
    ['infinity', { rate: Number.POSITIVE_INFINITY }, 'got Infinity as rate'],
    ['NaN', { rates: [Number.NaN] }, 'got NaN'],
    ['a function', { rate: () => 1 }, 'got a function as rate'],
    ['a big integer', { rate: 1n }, 'got a bigint as rate'],
    ['a typed array', { rates: new Float32Array(2) }, 'got a typed array as rates'],
    ['a key __proto__', JSON.parse('{ "inner": { "__proto__": 1 } }'), '__proto__'],
    ['a circle', { circular }, 'that JSON can hold'],
    ['100 levels', { deep }, 'nested at most 64 deep'],
  ])('%s in a layer’s config', async (_, config, part) => {
    using network = await withConfig(config);
    expect(() => network.toBytes()).toThrow(FormatError);
    expect(() => network.toBytes()).toThrow(part);
  });
});
