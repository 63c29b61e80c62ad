import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { all, assemble, availableIsas } from '../native/programs.ts';
import { BACKENDS } from '../support/backends.ts';
import { digests, excessive, runSums, sumErrors } from './sum-cases.ts';

const runs = runSums((await loadWasmFile()).with({ numerics: 'separate' }));
const child = fileURLToPath(new URL('run-sums.ts', import.meta.url));

/** On one instruction set, in a process of its own: an addon chooses once. */
function nativeDigests(isa: string): string[] {
  const env = { ...process.env, CHAINRULE_ISA: isa };
  return JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', child], { env, encoding: 'utf8' })) as string[];
}

describe('every sum of n terms', () => {
  it('is within 2e-7 · log₂ n of float64 on WebAssembly', () => {
    expect(excessive(sumErrors(runs))).toEqual([]);
  });

  it.each(availableIsas())('has on %s the bits that it has on WebAssembly', (isa) => {
    expect(nativeDigests(isa)).toEqual(digests(runs));
  });
});

interface Row {
  readonly name: string;
  readonly x: readonly number[];
  readonly centred: number;
  readonly epsilon: number;
  readonly out: readonly number[];
}

const repeated = (x: number, size: number) => Array.from({ length: size }, () => x);
/** (x − mean) / deviation of four numbers that lie evenly, by float64. */
const EVEN = [-1.3416407864998738, -0.4472135954999579, 0.4472135954999579, 1.3416407864998738];

const ROWS: readonly Row[] = [
  ...[768, 300, 256, 17, 4, 1].map((size) => ({
    ...{ name: `${size} × 5000.1`, x: repeated(5000.1, size), centred: 1, epsilon: 1e-5, out: repeated(0, size) },
  })),
  { name: '768 × −1e30', x: repeated(-1e30, 768), centred: 1, epsilon: 1e-5, out: repeated(0, 768) },
  { name: '768 × 3e38', x: repeated(3e38, 768), centred: 1, epsilon: 1e-5, out: repeated(0, 768) },
  { name: 'zeros', x: repeated(0, 40), centred: 1, epsilon: 1e-5, out: repeated(0, 40) },
  { name: '1e19 … 4e19', x: [1e19, 2e19, 3e19, 4e19], centred: 1, epsilon: 1e-5, out: EVEN },
  { name: '−3e38 … 3e38', x: [-3e38, -1e38, 1e38, 3e38], centred: 1, epsilon: 1e-5, out: EVEN },
  { name: '1e-25 … 4e-25 without epsilon', x: [1e-25, 2e-25, 3e-25, 4e-25], centred: 1, epsilon: 0, out: EVEN },
  { name: 'root mean square of 1e20', x: repeated(1e20, 50), centred: 0, epsilon: 1e-5, out: repeated(1, 50) },
  { name: 'root mean square of −3e38', x: repeated(-3e38, 5), centred: 0, epsilon: 1e-5, out: repeated(-1, 5) },
  { name: 'root mean square of 1e-25 without epsilon', x: repeated(1e-25, 9), centred: 0, epsilon: 0, out: repeated(1, 9) },
];

function normalized(backend: LocalBackend, { x, centred, epsilon }: Row): number[] {
  const columns = x.length;
  const scalars = { rows: 1, columns, centred, epsilon };
  const names = Object.keys(opNamed('normalize').extents(scalars)).filter((name) => name !== 'weight' && name !== 'bias');
  const at = Object.fromEntries(names.map((name, i) => [name, i * columns]));
  const program = assemble([{ op: 'normalize', at, scalars }], names.length * columns);
  const session = backend.openArena(program, 1);
  session.write(0, x);
  session.run(all(program));
  const out = Array.from(session.read(at.out, columns));
  session.dispose();
  return out;
}

describe.each(BACKENDS.map((backend) => ({ backend, name: backend.name })))('normalize on $name', ({ backend }) => {
  it.each(ROWS)('$name', (row) => {
    normalized(backend, row).forEach((value, i) => {
      expect(value).toBeCloseTo(row.out[i], 5);
    });
  });
});
