/** A Worker that would have to compile its kernels: tells the error. */
import { dense, Network } from 'chainrule/inline';

const options = { input: [2], layers: [dense(1)], loss: 'halfSquaredError' };

export default {
  fetch: () =>
    Network.create(options).then(
      ({ backend }) => Response.json({ backend }),
      ({ name, message }) => Response.json({ name, message }),
    ),
};
