/** Finds and loads the native addon. Node only. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Backend } from '../backends/backend.ts';
import { type NativeAddon, nativeBackend } from '../backends/native.ts';
import { BackendError } from '../errors.ts';

/** This file is as deep below the package's root in src/ as in dist/. */
const require = createRequire(new URL('../../package.json', import.meta.url));

/** The native backend: from build/Release, else a prebuilt binary. Throws BackendError with the reason. */
export function loadNative(): Backend {
  return nativeBackend(loadAddon());
}

function loadAddon(): NativeAddon {
  try {
    const load = require('node-gyp-build') as (directory: string) => NativeAddon;
    return load(dirname(require.resolve('./package.json')));
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new BackendError(`the native addon could not be loaded: ${reason}`, { cause: error });
  }
}
