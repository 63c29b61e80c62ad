/** Runs the cases on WebAssembly with fused multiply-adds, in a process that has relaxed SIMD, and prints the digests of each as JSON. */
import { loadWasmFile } from '../../src/node/load-wasm.ts';
import { allCases, fusedDigests } from './bits.ts';

const wasm = await loadWasmFile('relaxed');
process.stdout.write(JSON.stringify(allCases().map((one) => fusedDigests(wasm, one))));
