/** Helpers of the WASM backend on Node, Deno and Bun. */
import { HELP, type StartHelper } from '../backends/wasm/helper.ts';
import { workerThreads } from './builtins.ts';

const SCRIPT = `import('node:worker_threads').then(({ workerData }) => (${HELP})(workerData));`;

export const startHelper: StartHelper = (task, failed) => {
  const { Worker } = workerThreads();
  // Without the process's own arguments: a loader of TypeScript, for example, would run in every thread.
  const worker = new Worker(SCRIPT, { eval: true, execArgv: [], workerData: task });
  let isWanted = true;
  worker.unref();
  worker.on('error', (error) => failed(String(error)));
  worker.on('exit', (code) => isWanted && failed(`its thread ended with exit code ${code}`));
  return {
    terminate() {
      isWanted = false;
      worker.terminate();
    },
  };
};
