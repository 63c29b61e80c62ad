/** Whole training runs on the digits against PyTorch's: every loss, every weight gradient's norm, the final parameters. */
import { readFileSync } from 'node:fs';
import { type ActivationName, type DataSet, dense, type LossName, type Network, optimizerFromConfig, type Tensor } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { BackendName } from '../../src/backends/backend.ts';
import { DIGITS } from '../../src/data/digits.generated.ts';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, createOn } from '../support/networks.ts';

interface Trajectory {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly hiddenActivation: ActivationName;
  readonly outputActivation: ActivationName;
  readonly loss: LossName;
  readonly optimizer: { readonly type: string; readonly learningRate: number };
  readonly batchSize: number;
  readonly steps: number;
  readonly initial: readonly { readonly weight: Tensor; readonly bias: Tensor }[];
  readonly losses: readonly number[];
  readonly weightGradientNorms: readonly (readonly number[])[];
  readonly final: readonly { readonly weight: Tensor; readonly bias: Tensor }[];
}

const { cases } = JSON.parse(readFileSync(new URL('../golden/trajectories.json', import.meta.url), 'utf8')) as { cases: Trajectory[] };

const PIXELS = 64;
/** The pixels, the label, the end of the line. */
const LINE = PIXELS + 2;
const number = (at: number) => DIGITS.charCodeAt(at) - 'a'.charCodeAt(0);

/** Rows of the file in its order, which no exported function gives: digits() shuffles them. */
function rows(start: number, count: number): DataSet {
  const x = new Float32Array(count * PIXELS);
  const y = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const at = ((start + row) % (DIGITS.length / LINE)) * LINE;
    for (let pixel = 0; pixel < PIXELS; pixel++) x[row * PIXELS + pixel] = number(at + pixel) / 16;
    y[row] = number(at + PIXELS);
  }
  return { x: { shape: [count, PIXELS], data: x }, y };
}

const tolerance = (backend: BackendName) => (backend === 'reference' ? 1e-9 : 2e-3);

function layersOf({ sizes, hiddenActivation, outputActivation }: Trajectory) {
  return sizes.slice(1).map((units, i) => dense(units, { activation: i === sizes.length - 2 ? outputActivation : hiddenActivation }));
}

/** `0.weight`, `0.bias`, `1.weight`, … */
function byName(layers: Trajectory['initial']): Map<string, Tensor> {
  return new Map(
    layers.flatMap((layer, i) => (['weight', 'bias'] as const).map((name): [string, Tensor] => [`${i}.${name}`, layer[name]])),
  );
}

async function start(test: Trajectory, backend: BackendName): Promise<Network> {
  const network = await createOn(backend, { input: [PIXELS], layers: layersOf(test), loss: test.loss });
  network.setParameters(byName(test.initial));
  return network;
}

function expectParameters(network: Network, test: Trajectory, allowed: number): void {
  const parameters = network.parameters();
  for (const [name, expected] of byName(test.final)) expectClose((parameters.get(name) as Tensor).data, expected.data, allowed, name);
}

function normsOf(gradients: ReadonlyMap<string, Tensor>): number[] {
  return [...gradients].filter(([name]) => name.endsWith('.weight')).map(([, { data }]) => Math.hypot(...data));
}

describe.each(BACKEND_NAMES)('%s', (backend) => {
  it.each(cases.map((test) => [test.name, test] as const))('%s: losses and final parameters of one fit', async (_, test) => {
    using network = await start(test, backend);
    const { batchSize, steps } = test;
    const optimizer = optimizerFromConfig(test.optimizer);
    const history = await network.fit(rows(0, batchSize * steps), { batchSize, optimizer, shuffle: false });
    expectClose(history.losses, test.losses, tolerance(backend), 'losses');
    for (const [i, loss] of history.losses.entries())
      expectClose([loss], [test.losses[i]], tolerance(backend), `loss of step ${i + 1} by itself`);
    expectParameters(network, test, tolerance(backend));
  });

  it.each(cases.map((test) => [test.name, test] as const))('%s: gradient norms at every step, one fit a step', async (_, test) => {
    using network = await start(test, backend);
    const optimizer = optimizerFromConfig(test.optimizer);
    for (let step = 0; step < test.steps; step++) {
      const batch = rows(step * test.batchSize, test.batchSize);
      const { loss, gradients } = network.gradients(batch);
      expectClose([loss], [test.losses[step]], tolerance(backend), `loss of step ${step + 1}`);
      const expected = test.weightGradientNorms[step];
      for (const [i, norm] of normsOf(gradients).entries())
        expectClose([norm], [expected[i]], tolerance(backend), `norm of ${i}.weight's gradient at step ${step + 1}`);
      await network.fit(batch, { batchSize: test.batchSize, optimizer, shuffle: false });
    }
    expectParameters(network, test, tolerance(backend));
  });

  it('three runs of 50, 60 and 80 steps are read', () => {
    expect(cases.map(({ losses, weightGradientNorms }) => [losses.length, weightGradientNorms.length])).toEqual([
      [50, 50],
      [60, 60],
      [80, 80],
    ]);
  });
});
