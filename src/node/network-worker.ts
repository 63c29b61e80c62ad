/** Workers that compute networks, on Node, Deno and Bun: one keeps the process alive only while it is awaited. */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WorkerListener, WorkerPort } from '../backends/worker/link.ts';
import type { FileLocation } from '../options.ts';

/** A text is a path, or a URL. */
const urlOf = (location: FileLocation) =>
  typeof location !== 'string' ? new URL(location.href) : /^\w\w+:/.test(location) ? new URL(location) : pathToFileURL(location);

/** Starts the script. */
export function startNetworkWorker({ told, failed }: WorkerListener, script: FileLocation): WorkerPort {
  // Without the process's own arguments: a loader of TypeScript, for example, would run in every thread.
  const worker = new Worker(urlOf(script), { execArgv: [], name: 'chainrule' });
  worker.unref();
  worker.on('message', told);
  worker.on('messageerror', (error) => failed(String(error)));
  worker.on('error', (error) => failed(String(error)));
  worker.on('exit', (code) => failed(`its thread ended with exit code ${code}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => void worker.terminate(),
    hold: (isAwaited) => (isAwaited ? worker.ref() : worker.unref()),
  };
}
