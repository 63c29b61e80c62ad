/** Node's modules that few programs need, loaded when one does: each takes milliseconds of an import. */
import { createRequire } from 'node:module';

export const zlib = () => load('node:zlib') as typeof import('node:zlib');
export const v8 = () => load('node:v8') as typeof import('node:v8');
export const perfHooks = () => load('node:perf_hooks') as typeof import('node:perf_hooks');
export const workerThreads = () => load('node:worker_threads') as typeof import('node:worker_threads');

/** Node before 20.16 has no `getBuiltinModule`; a script that a bundler made a classic one has no URL to require from. */
function load(name: string): unknown {
  return process.getBuiltinModule?.(name) ?? createRequire(import.meta.url)(name);
}
