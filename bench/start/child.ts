/** A process of bench/start.ts: imports the library, opens a trainer of a network and takes a step; prints how long each took. */
import process from 'node:process';
import type { Tensor } from 'chainrule';

/** Milliseconds. */
export interface StartTimes {
  readonly import: number;
  /** Of the processor, on all threads. */
  readonly importProcessor: number;
  readonly create: number;
  readonly trainer: number;
  readonly step: number;
}

const [library, id] = process.argv.slice(2);
const marks = [performance.now()];
const mark = () => marks.push(performance.now());

const before = process.cpuUsage();
const { Network } = (await import(library)) as typeof import('chainrule');
mark();
const processor = process.cpuUsage(before);

const { ALL } = await import('../networks.ts');
const { drawnClasses, drawnValues } = await import('../drawn.ts');
const workload = ALL.find((one) => one.id === id);
if (!workload) throw new Error(`expected one of ${ALL.map((one) => one.id).join(', ')}, got ${id}`);
const { input, layers, loss, optimizer, batch } = workload;
// Networks on images from files are given noise.
const data = workload.id.startsWith('W') ? { x: drawnValues([batch, ...input]), y: drawnClasses(batch, 10) } : await workload.data('');

/** The first rows of the data. */
const first = (tensor: Tensor) => ({
  shape: [batch, ...tensor.shape.slice(1)],
  data: tensor.data.subarray(0, (batch * tensor.data.length) / tensor.shape[0]),
});
const rows = {
  x: first(data.x as Tensor),
  y: 'shape' in data.y ? first(data.y as Tensor) : Array.from(data.y as ArrayLike<number>).slice(0, batch),
};

const began = mark();
const network = await Network.create({ input, layers: layers(), loss, seed: 1 });
mark();
const trainer = await network.trainer({ optimizer, batchSize: batch });
mark();
await trainer.step(rows as never);
mark();
const taken = (i: number) => marks[i] - marks[i - 1];
console.log(
  JSON.stringify({
    import: taken(1),
    importProcessor: (processor.user + processor.system) / 1000,
    create: taken(began),
    trainer: taken(began + 1),
    step: taken(began + 2),
  } satisfies StartTimes),
);
