/** Choosing a backend: the one asked for, or the fastest that loads. */
import { BackendError, OptionError } from '../errors.ts';
import { checkBoolean, checkInteger, checkName, describe } from '../options.ts';
import { platform } from '../platform.ts';
import type { Backend, BackendName, BackendSettings } from './backend.ts';
import { referenceBackend } from './reference.ts';

export type BackendOption = BackendName | 'auto';

/** What runs a network, and why. */
export interface BackendChoice {
  readonly backend: Backend;
  readonly reason: string;
}

/** Fastest first. */
const PREFERENCE: readonly BackendName[] = ['native', 'wasm', 'reference'];
const VARIABLE = 'CHAINRULE_BACKEND';
const THREADS_VARIABLE = 'CHAINRULE_THREADS';
const MOST_THREADS = 1024;

const loaded = new Map<BackendName, Promise<Backend>>();

/** Loads a backend once. Throws BackendError with the reason where it cannot be had. */
export function loadBackend(name: BackendName): Promise<Backend> {
  let backend = loaded.get(name);
  if (!backend) {
    backend = load(name);
    loaded.set(name, backend);
    backend.catch(() => loaded.delete(name));
  }
  return backend;
}

async function load(name: BackendName): Promise<Backend> {
  if (name === 'reference') return referenceBackend;
  if (name === 'wasm') return platform().loadWasm();
  const { loadNative } = platform();
  if (!loadNative) throw new BackendError('native: this runtime loads no addons');
  return loadNative();
}

/**
 * The backend for an option, with its number of threads. The environment variable CHAINRULE_BACKEND, where set, overrides the option;
 * CHAINRULE_THREADS is the number where none is given, the processor's cores where that is not set either.
 *
 * @throws OptionError for an unknown name or an impossible number; BackendError, with every reason collected, where none loads.
 */
export async function selectBackend(
  option: BackendOption,
  { threads, reproducible = false }: BackendSettings = {},
): Promise<BackendChoice> {
  const asked = askedThreads(threads);
  checkBoolean('reproducible', reproducible);
  const { backend, reason } = await selectByName(option);
  const threaded = backend.with({ threads: asked ?? platform().parallelism(), reproducible });
  const remark =
    asked !== undefined && asked !== threaded.threads ? `; ${backend.name} runs on ${threaded.threads} thread of ${asked} asked for` : '';
  return { backend: threaded, reason: reason + remark };
}

/** The number of threads that the option or the environment asks for. */
function askedThreads(option: number | undefined): number | undefined {
  const variable = platform().environment(THREADS_VARIABLE) || undefined;
  const [where, count] = option === undefined ? [THREADS_VARIABLE, variable && toNumber(variable)] : ['threads', option];
  if (count === undefined) return undefined;
  if (checkInteger(where, count) > MOST_THREADS)
    throw new OptionError(`${where}: expected at most ${MOST_THREADS}, got ${describe(count)}`);
  return Number(count);
}

/** The number that a variable's digits spell; else the text itself, for the message that refuses it. */
function toNumber(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

async function selectByName(option: BackendOption): Promise<BackendChoice> {
  const override = platform().environment(VARIABLE) || undefined;
  const name = checkName(override ? VARIABLE : 'backend', override ?? option, ['auto', ...PREFERENCE]);
  if (name !== 'auto') return { backend: await loadBackend(name), reason: override ? `${VARIABLE}=${name}` : `backend: '${name}'` };
  const failures: string[] = [];
  for (const candidate of PREFERENCE) {
    try {
      const backend = await loadBackend(candidate);
      return { backend, reason: failures.length ? failures.join('; ') : 'the fastest backend there is' };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new BackendError(`no backend loads: ${failures.join('; ')}`);
}
