/**
 * A stream without end: readings of a machine's sensors, whose normal state drifts. An autoencoder learns it as it comes, `stepsPerEpoch` of it at a time,
 * and what it cannot reproduce is a fault.
 *
 *   node --import tsx examples/stream.ts
 */
import { fileURLToPath } from 'node:url';
import { adam, dense, Network } from 'chainrule';
import { Dataset } from 'chainrule/data';

const SENSORS = 8;

/** Two causes move eight sensors. */
function reading(time: number, noise = 0.02): Float32Array {
  const [load, heat] = [Math.sin(time / 40), Math.cos(time / 97) + time / 1e5];
  return Float32Array.from(
    { length: SENSORS },
    (_, i) => load * Math.cos(i) + heat * Math.sin(2 * i) + noise * Math.sin(time * (i + 13.7) * 78.233),
  );
}

async function* readings() {
  for (let time = 0; ; time++) {
    const x = reading(time);
    yield { x, y: x };
  }
}

export async function main({ epochs = 5 } = {}) {
  using network = await Network.create({
    input: [SENSORS],
    layers: [dense(6, { activation: 'tanh' }), dense(2), dense(6, { activation: 'tanh' }), dense(SENSORS)],
    loss: 'meanSquaredError',
    seed: 1,
  });
  const { epochs: reports } = await network.fit(Dataset.from(readings), {
    ...{ epochs, batchSize: 16, stepsPerEpoch: 400, windowRows: 1600 },
    optimizer: adam({ learningRate: 3e-3 }),
    onEpoch: ({ epoch, loss }) => console.log(`after ${epoch * 400 * 16} readings  loss ${loss.toFixed(5)}`),
  });

  const errorOf = (x: Float32Array) => x.reduce((sum, value, i) => sum + (value - network.predict([x]).data[i]) ** 2, 0) / SENSORS;
  const now = reading(40_000);
  const broken = now.map((value, i) => (i === 3 ? value + 1 : value));
  const [normal, fault] = [errorOf(now), errorOf(broken)];
  console.log(`error of a normal reading ${normal.toFixed(5)}, with one sensor off by 1 ${fault.toFixed(5)}`);
  return { losses: reports.map(({ loss }) => loss), normal, fault };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
