/** Helper threads of the WASM backend: their script, how Web Workers are started, and why threads may be impossible. */
import type { GlobalMemory, GlobalModule } from '../../globals.ts';

/** The message to a helper; see assembly/threaded.ts. */
export interface HelperTask {
  readonly module: GlobalModule;
  readonly memory: GlobalMemory;
  /** Addresses of the team's block and of the helper's own workspace. */
  readonly team: number;
  readonly workspace: number;
  /** From 1 on. */
  readonly index: number;
  /** Address of the word that says that a helper has failed. */
  readonly failed: number;
}

export interface Helper {
  /** Ends the thread at once. */
  terminate(): void;
}

/** Starts a thread that runs HELP on the task and never keeps the process alive. `failed` is told, later, of an end that nobody asked for. */
export type StartHelper = (task: HelperTask, failed: (reason: string) => void) => Helper;

/**
 * A function of a HelperTask, as text: the thread has no other source, so no bundler has to find a file and no server to serve one. A
 * leader who waits is told of a failure by the memory, because no message reaches it then.
 */
export const HELP = `({ module, memory, team, workspace, index, failed }) => {
  try {
    const now = () => performance.now();
    new WebAssembly.Instance(module, { env: { memory, now } }).exports.help(team, index, workspace);
  } catch (error) {
    const words = new Int32Array(memory.buffer);
    Atomics.store(words, failed / 4, 1);
    Atomics.notify(words, team / 4);
    throw error;
  }
}`;

/** Why threads cannot share memory here; undefined where they can. */
export function sharingProblem(): string | undefined {
  if (globalThis.crossOriginIsolated === false) {
    return 'the page is not cross-origin isolated (headers Cross-Origin-Opener-Policy: same-origin, Cross-Origin-Embedder-Policy: require-corp)';
  }
  if (typeof SharedArrayBuffer === 'undefined' || !hasSharedMemory()) return 'this runtime has no shared WebAssembly memory';
  return undefined;
}

function hasSharedMemory(): boolean {
  try {
    return new WebAssembly.Memory({ initial: 0, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer;
  } catch {
    return false;
  }
}

let scriptUrl: string | undefined;

/** Starts Web Workers; undefined in runtimes without them. */
export function webHelpers(): StartHelper | undefined {
  if (typeof Worker !== 'function' || typeof URL.createObjectURL !== 'function') return undefined;
  return (task, failed) => {
    scriptUrl ??= URL.createObjectURL(new Blob([`onmessage = ({ data }) => (${HELP})(data);`], { type: 'text/javascript' }));
    const worker = new Worker(scriptUrl, { name: 'chainrule' });
    worker.onerror = ({ message }) =>
      failed(message || "its worker could not be started (a page's content security policy must allow worker-src blob:)");
    worker.postMessage(task);
    return worker;
  };
}
