/** A Cloudflare Worker that only predicts. Its predictor and what the network itself predicts are in a module that predictor-module.js writes. */
import { loadPredictor } from 'chainrule/predict';
import module from 'chainrule/wasm/chainrule.simd.wasm';
import { bytes, network, x } from './worker-predictor.js';

const predictions = async () => {
  const predictor = await loadPredictor(Uint8Array.from(bytes), { kernels: { module } });
  return { network, predictor: [...predictor.predict(x).data] };
};

export default { fetch: async () => Response.json(await predictions()) };
