/** Whether two backends compute the same bits. Used for kernels that an experiment of the engine has compiled. */

import { ACTIVATIONS } from '../ops/functions.ts';
import { TABLE_HASH } from '../ops/numbers.generated.ts';
import { opId, opNamed } from '../ops/registry.ts';
import { NETWORK } from '../origin.ts';
import { HEADER_WORDS, PROGRAM_VERSION, type Program } from '../program/format.ts';
import type { LocalBackend } from './backend.ts';

/** Rows, columns and steps of k: whole tiles and parts of them, two blocks of k, and sizes that are no whole vectors. */
const M = 37;
const N = 45;
const K = 300;
const ELEMENTS = M * N;
const SIGMOID = ACTIVATIONS.findIndex(({ name }) => name === 'sigmoid');

/** Where the operands lie, in elements, each on 64 bytes. */
const A = 0;
const B = A + 11_104;
const BIAS = B + 13_504;
const AFFINE = BIAS + 48;
const PRODUCT = AFFINE + 1_680;
const TANH = PRODUCT + 1_680;
const SOFTMAX = TANH + 1_680;
const SUM = SOFTMAX + 1_680;
const ARENA = SUM + 48;

/** The words of an instruction. Scalars without a value are 0. */
function instruction(name: string, values: Readonly<Record<string, number>>): number[] {
  const op = opNamed(name);
  const names = [...Object.keys(op.operands), ...Object.keys(op.scalars)];
  return [opId(name), HEADER_WORDS + names.length, ...names.map((each) => values[each] ?? 0)];
}

/** Products with and without packing of A, transcendental functions, and sums along memory and down the rows. */
const INSTRUCTIONS = [
  instruction('affine', { a: A, b: B, bias: BIAS, out: AFFINE, batches: 1, m: M, n: N, k: K, transposeB: 1, activation: SIGMOID }),
  instruction('matmul', { a: A, b: B, out: PRODUCT, batches: 1, m: M, n: N, k: K, transposeA: 1 }),
  instruction('tanh', { x: PRODUCT, out: TANH, size: ELEMENTS }),
  instruction('softmax', { x: PRODUCT, out: SOFTMAX, rows: M, columns: N }),
  instruction('sum', { x: PRODUCT, out: SUM, outer: 1, reduced: M, inner: N }),
];

const PROGRAM: Program = {
  version: PROGRAM_VERSION,
  tableHash: TABLE_HASH,
  code: Int32Array.from(INSTRUCTIONS.flat()),
  literals: Float64Array.of(0),
  arenaSize: ARENA,
  maximumRows: 1,
  constants: [],
  parameters: new Map(),
  state: new Map(),
  carried: new Map(),
  inputs: new Map(),
  outputs: new Map(),
  origins: INSTRUCTIONS.map(() => NETWORK),
  buffers: [],
  unplannedSize: ARENA,
  records: new Map(),
  recordWidth: 0,
};

/** The arena after a run of the program on numbers from −1 to 1. */
function results(backend: LocalBackend): Uint8Array {
  const session = backend.openArena(PROGRAM, 0);
  session.write(
    A,
    Float32Array.from({ length: AFFINE }, (_, i) => Math.sin(i * i + 1)),
  );
  session.run({ from: 0, to: PROGRAM.code.length, repeats: 1, rows: 1 });
  const { buffer } = session.read(0, ARENA);
  session.dispose();
  return new Uint8Array(buffer);
}

/** Whether products, element-wise ops and sums of a few thousand elements have the same bits on both. */
export function haveSameResults(a: LocalBackend, b: LocalBackend): boolean {
  const [one, other] = [results(a), results(b)];
  return one.every((byte, i) => byte === other[i]);
}
