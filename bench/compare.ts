/**
 * Runs the peers beside chainrule, in turn and in one sitting, and prints the comparison as a Markdown table.
 *
 *   npm run bench:compare -- [NAME …] [--backend native|wasm] [--threads N] [--rounds R] [--seconds S] [--out FILE]
 *                            [--python PROGRAM] [--peers DIR] [--folder DIR]
 *
 * Names are those of the rows, W1, residual, predict-lenet, W8, GEMM and so on; without any, all rows are measured. The peers' scripts are those of
 * bench/peers/, or of DIR, with what they need installed there as bench/README.md says: none of it is a dependency of this package. Each round
 * runs every side of a row once, for S seconds; figures are medians of the rounds. N is the number of threads of chainrule and its peers on
 * native, by default 2. On wasm it is 1 by default, and PyTorch runs natively on one thread.
 *
 * A peer begins with chainrule's weights and data. Where it does not store as many numbers, and find the same losses in its first steps or the
 * same prediction, or fails, its row is left out with an error, and the exit status is 1.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkSame } from './compare/check.ts';
import { Peers } from './compare/peers.ts';
import { type Row, rowsNamed } from './compare/rows.ts';
import { type Command, PeerProcess, type Side } from './compare/side.ts';
import { type Cell, cellOf, type Found, formatComparison, formatNotes, formatSitting, loadBefore, OWN } from './compare/table.ts';
import type { BenchSettings } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'native' },
    threads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    out: { type: 'string' },
    python: { type: 'string' },
    peers: { type: 'string', default: fileURLToPath(new URL('peers', import.meta.url)) },
    folder: { type: 'string' },
  },
});
const onWasm = values.backend === 'wasm';
const threads = Number(values.threads ?? (onWasm ? 1 : 2));
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const settings: BenchSettings = { backend: values.backend as BenchSettings['backend'], threads, seconds, folder: values.folder };
const peers = new Peers({
  folder: values.peers,
  python: values.python ?? join(values.peers, 'venv/bin/python'),
  threads: onWasm ? 1 : threads,
  onWasm,
});

/** Threads that wait for more work spin for some milliseconds before they sleep. */
const REST_MILLISECONDS = 100;

/** A side in its column: one that runs, or why it does not. */
type Column = readonly [string, Side | string];

async function start(column: string, command: Command, own: Side): Promise<Column> {
  const peer = await PeerProcess.start(command);
  const { cannot } = peer.introduction;
  if (cannot === undefined) checkSame(own.introduction, peer.introduction);
  else peer.end();
  return [column, cannot ?? peer];
}

/** The faster of two scripts of one column, or the one that runs. */
function better(one: Cell | string | undefined, other: Cell | string): Cell | string {
  if (one === undefined || typeof one === 'string') return other;
  return typeof other === 'string' || one.seconds < other.seconds ? one : other;
}

/** A row's figures. The file, and what else has its name, is the peers' to read. */
async function measure(row: Row, file: string): Promise<Found> {
  const { own, peers: commands } = await row.open(file, settings, peers);
  const sides: Column[] = [[OWN, own]];
  try {
    for (const [column, scripts] of commands) for (const command of scripts) sides.push(await start(column, command, own));
    return { name: row.name, description: row.description, cells: await cellsOf(sides) };
  } finally {
    for (const [, side] of sides) if (typeof side !== 'string') side.end();
  }
}

/** Every side in turn, round after round. */
async function cellsOf(sides: readonly Column[]): Promise<Map<string, Cell | string>> {
  const figures = sides.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, side]] of sides.entries()) {
      if (typeof side === 'string') continue;
      await setTimeout(REST_MILLISECONDS);
      figures[i].push(await side.measure(seconds));
    }
  }
  const cells = new Map<string, Cell | string>();
  for (const [i, [column, side]] of sides.entries())
    cells.set(column, better(cells.get(column), typeof side === 'string' ? side : cellOf(side.introduction, figures[i])));
  return cells;
}

/** What a row gives, or nothing where a side fails: the other rows of a long sitting count. */
async function attempt(row: Row): Promise<Found[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-compare-'));
  try {
    const found = await measure(row, join(folder, `${row.name}.safetensors`));
    console.error(formatComparison([found]).split('\n').at(-1));
    return [found];
  } catch (error) {
    console.error(`${row.name}:`, error);
    process.exitCode = 1;
    return [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const load = loadBefore();
const found: Found[] = [];
for (const row of rowsNamed(positionals)) found.push(...(await attempt(row)));
const text = [formatSitting(found, rounds, seconds, load), formatComparison(found), formatNotes(found)].join('\n\n');
console.log(text);
if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
