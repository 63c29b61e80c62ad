/**
 * Calls every entry of the addon that CHAINRULE_ADDON names, as it is to be called and in every wrong way, from this thread and from workers that
 * are terminated. Run under sanitizers: what they report ends the process. Prints "done" in the end.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { adam, dense, digits, dropout, Network } from 'chainrule';
import { type NativeSession, nativeBackend } from '../../../src/backends/native.ts';
import type { Addon } from '../../../src/node/addon.ts';
import { extendPlatform } from '../../../src/platform/platform.ts';
import { divide } from '../../../src/program/divide.ts';
import { BATCH, EAGER, prepare, TRAININGS, train } from '../../native/networks.ts';
import { products } from '../../native/programs.ts';
import { allCases, resultOf } from '../../ops/bits.ts';
import { csvCalledBadly, csvOfChance } from './csv-entries.ts';

const file = process.env.CHAINRULE_ADDON as string;
const addon = createRequire(import.meta.url)(file) as Addon;

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`expected ${what}`);
}

/** A typed array whose memory is somebody else's by now. */
function detached(): Float32Array {
  const values = new Float32Array(64);
  structuredClone(values, { transfer: [values.buffer] });
  return values;
}

/** An array whose second element, when it is read, does something first. */
function arrayThat(does: () => void, elements: readonly unknown[]): unknown[] {
  const array = [...elements];
  return Object.defineProperty(array, 1, {
    get() {
      does();
      return elements[1];
    },
  });
}

const thrower = () => {
  throw new Error('on purpose');
};

const BAD: readonly unknown[] = [
  ...[undefined, null, true, 'x', Symbol('x'), 7n, () => 7, {}, [], [1], [null], new Date(), new DataView(new ArrayBuffer(8))],
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1, -0.5, 0, 0.5, 3, 2 ** 53, -(2 ** 53), 1e300],
  ...[
    new Float32Array(0),
    new Float32Array(3),
    new Float32Array(1e5),
    new Float64Array(64),
    new Int32Array(3),
    new Int32Array(1e4).fill(-1),
  ],
  ...[
    new Int32Array(64).fill(2 ** 31 - 1),
    new Uint8Array(64),
    new BigInt64Array(4),
    new Float32Array(new SharedArrayBuffer(256)),
    detached(),
  ],
  ...[
    new ArrayBuffer(0),
    new ArrayBuffer(64),
    detached().buffer,
    Object.create(Float32Array.prototype),
    new Proxy(new Float32Array(4), {}),
  ],
  ...[arrayThat(thrower, [1, 2]), [new Float32Array(1e3)], [detached()], Array(3), new Array(2 ** 32 - 1)],
];

/** Calls with what is right but for one argument, with each number of arguments, and with bad ones alone. Each may throw. */
function callBadly(entry: (...given: unknown[]) => unknown, right: readonly unknown[]): void {
  const attempt = (given: readonly unknown[]) => {
    try {
      Promise.resolve(entry(...given)).catch(() => undefined);
    } catch {}
  };
  for (let count = 0; count < right.length; count++) attempt(right.slice(0, count));
  for (const bad of BAD) {
    for (let at = 0; at <= right.length; at++) attempt([...right.slice(0, at), bad, ...right.slice(at + 1)]);
    attempt(Array(12).fill(bad));
  }
}

type Entries = Record<string, (...given: unknown[]) => unknown>;

const { program, data, arena } = prepare(TRAININGS[0]);
const division = divide(program, 3, EAGER) as Int32Array;
const OPENING = [program.code, program.literals, program.arenaSize, BATCH, 11, 3, division, 2, new Int32Array(0), 64] as const;
const columns = data.columns.map((column) => new Float32Array(column.data.buffer as ArrayBuffer));
const widths = data.columns.map(({ width }) => width);

const open = () => new addon.Session(...OPENING);
const bind = (session: NativeSession) => session.bind(columns, widths, data.rows, BATCH, true);

/** The right arguments of every method, where the session is bound. */
const METHODS: Readonly<Record<string, readonly unknown[]>> = {
  share: [new Float32Array(0)],
  write: [0, arena],
  read: [0, new Float32Array(program.arenaSize)],
  bind: [columns, widths, data.rows, BATCH, true, 0, 0],
  fill: [0, 0, columns[0]],
  run: [0, program.code.length, 3, 0, BATCH],
  runAsync: [0, program.code.length, 3, 0, BATCH],
  cancel: [],
  records: [new Float64Array(6)],
};

/** Waits for a run that may be under way. */
async function idle(session: NativeSession): Promise<void> {
  for (;;) {
    try {
      return session.write(0, new Float32Array(0));
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Which elements are an input's is for the caller to know, so what is lent is no bad Float32Array, but what is none. */
function lendBadly(session: NativeSession): void {
  for (const bad of BAD.filter((one) => one !== undefined && !(ArrayBuffer.isView(one) && one.byteLength > 0))) {
    for (const [offset, values] of [
      [0, bad],
      [bad, new Float32Array(0)],
      [bad, bad],
    ]) {
      try {
        session.run(0, program.code.length, 1, 0, 0, BATCH, offset as number, values as Float32Array);
      } catch {}
    }
  }
}

async function wrongCalls(): Promise<void> {
  callBadly((...given) => new addon.Session(...(given as unknown as ConstructorParameters<Addon['Session']>)), OPENING);
  for (const name of ['measurePeak', 'firstNotFinite', 'alignedStart'] as const) {
    callBadly((addon as unknown as Entries)[name], [new Float32Array(2 ** 19), 2]);
    callBadly((addon as unknown as Entries)[name], [new ArrayBuffer(2 ** 22), 64]);
  }
  for (const [name, right] of Object.entries(METHODS)) {
    const session = open();
    const entries = session as unknown as Entries;
    callBadly((...given) => entries[name](...given), right);
    await idle(session);
    bind(session);
    session.write(0, arena);
    callBadly((...given) => entries[name](...given), right);
    await idle(session);
    if (name === 'run') lendBadly(session);
    // On something that is no session.
    callBadly((...given) => entries[name].call({}, ...given), right);
    await idle(session);
    session.dispose();
    callBadly((...given) => entries[name](...given), right);
    session.dispose();
  }
}

/** What is read of an array may take away what was read before. */
function arraysThatChange(): void {
  for (const i of [0, 1]) {
    const session = open();
    const own = columns.map((column) => column.slice());
    const take = () => void structuredClone(own[0], { transfer: [own[0].buffer] });
    const given = [own, widths].map((array, k) => (k === i ? arrayThat(take, array) : array));
    try {
      session.bind(given[0] as Float32Array[], given[1] as number[], data.rows, BATCH, true);
    } catch {}
    session.dispose();
  }
}

async function rightCalls(): Promise<void> {
  expect(addon.measurePeak(2) > 0, 'a measured peak');
  expect(addon.firstNotFinite(new Float32Array(2 ** 19).fill(1).fill(Number.NaN, 9e4), 3) === 9e4, 'the first that is NaN');
  const session = open();
  bind(session);
  session.write(0, arena);
  expect(session.run(0, program.code.length, 7, 0, 0, BATCH) === 7, 'seven steps');
  expect((await session.runAsync(0, program.code.length, 7, 0, 7, BATCH)) === 7, 'seven more');
  const records = new Float64Array(7 * program.recordWidth);
  session.records(records);
  expect(records.every(Number.isFinite), 'finite records');
  // Disposed of in the midst of a run, and collected without being disposed of.
  const running = session.runAsync(0, program.code.length, 1e6, 0, 0, BATCH);
  session.dispose();
  await running;
  for (let i = 0; i < 20; i++) bind(open());
}

/** Of each op some cases: all of them run on these kernels elsewhere, by a driver, without the addon. */
async function cases(): Promise<void> {
  const backend = nativeBackend(addon, EAGER);
  const counts = new Map<string, number>();
  for (const one of allCases()) {
    const { name } = one.test.op;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    if (count % 16 === 0) resultOf(backend, one);
  }
  for (const training of TRAININGS) train(backend.with({ threads: 3 }), training);
}

async function networks(): Promise<void> {
  extendPlatform({ loadNative: () => nativeBackend(addon, EAGER) });
  const options = {
    input: [64],
    layers: [dense(32, { activation: 'relu' }), dropout(0.1), dense(10)],
    loss: 'softmaxCrossEntropy',
  } as const;
  const network = await Network.create({ ...options, backend: 'native', threads: 3 });
  const { train: digitsTrain, test } = digits();
  await network.fit(digitsTrain, { epochs: 2, batchSize: 100, optimizer: adam(), validation: test, clip: { norm: 1 } });
  const aborted = await network.fit(digitsTrain, { epochs: 1e5, signal: AbortSignal.timeout(100) });
  expect(aborted.aborted, 'an aborted fit');
  const loaded = await Network.fromBytes(network.toBytes(), { backend: 'native', threads: 2 });
  const [mine, its] = [network.predict(test.x), await loaded.predictAsync(test.x)];
  expect(Buffer.compare(Buffer.from(mine.data.buffer), Buffer.from(its.data.buffer)) === 0, 'the same predictions');
  await network.diagnose(test);
  network.dispose();
  // The other is left as it is.
}

async function workers(): Promise<void> {
  const { code, arenaSize } = products();
  const script = `const { parentPort } = require('node:worker_threads');
    const addon = require(${JSON.stringify(file)});
    const code = Int32Array.of(${code.join()});
    const division = new Int32Array(code.length);
    const open = () => new addon.Session(code, new Float64Array(0), ${arenaSize}, 1, 0, 2, division, 2, new Int32Array(0), 0);
    for (let i = 0; i < 3; i++) open().runAsync(0, code.length, 1e6, 0, 0, 1);
    open().run(0, code.length, 3, 0, 0, 1);
    parentPort.postMessage('running');`;
  for (let i = 0; i < 5; i++) {
    const worker = new Worker(script, { eval: true });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
  }
}

function csvLines(): void {
  csvCalledBadly(addon, callBadly);
  csvOfChance(addon);
}

for (const part of [wrongCalls, csvLines, arraysThatChange, rightCalls, cases, networks, workers]) await part();
console.log('done');
