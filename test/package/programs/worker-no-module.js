/** A Worker that forgot the kernels' module: tells the error. */
import { dense, Network } from 'chainrule';

const options = { input: [2], layers: [dense(1)], loss: 'halfSquaredError' };

export default {
  fetch: () =>
    Network.create(options).then(
      ({ backend }) => Response.json({ backend }),
      ({ name, message }) => Response.json({ name, message }),
    ),
};
