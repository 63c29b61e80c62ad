/** Choosing a backend: the one asked for, or the fastest that loads. */
import { BackendError, messageOf, OptionError } from '../errors.ts';
import { type Check, flag, type OptionsRead, type OptionTable, oneOf, optional, withDefault } from '../options/table.ts';
import { checkInteger, describe } from '../options.ts';
import type { Backend, BackendName, LoadSettings, Precision } from './backend.ts';
import { type Numerics, numericsOf, type Reproducible } from './numerics.ts';
import { type WasmVariant, wasmVariant } from './wasm/variant.ts';

export type BackendOption = BackendName | 'auto';

/** The backends that can be loaded in this runtime, and facts about the runtime. */
export interface Loaders {
  /** Loads the native backend; absent in runtimes that cannot have one. Throws BackendError with the reason. */
  loadNative?(): Backend;
  /** Loads a build of the WASM kernels; absent in an entry that has none. Throws BackendError with the reason. */
  loadWasm?(variant: WasmVariant): Promise<Backend>;
  /** Loads the WASM backend from where the user said its kernels lie: goes before `loadWasm`. */
  loadChosenWasm?(variant: WasmVariant): Promise<Backend>;
  /** Loads the reference backend; absent in an entry for pages and workers, which would carry a second definition of every op for it. */
  loadReference?(): Backend;
  /** `loadWasm` with vectors that V8 has made twice as wide. Throws BackendError where they give other results, too. */
  loadRevectorizedWasm?(variant: WasmVariant): Promise<Backend>;
  /** The backend in a worker that runs the kernels of this one; absent in programs that import no entry that has it. */
  inWorker?(backend: Backend): Backend;
  /** The name of this runtime, if its V8 cannot do that; undefined if it can. */
  revectorizationProblem(): string | undefined;
  /** An environment variable; undefined in runtimes without an environment. */
  environment(name: string): string | undefined;
  /** How many threads can run at the same time. */
  parallelism(): number;
}

/** The chosen backend, and why. */
export interface BackendChoice {
  readonly backend: Backend;
  readonly reason: string;
}

/** The faster first. */
const FAST: readonly BackendName[] = ['native', 'wasm'];
const NAMES: readonly BackendName[] = [...FAST, 'reference'];
const VARIABLE = 'CHAINRULE_BACKEND';
const THREADS_VARIABLE = 'CHAINRULE_THREADS';
const MOST_THREADS = 1024;

const checkBackend = oneOf<BackendOption>(['auto', ...NAMES]);

const checkThreads: Check<number> = (where, value) => {
  const count = checkInteger(where, value);
  if (count > MOST_THREADS) throw new OptionError(`${where}: expected at most ${MOST_THREADS}, got ${describe(count)}`);
  return count;
};

function checkReproducible(where: string, value: unknown): Reproducible {
  if (value === 'fused' || typeof value === 'boolean') return value;
  throw new OptionError(`${where}: expected true, false or 'fused', got ${describe(value)}`);
}

/** Who asks for int8 is told the way to it. */
const checkPrecision: Check<Precision> = (where, value) => {
  if (value === 'int8')
    throw new OptionError(
      `${where}: expected float32 or bfloat16, got int8, which is calibrated on data: await network.quantize(rows) gives it`,
    );
  return oneOf<Precision>(['float32', 'bfloat16'])(where, value);
};

/** The options that choose a backend, and how it computes. */
export const RUNNING = {
  backend: withDefault(checkBackend, 'auto'),
  threads: optional(checkThreads),
  reproducible: withDefault(checkReproducible, false),
  revectorize: withDefault(flag, false),
  precision: withDefault(checkPrecision, 'float32'),
  worker: withDefault(flag, false),
} satisfies OptionTable;

export type Running = OptionsRead<typeof RUNNING>;

/** What decides the backend of a network, and what is said of it. */
type Choosing = Pick<Running, 'backend'> & Partial<Running>;

/** What brings a backend that every runtime could have. */
const ADVICE: { readonly [name in BackendName]?: string } = { reference: "; expected import 'chainrule/reference' besides" };

type Loader = (variant: WasmVariant) => Backend | Promise<Backend>;

/** By build and by what loads them, so that kernels from another place are another backend. */
const loaded: Readonly<Record<WasmVariant, Map<Loader, Promise<Backend>>>> = { simd: new Map(), relaxed: new Map() };

/** The loader of a backend; undefined where the program imported no entry that has it. */
function loaderOf({ loadNative, loadWasm, loadChosenWasm, loadReference }: Loaders, name: BackendName): Loader | undefined {
  if (name === 'native') return loadNative;
  return name === 'wasm' ? (loadChosenWasm ?? loadWasm) : loadReference;
}

/**
 * Loads a backend once; of the WASM kernels the build that is fastest for such networks, and no other. Throws BackendError with the reason
 * where it does not load.
 */
export async function loadBackend(loaders: Loaders, name: BackendName, numerics: Numerics = 'fast'): Promise<Backend> {
  const loader = loaderOf(loaders, name);
  if (!loader) throw missing(name);
  return loadOnce(loader, name === 'wasm' ? wasmVariant(numerics) : 'simd');
}

/** The reference backend, at once. Throws BackendError where the program imported no entry that has it. */
export function referenceOf({ loadReference }: Loaders): Backend {
  if (!loadReference) throw missing('reference');
  return loadReference();
}

const missing = (name: BackendName) =>
  new BackendError(`${name}: not a backend of this runtime, or not of the entry imported${ADVICE[name] ?? ''}`);

function loadOnce(loader: Loader, variant: WasmVariant): Promise<Backend> {
  const backends = loaded[variant];
  let backend = backends.get(loader);
  if (!backend) {
    backend = Promise.resolve(variant).then(loader);
    backends.set(loader, backend);
    backend.catch(() => backends.delete(loader));
  }
  return backend;
}

/** A backend, and whether its kernels are revectorized. A backend without revectorization is better than none. */
async function loadAsAsked(
  loaders: Loaders,
  name: BackendName,
  { numerics, revectorize }: LoadSettings,
): Promise<{ backend: Backend; remark: string }> {
  if (revectorize && name === 'wasm') {
    try {
      return { backend: await loadRevectorized(loaders, numerics), remark: '; revectorized' };
    } catch (error) {
      const cause = messageOf(error);
      return { backend: await loadBackend(loaders, name, numerics), remark: `; not revectorized: ${cause}` };
    }
  }
  const backend = await loadBackend(loaders, name, numerics);
  const remark = backend.remark ? `; ${backend.remark}` : '';
  return { backend, remark: remark + (revectorize ? `; not revectorized: only wasm is, not ${name}` : '') };
}

async function loadRevectorized({ loadChosenWasm, loadRevectorizedWasm }: Loaders, numerics: Numerics = 'fast'): Promise<Backend> {
  if (loadChosenWasm) throw new BackendError('its kernels are those given to setWasmSource, not those of the package');
  if (!loadRevectorizedWasm) throw new BackendError('wasm: not a backend of the entry imported');
  return loadOnce(loadRevectorizedWasm, wasmVariant(numerics));
}

/**
 * The backends that 'auto' tries: the fast ones that the program's imports brought. Not the reference beside them: it is a hundred times
 * slower, so a fast backend that does not load is an error. A program that imports nothing faster gets the reference.
 */
function candidates(loaders: Loaders): readonly BackendName[] {
  const fast = FAST.filter((name) => loaderOf(loaders, name));
  return fast.length ? fast : ['reference'];
}

/**
 * The backend asked for, with its number of threads. The environment variable CHAINRULE_BACKEND, where set, overrides the option;
 * CHAINRULE_THREADS is the number where none is given, the processors that the process may use up where that is not set either.
 *
 * @throws OptionError for an unknown name, an impossible number, `revectorize` where it is not Node 24 or newer, or `worker` without the entry that has it or with another backend than wasm; BackendError, with every reason collected, where none loads.
 */
export async function selectBackend(
  loaders: Loaders,
  { backend: option, threads, reproducible = false, revectorize = false, precision = 'float32', worker = false }: Choosing,
): Promise<BackendChoice> {
  const asked = askedThreads(loaders, threads);
  if (revectorize) checkRevectorization(loaders);
  const numerics = numericsOf(reproducible);
  const select = worker ? selectInWorker : selectByName;
  const { backend, reason } = await select(loaders, option, { numerics, revectorize });
  const threaded = backend.with({ threads: asked ?? loaders.parallelism(), numerics });
  // Threads may turn out not to start later than this.
  return {
    backend: threaded,
    get reason() {
      return reason + remarkOn(threaded, asked) + (precision === 'bfloat16' && !threaded.multipliesBfloat16 ? ROUNDING : '');
    },
  };
}

const ROUNDING = '; bfloat16 by rounding floats: no faster than float32';

/** Why a backend runs on fewer threads than it was asked to, or than is its default. */
function remarkOn({ name, threads, limitation }: Backend, asked: number | undefined): string {
  const cause = limitation ? `: ${limitation}` : '';
  if (asked !== undefined && asked !== threads) return `; ${name} runs on ${threads} thread of ${asked} asked for${cause}`;
  return limitation ? `; ${name} runs on ${threads === 1 ? 'one thread' : `${threads} threads`}${cause}` : '';
}

function checkRevectorization(loaders: Loaders): void {
  const problem = loaders.revectorizationProblem();
  if (problem) throw new OptionError(`revectorize: expected Node 24 or newer, got ${problem}`);
}

/** The number of threads that the option or the environment asks for. */
function askedThreads(loaders: Loaders, option: number | undefined): number | undefined {
  const variable = loaders.environment(THREADS_VARIABLE) || undefined;
  return option ?? (variable === undefined ? undefined : checkThreads(THREADS_VARIABLE, toNumber(variable)));
}

/** The number that a variable's digits spell; else the text itself, for the message that refuses it. */
function toNumber(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** The backend that the environment names; undefined where it names none. */
function overrideOf(loaders: Loaders): BackendOption | undefined {
  const override = loaders.environment(VARIABLE) || undefined;
  return override === undefined ? undefined : checkBackend(VARIABLE, override);
}

async function selectInWorker(loaders: Loaders, option: BackendOption, settings: LoadSettings): Promise<BackendChoice> {
  const name = overrideOf(loaders) ?? option;
  if (name !== 'auto' && name !== 'wasm')
    throw new OptionError(`worker: expected the backend wasm, which is what a worker runs, got ${name}`);
  if (!loaders.inWorker) throw new OptionError("worker: expected import 'chainrule/worker' besides, got a program without it");
  const { backend, remark } = await loadAsAsked(loaders, 'wasm', settings);
  return { backend: loaders.inWorker(backend), reason: `in a worker${remark}` };
}

async function selectByName(loaders: Loaders, option: BackendOption, settings: LoadSettings): Promise<BackendChoice> {
  const override = overrideOf(loaders);
  const name = override ?? option;
  if (name !== 'auto') {
    const { backend, remark } = await loadAsAsked(loaders, name, settings);
    return { backend, reason: (override ? `${VARIABLE}=${name}` : `backend: '${name}'`) + remark };
  }
  const failures: string[] = [];
  for (const candidate of candidates(loaders)) {
    try {
      const { backend, remark } = await loadAsAsked(loaders, candidate, settings);
      return { backend, reason: (failures.length ? failures.join('; ') : 'the fastest backend here') + remark };
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new BackendError(`no backend loads: ${failures.join('; ')}; that of 'chainrule/reference' runs everywhere, slowly`);
}
