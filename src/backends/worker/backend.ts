/** The WASM backend in a worker: the page compiles programs and keeps the weights, the worker computes. */
import { BackendError } from '../../errors.ts';
import { checkKernels } from '../../program/format.ts';
import type { Backend, BackendSettings } from '../backend.ts';
import { WorkerElements } from './elements.ts';
import { type StartWorker, WorkerLink } from './link.ts';
import type { Start } from './messages.ts';
import { WorkerSession } from './session.ts';

/** The worker of the networks on one build of the kernels. After it has failed, later networks have another. */
export class WorkerPool {
  #link: WorkerLink | undefined;

  constructor(
    readonly start: StartWorker,
    readonly first: Start,
  ) {}

  get link(): WorkerLink {
    if (!this.#link || this.#link.failure) this.#link = new WorkerLink(this.start, this.first);
    return this.#link;
  }
}

/** As `local`, whose kernels are those of the worker. Throws BackendError where `local` has no compiled kernels. */
export function workerBackend(local: Backend, start: StartWorker, cores: number): Backend {
  const { module } = local;
  if (!module) throw new BackendError(`worker: expected kernels that another thread can run, got the backend ${local.name}`);
  const pool = new WorkerPool(start, { module, cores });
  return backendOn(pool, pool.link, local, {});
}

/** One network's, or that of copies of it: all of them fail with their worker. */
function backendOn(pool: WorkerPool, link: WorkerLink, local: Backend, settings: BackendSettings): Backend {
  return {
    name: local.name,
    isa: local.isa,
    remark: local.remark,
    get threads() {
      return local.threads;
    },
    get limitation() {
      return local.limitation;
    },
    elementBytes: local.elementBytes,
    with: (asked) => backendOn(pool, pool.link, local.with(asked), { ...settings, ...asked }),
    firstNotFinite: (values) => local.firstNotFinite(values),
    allocate: (length) => local.allocate(length),
    reserve: (length) => new WorkerElements(link, length),
    open: (program, seed, shared) => {
      checkKernels(program, 'wasm');
      return new WorkerSession(link, program, { seed, settings, shared });
    },
  };
}
