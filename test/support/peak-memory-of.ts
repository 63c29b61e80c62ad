/** Prints what `peaksOf` asks for. Linux tells a process the most memory that it has held. */
import { readFileSync } from 'node:fs';
import { dense, Network, sgd } from '../../src/index.node.ts';

const LAYERS = 4;
const width = Math.round(Math.sqrt(Number(process.argv[2]) / LAYERS));
const bytes = LAYERS * width * (width + 1) * Float32Array.BYTES_PER_ELEMENT;
const row = () => new Float32Array(width).fill(0.1);

const peak = () => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
const networkOf = (size: number) =>
  Network.create({
    input: [size],
    layers: Array.from({ length: LAYERS }, () => dense(size, { activation: 'relu' })),
    loss: 'meanSquaredError',
  });

const tiny = await networkOf(4);
await tiny.fit({ x: [[1, 2, 3, 4]], y: [[1, 2, 3, 4]] }, { epochs: 1 });
tiny.predict([[1, 2, 3, 4]]);
tiny.dispose();
const before = peak();
const beyond = () => (peak() - before) / bytes;

const network = await networkOf(width);
const create = beyond();
network.predict([row()]);
const predict = beyond();
await network.fit({ x: [row()], y: [row()] }, { epochs: 1, optimizer: sgd({ learningRate: 1e-3 }) });
console.log(JSON.stringify({ create, predict, train: beyond() }));
