/**
 * Runs the peers beside chainrule, in turn and in one sitting, and prints the comparison as a Markdown table.
 *
 *   npm run bench:compare -- --peers DIR [--workload W1,W4,…] [--threads N] [--rounds R] [--seconds S]
 *
 * DIR holds the peers' scripts (torch_bench.py with its environment in venv/, ort_bench.mjs, small_bench.mjs, mlp.onnx) with what they need
 * installed: none of it is a dependency of this package. Each round runs every side once; figures are medians of the rounds.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './report.ts';

interface Line {
  readonly peer?: string;
  readonly workload: string;
  readonly usPerStep?: number;
  readonly gflops?: number;
  readonly rows?: number;
  readonly size?: number;
  readonly n?: number;
}

const { values } = parseArgs({
  options: {
    peers: { type: 'string' },
    workload: { type: 'string', default: 'W1,W2,W3,W4,W5,W7,W8,GEMM' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
  },
});
if (values.peers === undefined) throw new Error('expected --peers DIR, the folder of the peers’ scripts');
const peers = values.peers;
const root = fileURLToPath(new URL('..', import.meta.url));

/** One side of the comparison: a command that prints JSON lines. */
interface Side {
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
}

const sides: Side[] = [
  {
    name: 'chainrule',
    command: [
      process.execPath,
      ...['--import', 'tsx', 'bench/run.ts', '--json'],
      ...['--workload', values.workload, '--threads', values.threads, '--seconds', values.seconds],
    ],
    folder: root,
  },
  {
    name: 'PyTorch',
    command: [
      join(peers, 'venv/bin/python'),
      'torch_bench.py',
      '--threads',
      values.threads,
      '--only',
      values.workload,
      '--seconds',
      values.seconds,
    ],
    folder: peers,
  },
  { name: 'ONNX Runtime', command: [process.execPath, 'ort_bench.mjs', 'node', values.threads, 'mlp.onnx'], folder: peers },
  { name: 'JavaScript loops', command: [process.execPath, 'small_bench.mjs'], folder: peers },
].filter(({ name, folder }) => name === 'chainrule' || existsSync(folder));

const measured = new Map<string, Map<string, number[]>>();

function note(side: string, line: Line): void {
  if (side === 'JavaScript loops' && line.peer !== 'hand-written JavaScript loops') return;
  const size = line.rows ?? line.size ?? line.n;
  const figure = line.workload === 'GEMM' ? line.gflops : line.usPerStep;
  if (figure === undefined) return;
  const key = size === undefined ? line.workload : `${line.workload} ${size}`;
  const row = measured.get(key) ?? new Map<string, number[]>();
  row.set(side, [...(row.get(side) ?? []), figure]);
  measured.set(key, row);
}

for (let round = 0; round < Number(values.rounds); round++) {
  for (const { name, command, folder } of sides) {
    const [program, ...args] = command;
    const output = execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    for (const line of output.split('\n')) if (line.startsWith('{')) note(name, JSON.parse(line));
  }
}

const names = sides.map(({ name }) => name);
console.log(`| workload | ${names.join(' | ')} | chainrule is faster by |`);
console.log(`|---|${names.map(() => '---|').join('')}---|`);
for (const [workload, row] of measured) {
  const own = row.get('chainrule');
  if (!own) continue;
  const unit = workload.startsWith('GEMM') ? 'GFLOP/s' : 'µs';
  const cells = names.map((name) => (row.has(name) ? `${median(row.get(name) as number[])} ${unit}` : ''));
  const factors = names.slice(1).flatMap((name) => {
    const other = row.get(name);
    if (!other) return [];
    const ratio = unit === 'µs' ? median(other) / median(own) : median(own) / median(other);
    return [`${ratio.toFixed(2)} × ${name}`];
  });
  console.log(`| ${workload} | ${cells.join(' | ')} | ${factors.join(', ')} |`);
}
