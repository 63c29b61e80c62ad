/** `files.js PATH` saves a network to the path and loads it again; prints how each ended. */
import process from 'node:process';
import { dense, Network } from 'chainrule';

const [path] = process.argv.slice(2);
const network = await Network.create({ input: [2], layers: [dense(2)], loss: 'meanSquaredError' });
const ending = (call) =>
  call.then(
    () => 'done',
    (error) => `${error.constructor.name}: ${error.message}`,
  );
console.log(JSON.stringify({ save: await ending(network.save(path)), load: await ending(Network.load(new URL(path, 'file:///'))) }));
