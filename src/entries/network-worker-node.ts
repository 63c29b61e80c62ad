/** The script of the worker that computes networks of `worker: true`, on Node, Deno and Bun. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { hostFor } from '../backends/worker/host.ts';
import { startHelper } from '../node/start-helper.ts';
import '../ops/table.ts';

// Required or imported elsewhere it does nothing.
const port: MessagePort | null = parentPort;
port?.on(
  'message',
  hostFor((message, transfer) => port.postMessage(message, transfer as ArrayBuffer[]), startHelper),
);
