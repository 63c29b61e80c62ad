/** A Worker that gives its predictor no kernels: tells the error. */
import { loadPredictor } from 'chainrule/predict';
import { bytes } from './worker-predictor.js';

export default {
  fetch: () =>
    loadPredictor(Uint8Array.from(bytes)).then(
      () => Response.json('loaded'),
      ({ name, message }) => Response.json({ name, message }),
    ),
};
