/** Trains on the kernels for relaxed SIMD and threads, for a process in which the runtime has both: prints RelaxedThreadsResults. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { dense, Network, setWasmSource } from 'chainrule';
import { WasmTeam } from '../../src/backends/wasm/team.ts';

/** Of one training with some threads. */
export interface Trained {
  readonly isa: string;
  /** Of each step. */
  readonly losses: readonly number[];
  /** A digest of all parameters' bits. */
  readonly parameters: string;
  /** Steps that the threads ran together. */
  readonly together: number;
}

export interface RelaxedThreadsResults {
  readonly alone: Trained;
  readonly two: Trained;
  /** One thread, on the kernels without relaxed SIMD. */
  readonly baseline: Trained;
}

const kernels = (variant: string) => new WebAssembly.Module(readFileSync(new URL(`../../wasm/chainrule.${variant}.wasm`, import.meta.url)));

let together = 0;
const run = WasmTeam.prototype.run;
WasmTeam.prototype.run = function (this: WasmTeam, ...args: Parameters<typeof run>) {
  const done = run.apply(this, args);
  together += done;
  return done;
};

const ROWS = 256;
const x = { shape: [ROWS, 256], data: Float32Array.from({ length: ROWS * 256 }, (_, i) => Math.sin(i * i)) };
const y = { shape: [ROWS], data: Float32Array.from({ length: ROWS }, (_, i) => (x.data[i * 256 + 1] > 0 ? 1 : 0)) };

async function train(threads: number, epochs: number): Promise<Trained> {
  const before = together;
  const network = await Network.create({
    input: [256],
    layers: [dense(256, { activation: 'relu' }), dense(2)],
    loss: 'softmaxCrossEntropy',
    backend: 'wasm',
    threads,
    seed: 1,
  });
  const { losses } = await network.fit({ x, y }, { epochs, batchSize: ROWS });
  const digest = createHash('sha256');
  for (const { data } of network.parameters().values()) digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const { isa } = network.backend;
  network.dispose();
  return { isa: isa as string, losses: [...losses], parameters: digest.digest('hex'), together: together - before };
}

setWasmSource({ module: kernels('relaxed-threads') });
const alone = await train(1, 20);
// The helpers stay for a while after the first session that has them.
const deadline = performance.now() + 30_000;
while (together === 0 && performance.now() < deadline) {
  await train(2, 5);
  await sleep(1);
}
const two = await train(2, 20);
setWasmSource({ module: kernels('simd') });
const baseline = await train(1, 20);
const report: RelaxedThreadsResults = { alone, two, baseline };
console.log(JSON.stringify(report));
