/** Choosing a backend: the one asked for, or the fastest that loads. */
import { BackendError } from '../errors.ts';
import { checkName } from '../options.ts';
import { platform } from '../platform.ts';
import type { Backend, BackendName } from './backend.ts';
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
 * The backend for an option; the environment variable CHAINRULE_BACKEND, where set, overrides it.
 *
 * @throws OptionError for an unknown name; BackendError, with every reason collected, where none loads.
 */
export async function selectBackend(option: BackendOption): Promise<BackendChoice> {
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
