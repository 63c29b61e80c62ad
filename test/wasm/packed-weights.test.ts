/** Sessions that multiply single rows keep packed weights: those must be the session's own, and change no bit. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KERNEL_TABLE } from '../../src/backends/wasm/backend.ts';
import { WasmMemory } from '../../src/backends/wasm/memory.ts';
import { WasmSession } from '../../src/backends/wasm/session.ts';
import { dense, Network } from '../../src/index.node.ts';
import type { Program } from '../../src/program/format.ts';
import { assemble, whole } from './programs.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../wasm/chainrule.simd.wasm', import.meta.url)));
/** Runs after which weights have been packed. */
const REPEATS = 3;
/** Two blocks of k; three panels. */
const K = 784;
const N = 96;
const OUT = K * N;
const ROW = OUT + N;
/** Bytes of the records, from the first run on. */
const RECORDS = 64;

/** out = row·Bᵀ, B being a parameter at 0. */
function product(n = N, k = K): Program {
  const program = assemble(ROW + K, [['matmul', ROW, 0, OUT, 1, 1, n, k, 0, 0, 0, 1, 0]]);
  return { ...program, parameters: new Map([['weight', { offset: 0, shape: [n, k] }]]) };
}

const values = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => ((i * 7919 + seed) % 2003) / 1000 - 1);

function opened(program: Program) {
  const memory = new WasmMemory(module, KERNEL_TABLE);
  const session = new WasmSession(memory, program, 1);
  session.write(0, values(OUT, 1));
  session.write(ROW, values(K, 2));
  const { used } = memory;
  const run = () => {
    session.run(whole(program));
    return session.read(OUT, N);
  };
  return { memory, session, run, packedBytes: () => memory.used - used - RECORDS };
}

describe('a matrix that a row is multiplied by', () => {
  it('is packed at its second use, changes no bit, and is freed with the session', () => {
    const { memory, session, run, packedBytes } = opened(product());
    const first = run();
    expect(packedBytes()).toBe(0);
    expect(first.some((x) => x !== 0)).toBe(true);
    for (let i = 0; i < REPEATS; i++) expect(run()).toEqual(first);
    expect(packedBytes()).toBe(4 * K * N);
    session.dispose();
    expect(memory.used).toBe(0);
  });

  it('is packed anew after a part of it was written, in the same place', () => {
    const { session, run, packedBytes } = opened(product());
    for (let i = 0; i < REPEATS; i++) run();
    session.write(K * N - 1, [5]);
    const first = run();
    const other = opened(product());
    other.session.write(K * N - 1, [5]);
    expect(first).toEqual(other.run());
    for (let i = 0; i < REPEATS; i++) expect(run()).toEqual(first);
    expect(packedBytes()).toBe(4 * K * N);
  });

  it('stays packed where other elements are written', () => {
    const { session, run, packedBytes } = opened(product());
    for (let i = 0; i < REPEATS; i++) {
      run();
      session.write(ROW, values(K, i));
    }
    const last = run();
    expect(packedBytes()).toBe(4 * K * N);
    const other = opened(product());
    other.session.write(ROW, values(K, REPEATS - 1));
    expect(last).toEqual(other.run());
  });

  it('is left as it is where its columns are no whole panels', () => {
    const { run, packedBytes } = opened(product(N - 1));
    for (let i = 0; i < REPEATS; i++) run();
    expect(packedBytes()).toBe(0);
  });

  it('may have any number of steps', () => {
    const { run, packedBytes } = opened(product(N, K - 1));
    const first = run();
    for (let i = 0; i < REPEATS; i++) expect(run()).toEqual(first);
    expect(packedBytes()).toBe(4 * (K - 1) * N);
  });

  it('is left as it is where the program writes it', () => {
    const program = assemble(
      ROW + K,
      [
        ['matmul', ROW, 0, OUT, 1, 1, N, K, 0, 0, 0, 1, 0],
        ['fill', 0, 1, 0],
      ],
      { literals: [1] },
    );
    const { run, packedBytes } = opened({ ...program, parameters: new Map([['weight', { offset: 0, shape: [N, K] }]]) });
    for (let i = 0; i < REPEATS; i++) run();
    expect(packedBytes()).toBe(0);
  });
});

const create = (settings: object = {}) =>
  Network.create({
    input: [K],
    layers: [dense(N, { activation: 'relu' }), dense(64, { activation: 'tanh' }), dense(3)],
    loss: 'softmaxCrossEntropy',
    backend: 'wasm',
    ...settings,
  });

const sample = { shape: [1, K], data: values(K, 3) };
const predictions = (network: Network) => Array.from({ length: REPEATS }, () => network.predict(sample).data);

/** First prediction of a network with the same weights: nothing is packed yet. */
async function unpacked(network: Network): Promise<unknown> {
  const copy = await Network.fromBytes(network.toBytes(), { backend: 'wasm' });
  const { data } = copy.predict(sample);
  copy.dispose();
  return data;
}

describe('predictions of one row', () => {
  it.each([1, 2, 3])('have the bits of the first, on %i threads', async (threads) => {
    const network = await create({ threads });
    const first = await unpacked(network);
    for (const prediction of predictions(network)) expect(prediction).toEqual(first);
    network.dispose();
  });

  it('follow the weights: set, and trained', async () => {
    const network = await create();
    const before = predictions(network)[0];
    const other = await create({ seed: 7 });
    network.setParameters(other.parameters());
    const set = predictions(network);
    expect(set).toEqual(predictions(other));
    expect(set[0]).not.toEqual(before);
    await network.fit({ x: { shape: [8, K], data: values(8 * K, 4) }, y: [0, 1, 2, 0, 1, 2, 0, 1] }, { epochs: 2 });
    const trained = predictions(network);
    for (const prediction of trained) expect(prediction).toEqual(await unpacked(network));
    expect(trained[0]).not.toEqual(set[0]);
    network.dispose();
    other.dispose();
  });
});
