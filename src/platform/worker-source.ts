/** Networks in a worker: where its script lies, and the backend that it runs. */
import type { Backend } from '../backends/backend.ts';
import { workerBackend } from '../backends/worker/backend.ts';
import type { WorkerListener, WorkerPort } from '../backends/worker/link.ts';
import { readOptions, required, type TableOf } from '../options/table.ts';
import { checkLocation, type FileLocation } from '../options.ts';
import { extendPlatform, platform } from './platform.ts';

/** Where the worker's script comes from. */
export interface WorkerSource {
  readonly url: FileLocation;
}

/** Starts a worker by its script; that of the package where no url is given. */
export type StartScript = (listener: WorkerListener, url: FileLocation | undefined) => WorkerPort;

const SOURCE = { url: required(checkLocation) } satisfies TableOf<WorkerSource>;

let chosen: FileLocation | undefined;

/**
 * Says where the script of the worker (`chainrule/network-worker.js`) lies, instead of the place next to the library's own files: for bundlers that do
 * not copy it, and for pages whose content security policy allows workers from elsewhere. Holds for the workers started from then on.
 *
 * @throws OptionError for anything but a path or URL.
 */
export function setWorkerSource(source: WorkerSource): void {
  chosen = readOptions('setWorkerSource', SOURCE, source).url;
}

/** Makes `worker: true` possible. One worker computes all networks that have the same build of the kernels. */
export function bringWorkers(start: StartScript): void {
  const backends = new WeakMap<Backend, Backend>();
  extendPlatform({
    inWorker: (local) => {
      let backend = backends.get(local);
      if (!backend) {
        backend = workerBackend(local, (listener) => start(listener, chosen), platform().parallelism());
        backends.set(local, backend);
      }
      return backend;
    },
  });
}
