/** `chainrule/worker` on Node, Deno and Bun: networks of `worker: true`. */
import { startNetworkWorker } from '../node/network-worker.ts';
import { bringWorkers } from '../platform/worker-source.ts';

bringWorkers((listener, url) => startNetworkWorker(listener, url ?? new URL('./network-worker.js', import.meta.url)));

export * from '../index.ts';
export { setWorkerSource, type WorkerSource } from '../platform/worker-source.ts';
