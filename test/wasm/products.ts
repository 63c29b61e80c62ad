/** Matrix products on a WebAssembly module, and what they must be. */
import { KERNEL_TABLE } from '../../src/backends/wasm/backend.ts';
import { WasmMemory } from '../../src/backends/wasm/memory.ts';
import { WasmSession } from '../../src/backends/wasm/session.ts';
import { BLOCK_DEPTH } from '../../src/ops/matmul.ts';
import { assemble, type Words, whole } from './programs.ts';

const TRANSPOSITIONS = [0, 1].flatMap((a) => [0, 1].map((b) => [a, b] as const));

export interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: number;
  readonly transposeB: number;
}

export const label = ({ m, n, k, transposeA, transposeB }: Shape) => `${m}×${n}×${k}${transposeA ? ' Aᵀ' : ''}${transposeB ? ' Bᵀ' : ''}`;

const elementA = (a: Float32Array, { m, k, transposeA }: Shape, i: number, p: number) => a[transposeA ? p * m + i : i * k + p];
const elementB = (b: Float32Array, { n, k, transposeB }: Shape, p: number, j: number) => b[transposeB ? j * k + p : p * n + j];

/** The product as the contract has it: every operation rounded to float32, in the one order. */
export function contract(a: Float32Array, b: Float32Array, shape: Shape): Float32Array {
  const { m, n, k } = shape;
  return Float32Array.from({ length: m * n }, (_, index) => {
    const [i, j] = [Math.floor(index / n), index % n];
    let total = 0;
    for (let first = 0; first < k; first += BLOCK_DEPTH) {
      let sum = 0;
      for (let p = first; p < Math.min(first + BLOCK_DEPTH, k); p++) {
        sum = Math.fround(sum + Math.fround(elementA(a, shape, i, p) * elementB(b, shape, p, j)));
      }
      total = first ? Math.fround(total + sum) : sum;
    }
    return total;
  });
}

/** How far the product is from the exact one, in float32 roundings of the sum of magnitudes; more than k never happens. */
export function error(out: Float32Array, a: Float32Array, b: Float32Array, shape: Shape): number {
  const { m, n, k } = shape;
  let worst = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let exact = 0;
      let magnitude = 0;
      for (let p = 0; p < k; p++) {
        const term = elementA(a, shape, i, p) * elementB(b, shape, p, j);
        exact += term;
        magnitude += Math.abs(term);
      }
      worst = Math.max(worst, Math.abs(out[i * n + j] - exact) / magnitude / 2 ** -24);
    }
  }
  return worst;
}

/** A gap of NaN lies around every operand: what is read there shows in a result, and what is written there in the gap. */
const GAP = 16;
const GUARD_BYTES = 1 << 16;
const CANARY = 0x5ca1ab1e;

/** The products of the same random operands in all shapes, in one session of a memory whose workspace has a guard behind it. */
export function products(module: WebAssembly.Module, shapes: readonly Shape[]) {
  const sizeA = Math.max(...shapes.map(({ m, k }) => m * k));
  const sizeB = Math.max(...shapes.map(({ n, k }) => n * k));
  let end = GAP;
  const place = (size: number) => {
    const start = end;
    end += size + GAP;
    return start;
  };
  const placed = shapes.map((shape) => {
    const { m, n, k } = shape;
    const [a, b, out] = [place(m * k), place(k * n), place(m * n)];
    return { shape, a, b, out };
  });
  const instructions = placed.map(({ shape: { m, n, k, transposeA, transposeB }, a, b, out }): Words => {
    return ['matmul', a, b, out, 1, m, n, k, 0, 0, transposeA, transposeB];
  });
  const values = Float32Array.from({ length: Math.max(sizeA, sizeB) + 1 }, (_, i) => Math.sin(i * i + 1));
  const arena = new Float32Array(end).fill(Number.NaN);
  for (const { shape, a, b } of placed) {
    arena.set(values.subarray(0, shape.m * shape.k), a);
    arena.set(values.subarray(1, 1 + shape.k * shape.n), b);
  }
  const memory = new WasmMemory(module, KERNEL_TABLE);
  const guard = memory.integers(memory.allocate(GUARD_BYTES, 'a guard'), GUARD_BYTES / 4).fill(CANARY);
  const at = guard.byteOffset;
  const program = assemble(end, instructions);
  const session = new WasmSession(memory, program, 1);
  session.write(0, arena);
  session.run(whole(program));
  const after = session.read(0, end);
  const results = placed.map(({ shape, a, b, out }) => ({
    shape,
    a: arena.subarray(a, a + shape.m * shape.k),
    b: arena.subarray(b, b + shape.k * shape.n),
    out: after.slice(out, out + shape.m * shape.n),
  }));
  for (const { shape, out } of placed) arena.set(after.subarray(out, out + shape.m * shape.n), out);
  const overwritten = after.findIndex((value, i) => !Object.is(value, arena[i]));
  return { results, overwritten, guarded: memory.integers(at, GUARD_BYTES / 4).every((word) => word === CANARY) };
}

export const inAllTranspositions = (m: number, n: number, k: number) =>
  TRANSPOSITIONS.map(([transposeA, transposeB]) => ({ m, n, k, transposeA, transposeB }));
