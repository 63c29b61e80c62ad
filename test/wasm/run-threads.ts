/** Trains on two threads of the WASM backend until they have run together, and ends without disposing of anything. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dense, Network } from 'chainrule';
import { WasmTeam } from '../../src/backends/wasm/team.ts';

const run = WasmTeam.prototype.run;
let isTogether = false;
WasmTeam.prototype.run = function (this: WasmTeam, ...args: Parameters<typeof run>) {
  const done = run.apply(this, args);
  isTogether ||= done > 0;
  return done;
};

const network = await Network.create({
  input: [256],
  layers: [dense(256), dense(10)],
  loss: 'softmaxCrossEntropy',
  backend: 'wasm',
  threads: 2,
});
const x = { shape: [256, 256], data: Float32Array.from({ length: 65536 }, (_, i) => Math.sin(i)) };
const y = { shape: [256], data: Float32Array.from({ length: 256 }, (_, i) => i % 10) };
const deadline = performance.now() + 30_000;
while (!isTogether && performance.now() < deadline) {
  await network.fit({ x, y }, { epochs: 5, batchSize: 256 });
  await sleep(1);
}
console.log(isTogether ? 'together' : 'alone');
