/** Loads no kernels, in Cloudflare Workers and edge functions, which may not compile WASM: the program imports the module. */
import { BackendError } from '../errors.ts';
import { extendPlatform } from '../platform/platform.ts';

const HOW =
  "wasm: Workers run only modules that they import; expected import module from 'chainrule/wasm/chainrule.simd.wasm' and " +
  'setWasmSource({ module }) before the first network, got no module';

extendPlatform({ loadWasm: () => Promise.reject(new BackendError(HOW)) });
