/** A Cloudflare Worker that trains, with both builds of the kernels. */
import * as chainrule from 'chainrule';
import relaxed from 'chainrule/wasm/chainrule.relaxed.wasm';
import module from 'chainrule/wasm/chainrule.simd.wasm';
import { train } from './train.js';

chainrule.setWasmSource({ module, relaxed: { module: relaxed } });

export default { fetch: async () => Response.json(await train(chainrule)) };
