/** A Cloudflare Worker that trains. */
import * as chainrule from 'chainrule';
import module from 'chainrule/wasm/chainrule.simd.wasm';
import { train } from './train.js';

chainrule.setWasmSource({ module });

export default { fetch: async () => Response.json(await train(chainrule)) };
