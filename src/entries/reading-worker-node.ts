/** The script of the thread that reads files for datasets, on Node, Deno and Bun. */
import { parentPort, workerData } from 'node:worker_threads';
import { ReaderHost } from '../readers/thread/host.ts';
import { sourceOfPlan } from '../readers/thread/plans.ts';

// Required or imported elsewhere it does nothing.
const port = parentPort;
if (port) {
  const host = new ReaderHost(sourceOfPlan(workerData), {
    tell: (message, transfer) => port.postMessage(message, transfer as ArrayBuffer[]),
    close: () => port.close(),
  });
  port.on('message', (message) => host.hear(message));
}
