/** The backends that this machine has; on CI all of them must load. */
import 'chainrule';
import type { BackendName, LocalBackend } from '../../src/backends/backend.ts';
import { loadBackend } from '../../src/backends/select.ts';
import { platform } from '../../src/platform/platform.ts';

const NAMES: readonly BackendName[] = ['reference', 'wasm', 'native'];

async function tryLoad(name: BackendName): Promise<LocalBackend | undefined> {
  try {
    return (await loadBackend(platform(), name)) as LocalBackend;
  } catch (error) {
    if (process.env.CI) throw error;
    return undefined;
  }
}

export const BACKENDS: readonly LocalBackend[] = (await Promise.all(NAMES.map(tryLoad))).filter((backend) => backend !== undefined);

/** Error allowed against values computed in float64, relative to the tensor's largest magnitude. */
export function tolerance(backend: Pick<LocalBackend, 'name'>): number {
  return backend.name === 'reference' ? 1e-9 : 1e-4;
}
