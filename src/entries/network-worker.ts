/** The script of the worker that computes networks of `worker: true`, in browsers. */
import { hostFor } from '../backends/worker/host.ts';
import { holdLifeline } from '../backends/worker/lifeline.ts';
import '../ops/table.ts';

const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: unknown }) => void;
  postMessage(message: unknown, transfer: readonly unknown[]): void;
};
holdLifeline((message) => scope.postMessage(message, []));
const receive = hostFor((message, transfer) => scope.postMessage(message, transfer));
scope.onmessage = ({ data }) => receive(data);
