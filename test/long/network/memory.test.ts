/** A million steps, and networks by the hundred, leave the process as large as it was. The figures are printed. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { activation, adam, type BackendName, dense, type FitOptions, type Network, sgd, xor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { BACKEND_NAMES, createOn, spreadTensor } from '../../support/networks.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const MEBIBYTE = 2 ** 20;

type Figures = Readonly<Record<'rss' | 'heapUsed' | 'external' | 'arrayBuffers', number>>;

/** After everything that can be collected has been, finalizers included: those run between turns of the event loop. */
async function measure(): Promise<Figures> {
  for (let pass = 0; pass < 5; pass++) {
    collect();
    await new Promise((done) => setTimeout(done, 10));
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external, arrayBuffers };
}

const print = (what: string, figures: Figures) =>
  console.log(
    `${what.padEnd(44)} ${Object.entries(figures)
      .map(([name, bytes]) => `${name} ${(bytes / MEBIBYTE).toFixed(1)}`)
      .join('  ')} MiB`,
  );

/** Growth allowed, in MiB: what the engine keeps to itself varies by a few. */
async function expectFlat(what: string, before: Figures, allowed: Figures): Promise<void> {
  const after = await measure();
  print(`${what}: before`, before);
  print(`${what}: after`, after);
  for (const [name, bytes] of Object.entries(allowed) as [keyof Figures, number][])
    expect((after[name] - before[name]) / MEBIBYTE, `${what}: growth of ${name} in MiB`).toBeLessThan(bytes);
}

const STEPS: Readonly<Record<BackendName, number>> = { native: 1_000_000, wasm: 1_000_000, reference: 100_000 };

/** Each trains a step; on reference that is slow. */
const NETWORKS: Readonly<Record<BackendName, number>> = { native: 200, wasm: 200, reference: 40 };

const createXor = (backend: BackendName) =>
  createOn(backend, {
    input: [2],
    layers: [dense(3, { activation: 'sigmoid' }), dense(1), activation('sigmoid')],
    loss: 'halfSquaredError',
    seed: 1,
  });

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  /** In a function of its own, so that its history can be collected when it returns. */
  async function take(network: Network, steps: number, options: FitOptions = {}): Promise<void> {
    const { losses } = await network.fit(xor(), { epochs: steps, batchSize: 4, optimizer: sgd({ learningRate: 1 }), ...options });
    expect(losses.length).toBe(steps);
  }

  it(`${STEPS[backend].toLocaleString('en')} steps of the XOR network`, async () => {
    using network = await createXor(backend);
    await take(network, 20_000);
    const before = await measure();
    await take(network, STEPS[backend]);
    await expectFlat(`${backend}, ${STEPS[backend]} steps`, before, { rss: 40, heapUsed: 4, external: 4, arrayBuffers: 4 });
    const { data } = network.predict(xor().x);
    for (const [i, value] of [0, 1, 1, 0].entries()) expect(Math.abs(data[i] - value)).toBeLessThan(0.2);
  });

  it('fits, evaluations, predictions and gradients over and over take no more memory', async () => {
    using network = await createXor(backend);
    const round = async (times: number) => {
      for (let i = 0; i < times; i++) {
        await take(network, 3, { optimizer: adam(), validation: xor(), onEpoch: () => undefined });
        await network.evaluate(xor());
        await network.predictAsync(xor().x);
        network.predict(spreadTensor([1 + (i % 40), 2]));
        network.gradients(xor());
        network.toBytes();
      }
    };
    await round(40);
    const before = await measure();
    await round(120);
    await expectFlat(`${backend}, 120 rounds of everything`, before, { rss: 40, heapUsed: 4, external: 4, arrayBuffers: 4 });
  });

  it('trainers opened, used and disposed of over and over, of several shapes, take no more memory', async () => {
    using network = await createXor(backend);
    const round = async (times: number) => {
      for (let i = 0; i < times; i++) {
        using trainer = await network.trainer({ batchSize: 4 + (i % 3), accumulate: 1 + (i % 2) });
        for (let step = 0; step < 20; step++) trainer.step(xor());
        await trainer.stepAsync(xor());
        network.predict(xor().x);
      }
    };
    await round(40);
    const before = await measure();
    await round(200);
    await expectFlat(`${backend}, 200 trainers`, before, { rss: 40, heapUsed: 4, external: 4, arrayBuffers: 4 });
  });

  /** Creates, trains and uses networks of about 2 MiB each, forty of which would be 80. */
  async function many(count: number, dispose: boolean): Promise<void> {
    const data = { x: spreadTensor([2, 256]), y: [0, 7] };
    for (let i = 0; i < count; i++) {
      const network = await createOn(backend, {
        input: [256],
        layers: [dense(128, { activation: 'relu' }), dense(8)],
        loss: 'softmaxCrossEntropy',
      });
      await network.fit(data);
      network.predict(data.x);
      network.gradients(data);
      const trainer = await network.trainer();
      trainer.step(data);
      if (dispose) {
        trainer.dispose();
        network.dispose();
      } else if (i % 20 === 0) await measure();
    }
  }

  it.each([
    ['disposed', true],
    ['left to the garbage collector', false],
  ])(`${NETWORKS[backend]} networks created, trained, with a trainer, and %s`, async (what, dispose) => {
    await many(20, dispose);
    const before = await measure();
    await many(NETWORKS[backend], dispose);
    await expectFlat(`${backend}, ${NETWORKS[backend]} networks ${what}`, before, { rss: 60, heapUsed: 8, external: 16, arrayBuffers: 16 });
  });
});
