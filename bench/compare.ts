/**
 * Runs the peers beside chainrule, in turn and in one sitting, and prints the comparison as a Markdown table.
 *
 *   npm run bench:compare -- [--peers DIR] [--backend native|wasm] [--workload W1,W4,…] [--threads N] [--rounds R] [--seconds S] [--folder DIR]
 *
 * The peers' scripts are those of bench/peers/, or of DIR, with what they need installed there as bench/README.md says: none of it is a
 * dependency of this package. All sides read the same images. Each round runs
 * every side once; figures are medians of the rounds. N is chainrule's, PyTorch's and ONNX Runtime's number of threads, by default 2 on
 * native and 1 on wasm: jax-js and TensorFlow.js run on one whatever it is.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { imageFolder } from './images.ts';
import { median, round } from './report.ts';

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
    peers: { type: 'string', default: fileURLToPath(new URL('peers', import.meta.url)) },
    folder: { type: 'string' },
    backend: { type: 'string', default: 'native' },
    workload: { type: 'string', default: 'W1,W2,W3,W4,W5,W6,W7,W8,GEMM' },
    threads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
  },
});
const peers = values.peers;
const onWasm = values.backend === 'wasm';
const threads = values.threads ?? (onWasm ? '1' : '2');
const root = fileURLToPath(new URL('..', import.meta.url));

/** One side of the comparison: a command that prints JSON lines. */
interface Side {
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
}

const script = (name: string, file: string, ...args: string[]): Side => ({
  name,
  command: [process.execPath, file, ...args],
  folder: peers,
});

/** The workloads asked for that a peer's script knows. */
const known = (...names: string[]) => values.workload.split(',').filter((workload) => names.includes(workload));

const own: Side = {
  name: 'chainrule',
  command: [
    process.execPath,
    ...['--import', 'tsx', 'bench/run.ts', '--json', '--backend', values.backend],
    ...['--workload', values.workload, '--threads', threads, '--seconds', values.seconds],
  ],
  folder: root,
};

const torch: Side = {
  name: 'PyTorch',
  command: [
    join(peers, 'venv/bin/python'),
    ...['torch_bench.py', '--threads', threads, '--only', values.workload, '--seconds', values.seconds],
  ],
  folder: peers,
};

/** A script that is given no workload runs all of its own. */
function peersOnWasm(): Side[] {
  const jax = known('GEMM', 'W1', 'W4');
  const tensorflow = known('W1', 'W2', 'W3', 'W4', 'W8');
  return [
    ...(jax.length ? [script('jax-js', 'jaxjs_bench.mjs', jax.join(','))] : []),
    ...(tensorflow.length ? [script('TensorFlow.js', 'tfjs_bench.mjs', 'wasm', tensorflow.join(','))] : []),
  ];
}

const sides: Side[] = [
  own,
  ...(onWasm ? peersOnWasm() : [torch]),
  ...(known('W8').length ? [script('ONNX Runtime', 'ort_bench.mjs', onWasm ? 'web' : 'node', threads, 'mlp.onnx')] : []),
  ...(known('W3').length ? [script('JavaScript loops', 'small_bench.mjs')] : []),
];

/** In bytes: some frameworks warn at length. */
const LARGEST_OUTPUT = 2 ** 26;

const images = resolve(imageFolder(values.folder));
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

/** What a side prints. Throws an Error with what it complained of where it fails; of one that succeeds, warnings are left out. */
function outputOf(name: string, [program, ...args]: readonly string[], folder: string): string {
  const { stdout, stderr, status, signal, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: LARGEST_OUTPUT,
    env: { ...process.env, CHAINRULE_FASHION_MNIST: images },
  });
  if (error || status !== 0) throw new Error(`${name} failed: ${error?.message ?? signal ?? `exit status ${status}`}\n${stderr ?? ''}`);
  return stdout;
}

for (let round = 0; round < Number(values.rounds); round++) {
  for (const { name, command, folder } of sides) {
    for (const line of outputOf(name, command, folder).split('\n')) if (line.startsWith('{')) note(name, JSON.parse(line));
  }
}

const names = sides.map(({ name }) => name);
console.log(`| workload | ${names.join(' | ')} | chainrule is faster by |`);
console.log(`|---|${names.map(() => '---|').join('')}---|`);
for (const [workload, row] of measured) {
  const ours = row.get('chainrule');
  if (!ours) continue;
  const unit = workload.startsWith('GEMM') ? 'GFLOP/s' : 'µs';
  const cells = names.map((name) => (row.has(name) ? `${round(median(row.get(name) as number[]))} ${unit}` : ''));
  const factors = names.slice(1).flatMap((name) => {
    const other = row.get(name);
    if (!other) return [];
    const ratio = unit === 'µs' ? median(other) / median(ours) : median(ours) / median(other);
    return [`${ratio.toFixed(2)} × ${name}`];
  });
  console.log(`| ${workload} | ${cells.join(' | ')} | ${factors.join(', ')} |`);
}
