/**
 * What reproducible results cost: each op that may fuse multiply-adds at a typical size, and the training step of each network, with the
 * fastest numerics, with fused and with separate multiply-adds in a fixed order.
 *
 *   npm run bench:numerics -- [--threads N] [--rounds R] [--only NAME,NAME]
 *
 * A time is the shortest of the rounds, in each of which all three are run: of one thread the processor's, which others on the machine spoil
 * less, of several threads that on the wall.
 */
import 'chainrule';
import { parseArgs } from 'node:util';
import { atOnce } from '../src/backends/at-once.ts';
import type { LocalBackend } from '../src/backends/backend.ts';
import { NUMERICS } from '../src/backends/numerics.ts';
import { loadNative } from '../src/node/load-native.ts';
import { OPS } from '../src/ops/table.ts';
import { arenasOf } from '../test/ops/bits.ts';
import { assemble, openCase, requestOf } from '../test/ops/case-program.ts';
import { typicalOf } from '../test/ops/typical.ts';
import { ALL } from './networks.ts';
import { round } from './report.ts';
import { openStep } from './step-session.ts';
import type { TrainingWorkload } from './workloads.ts';

const { values } = parseArgs({
  options: { threads: { type: 'string', default: '1' }, rounds: { type: 'string', default: '15' }, only: { type: 'string' } },
});
const names = values.only?.split(',');
const backends = NUMERICS.toReversed().map((numerics) => loadNative().with({ threads: Number(values.threads), numerics }));

const ROUND_MILLISECONDS = 4;

/** Milliseconds. */
function now(): number {
  if (values.threads !== '1') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs something so often. */
type Repeat = (repeats: number) => void;

function compare(name: string, runs: readonly Repeat[]): void {
  const time = (run: Repeat, repeats: number) => {
    const began = now();
    run(repeats);
    return now() - began;
  };
  let repeats = 1;
  while (time(runs[0], repeats) < ROUND_MILLISECONDS) repeats *= 2;
  const times = Array.from({ length: Number(values.rounds) }, () => runs.map((run) => time(run, repeats) / repeats));
  const [fast, ...others] = runs.map((_, i) => Math.min(...times.map((all) => all[i])));
  const ratios = others.map((one) => `${(one / fast).toFixed(2)} ×`.padStart(12));
  console.log(`${name.padEnd(28)}${String(round(fast * 1000)).padStart(9)} µs${ratios.join('')}`);
}

function ofCase(backend: LocalBackend, op: (typeof OPS)[number]): Repeat {
  const test = typicalOf(op);
  const assembled = assemble(test);
  const session = openCase(backend, test, assembled);
  session.write(0, arenasOf({ test, seed: 0 }, assembled)[0]);
  return (repeats) => session.run({ ...requestOf(test, assembled), repeats });
}

async function ofStep(backend: LocalBackend, workload: TrainingWorkload): Promise<Repeat> {
  const session = atOnce(await openStep(workload, backend), 'this benchmark', 'there is none');
  return (repeats) => session.run({ rows: workload.batch, repeats });
}

console.log(
  `${backends[0].isa}, ${values.threads} threads`.padEnd(28) + 'fast'.padStart(12) + 'fused'.padStart(12) + 'separate'.padStart(12),
);
for (const op of OPS.filter(({ name, fuses }) => fuses && (names?.includes(name) ?? true)))
  compare(
    op.name,
    backends.map((one) => ofCase(one, op)),
  );
for (const workload of ALL.filter(({ id }) => names?.includes(id) ?? true)) {
  compare(workload.id, await Promise.all(backends.map((one) => ofStep(one, workload))));
}
