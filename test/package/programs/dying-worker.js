/** A page whose network's worker closes itself in the midst of a fit, of which the browser says nothing; tells the server what the fit ended with. */
import 'chainrule/worker';
import { dense, Network, xor } from 'chainrule';
import { setWorkerSource } from 'chainrule/worker';
import { tell } from './report.js';

setWorkerSource({ url: new URL('dying-worker-script.js', import.meta.url) });
try {
  const network = await Network.create({ input: [2], layers: [dense(8), dense(1)], loss: 'meanSquaredError', seed: 1, worker: true });
  const ended = await network.fit(xor(), { epochs: 1e7 }).then(
    () => 'nothing',
    ({ name, message }) => `${name}: ${message}`,
  );
  await tell({ ended });
} catch (error) {
  await tell({ error: `${error.name}: ${error.message}` });
}
