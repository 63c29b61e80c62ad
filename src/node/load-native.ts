/** The native backend of the addon. Node only. */
import type { LocalBackend } from '../backends/backend.ts';
import { nativeBackend } from '../backends/native.ts';
import { loadAddon } from './addon.ts';

/** The native backend. Throws BackendError with the reason where there is none, and with what to do. */
export function loadNative(): LocalBackend {
  return nativeBackend(loadAddon());
}
