/** Products on the kernels for relaxed SIMD, for a process in which the runtime has it: prints RelaxedResults. */
import { readFileSync } from 'node:fs';
import { dense, Network, setWasmSource } from 'chainrule';
import { error, inAllTranspositions, label, products } from './products.ts';

export interface RelaxedResults {
  /** Of a network whose kernels the caller chose. */
  readonly isa: string;
  /** The error with which a reproducible network refuses those kernels. */
  readonly refusal: string;
  /** Shapes whose results are further from the exact ones than rounding explains. */
  readonly inexact: readonly string[];
  readonly overwritten: number;
  readonly guarded: boolean;
}

const module = new WebAssembly.Module(readFileSync(new URL('../../wasm/chainrule.relaxed.wasm', import.meta.url)));
const SIZES = [
  [1, 600, 300],
  [300, 1, 259],
  [3, 5, 7],
  [33, 71, 513],
  [100, 10, 50],
] as const;
const { results, overwritten, guarded } = products(
  module,
  SIZES.flatMap(([m, n, k]) => inAllTranspositions(m, n, k)),
);
const inexact = results.filter(({ shape, a, b, out }) => !(error(out, a, b, shape) <= shape.k)).map(({ shape }) => label(shape));
setWasmSource({ module });
const network = await Network.create({ input: [2], layers: [dense(2)], loss: 'meanSquaredError', backend: 'wasm' });
const refusal = await Network.create({
  input: [2],
  layers: [dense(2)],
  loss: 'meanSquaredError',
  backend: 'wasm',
  reproducible: true,
}).then(
  () => 'none',
  (error) => `${error.name}: ${error.message}`,
);
const report: RelaxedResults = { isa: network.backend.isa, refusal, inexact, overwritten, guarded };
console.log(JSON.stringify(report));
