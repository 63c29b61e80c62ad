/** `chainrule/worker` in browsers: networks of `worker: true`. */
import { watchLifeline } from '../backends/worker/lifeline.ts';
import type { WorkerListener, WorkerPort } from '../backends/worker/link.ts';
import { BackendError } from '../errors.ts';
import type { FileLocation } from '../options.ts';
import { bringWorkers } from '../platform/worker-source.ts';

const ADVICE =
  "expected the script chainrule/network-worker.js: say where it lies with setWorkerSource({ url }), and allow it in the page's policy (worker-src)";

function startWorker({ told, failed }: WorkerListener, url: FileLocation | undefined): WorkerPort {
  if (typeof Worker !== 'function') throw new BackendError('worker: expected a runtime with Web Workers, got none');
  const worker = open(url);
  const ended = () => failed('it ended, and the browser does not say why');
  worker.onmessage = ({ data }) => {
    if (!watchLifeline(data, ended)) told(data);
  };
  worker.onmessageerror = () => failed('a message could not be read');
  worker.onerror = ({ message }) => failed(message || `its script did not load; ${ADVICE}`);
  return { post: (message, transfer) => worker.postMessage(message, transfer), end: () => worker.terminate() };
}

/** Bundlers see the `new Worker(new URL(…))` and make a script of the file. */
function open(url: FileLocation | undefined): Worker {
  try {
    if (url !== undefined) return new Worker(typeof url === 'string' ? url : url.href, { type: 'module', name: 'chainrule' });
    return new Worker(new URL('./network-worker.js', import.meta.url), { type: 'module', name: 'chainrule' });
  } catch (cause) {
    throw new BackendError(`worker: ${ADVICE}, got: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

bringWorkers(startWorker);

export * from '../index.ts';
export { setWorkerSource, type WorkerSource } from '../platform/worker-source.ts';
