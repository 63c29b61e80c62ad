/** Load for ../serving.ts, in another process: sockets that keep alive, each with one request at a time. Bare sockets: an HTTP client costs more than the server. */
import { connect } from 'node:net';

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Seconds of load before it, which do not count. */
  readonly warmUp: number;
  /** Requests a second over all connections; default as many as go through. */
  readonly rate?: number;
  readonly body: Uint8Array;
}

export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds from the time when a request was due to its answer. */
  readonly p50: number;
  readonly p99: number;
}

interface Connection {
  /** Ends once the answer has come whole. */
  ask(): Promise<void>;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');

function requestOf(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
}

async function open(port: number, request: Buffer): Promise<Connection> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  let received = Buffer.alloc(0);
  let answered = () => {};
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = received.subarray(0, end).toString('latin1');
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`expected status 200, got ${head.split('\r\n')[0]}`);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (received.length < end + HEAD_END.length + length) return;
    received = Buffer.alloc(0);
    answered();
  });
  return {
    ask: () =>
      new Promise((resolve) => {
        answered = resolve;
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Keeps all connections busy, or asks at a rate; gives the times of the requests. */
async function run(connections: readonly Connection[], seconds: number, rate: number | undefined): Promise<number[]> {
  const times: number[] = [];
  const began = performance.now();
  const end = began + 1000 * seconds;
  let asked = 0;
  /** The time at which the next request is to be made. */
  const nextDue = async () => {
    if (!rate) return performance.now();
    const due = began + (1000 * asked++) / rate;
    if (due < end && due > performance.now()) await sleep(due - performance.now());
    return due;
  };
  await Promise.all(
    connections.map(async ({ ask }) => {
      for (let due = await nextDue(); due < end; due = await nextDue()) {
        await ask();
        times.push(performance.now() - due);
      }
    }),
  );
  return times.sort((a, b) => a - b);
}

process.once('message', async ({ port, connections, seconds, warmUp, rate, body }: Load) => {
  const opened = await Promise.all(Array.from({ length: connections }, () => open(port, requestOf(body))));
  await run(opened, warmUp, rate);
  const began = performance.now();
  const times = await run(opened, seconds, rate);
  const took = (performance.now() - began) / 1000;
  for (const { close } of opened) close();
  const at = (share: number) => times[Math.floor(share * times.length)];
  process.send?.({ requests: times.length, seconds: took, p50: at(0.5), p99: at(0.99) } satisfies LoadReport, () => process.exit(0));
});
