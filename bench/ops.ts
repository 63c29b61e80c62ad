/**
 * The speed of every op at a typical size (test/ops/typical.ts) against what limits it: the machine's multiply-adds, or copies that go through as
 * much memory.
 *
 *   npm run bench:ops -- [--backend native|wasm] [--threads N] [--rounds R] [--op NAME,NAME]
 *
 * An op's time is the shortest of the rounds, each of 2 ms at least. GFLOP/s count multiply-adds as two, other operations on elements as one.
 * The limit is that of the two which takes longer: multiply-adds at their peak and other operations at half of it, an instruction each; or each
 * operand once at the rate of a copy. Below 50 % of it stands a mark, and below the table the reason (reasons.ts).
 */
import 'chainrule';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { BackendName, LocalBackend } from '../src/backends/backend.ts';
import { loadBackend } from '../src/backends/select.ts';
import { formatShape } from '../src/ops/shape.ts';
import { OPS } from '../src/ops/table.ts';
import { platform } from '../src/platform/platform.ts';
import { arenasOf } from '../test/ops/bits.ts';
import { assemble, openCase, requestOf } from '../test/ops/case-program.ts';
import type { OpCase } from '../test/ops/op-case.ts';
import { typicalOf } from '../test/ops/typical.ts';
import { measureBandwidth } from './bandwidth.ts';
import { effortOf } from './effort.ts';
import { peakGflops, wasmPeakGflops } from './peak.ts';
import { reasonsFor } from './reasons.ts';
import { round } from './report.ts';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'native' },
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string', default: '15' },
    op: { type: 'string' },
  },
});
const threads = Number(values.threads);
const rounds = Number(values.rounds);
const names = values.op?.split(',');
const backend = ((await loadBackend(platform(), values.backend as BackendName)) as LocalBackend).with({ threads });

const ROUND_MILLISECONDS = 2;
const LEAST_SHARE = 50;

/** The shortest time of a run, in seconds. */
function secondsOf(test: OpCase): number {
  const assembled = assemble(test);
  const session = openCase(backend, test, assembled);
  session.write(0, arenasOf({ test, seed: 0 }, assembled)[0]);
  const time = (repeats: number) => {
    const began = performance.now();
    session.run({ ...requestOf(test, assembled), repeats });
    return performance.now() - began;
  };
  let repeats = 1;
  while (time(repeats) < ROUND_MILLISECONDS) repeats *= 2;
  const times = Array.from({ length: rounds }, () => time(repeats));
  session.dispose();
  return Math.min(...times) / repeats / 1000;
}

const peak = backend.name === 'wasm' ? threads * (await wasmPeakGflops(backend.isa.startsWith('relaxed'))) : peakGflops(threads);
if (peak === undefined) throw new Error('expected the native addon, which measures the peak: npm run build:native');
const bandwidth = await measureBandwidth(threads);
console.log(`${backend.name} (${backend.isa}), ${threads} threads; peak of multiply-adds ${peak} GFLOP/s`);
console.log(
  `copies, read and written: ${[15, 18, 21, 24, 27].map((i) => `${2 ** i / 1024} kB ${round(bandwidth(2 ** i))} GB/s`).join(', ')}\n`,
);

const sizeOf = ({ inputs, attributes, op }: OpCase) => {
  const shapes = inputs.some((shape) => shape) ? inputs : op.shapes([], attributes);
  return [...new Set(shapes.flatMap((shape) => (shape ? [formatShape(shape)] : [])))].join(' ');
};

const below: string[] = [];
for (const op of OPS) {
  if (names && !names.includes(op.name)) continue;
  const test = typicalOf(op);
  const { multiplyAdds, operations, bytes } = effortOf(test);
  const seconds = secondsOf(test);
  const gflop = (2 * multiplyAdds + operations) / 1e9;
  const computing = (2 * multiplyAdds + 2 * operations) / 1e9 / peak;
  const moving = bytes / 1e9 / bandwidth(bytes);
  const [rate, unit] = computing > moving ? [gflop / seconds, 'GFLOP/s'] : [bytes / 1e9 / seconds, 'GB/s'];
  const share = Math.round((100 * Math.max(computing, moving)) / seconds);
  if (share < LEAST_SHARE) below.push(op.name);
  const figures = [
    round(seconds * 1e6)
      .toFixed(1)
      .padStart(9),
    rate.toFixed(1).padStart(8),
    unit.padEnd(8),
    String(share).padStart(4),
  ];
  console.log(
    `${op.name.padEnd(28)}${figures[0]} µs ${figures[1]} ${figures[2]}${figures[3]} %${share < LEAST_SHARE ? ' <' : '  '}  ${sizeOf(test)}`,
  );
}

console.log(`\nBelow ${LEAST_SHARE} %:`);
for (const { names, because } of reasonsFor(below, backend.name)) console.log(`  ${names.join(', ')}: ${because ?? 'no reason is known'}`);
