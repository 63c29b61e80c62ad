/**
 * What every runtime does with the package: trains XOR on the fastest kernels, and reproducibly the digits and a network that is worth two
 * threads; saves the digits' model and loads it again.
 */

/** @param chainrule The package's exports, from whichever entry. */
export async function train(chainrule, backend = 'auto') {
  const xor = await trainXor(chainrule, backend);
  const digits = await trainDigits(chainrule, backend);
  return { ...xor, ...digits, wide: await trainWide(chainrule, backend) };
}

/** Steps that threads have run together: seen where the kernels are instantiated, for nothing else tells. */
let stepsTogether = 0;

const { Instance } = WebAssembly;
WebAssembly.Instance = function countSteps(module, imports) {
  const { exports } = new Instance(module, imports);
  const { runTogether } = exports;
  if (!runTogether) return { exports };
  const counting = (...args) => {
    const done = runTogether(...args);
    stepsTogether += done;
    return done;
  };
  return { exports: { ...exports, runTogether: counting } };
};

/** Reproducibly, on WASM, and long enough for the second thread to start in the midst of it. */
async function trainWide({ adam, dense, digits, Network }, backend) {
  const network = await Network.create({
    input: [64],
    layers: [dense(256, { activation: 'relu' }), dense(256, { activation: 'relu' }), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed: 2,
    backend,
    threads: 2,
    reproducible: true,
  });
  const { train } = digits({ seed: 1, test: 0.2 });
  if (network.backend.name !== 'wasm') return undefined;
  await network.fit(train, { epochs: 30, batchSize: 128, optimizer: adam() });
  const { threads, reason } = network.backend;
  const model = checksum(network.toBytes());
  network.dispose();
  return { threads, reason, model, stepsTogether };
}

async function trainXor({ adam, dense, Network, xor }, backend) {
  const network = await Network.create({
    input: [2],
    layers: [dense(4, { activation: 'tanh' }), dense(1)],
    loss: 'sigmoidCrossEntropy',
    seed: 1,
    backend,
  });
  await network.fit(xor(), { epochs: 300, batchSize: 4, optimizer: adam({ learningRate: 0.05 }) });
  const outputs = [...network.predict(xor().x, { probabilities: true }).data];
  const { isa } = network.backend;
  network.dispose();
  return { xor: outputs.map(Math.round), isa };
}

async function trainDigits({ adam, dense, digits, Network }, backend) {
  const { train, test } = digits({ seed: 1, test: 0.2 });
  const network = await Network.create({
    input: [64],
    layers: [dense(32, { activation: 'relu' }), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed: 1,
    backend,
    reproducible: true,
  });
  await network.fit(train, { epochs: 10, batchSize: 32, optimizer: adam({ learningRate: 3e-3 }) });
  const model = network.toBytes();
  const loaded = await Network.fromBytes(model, { backend, reproducible: true });
  const { accuracy } = await loaded.evaluate(test);
  const { name, reason } = network.backend;
  network.dispose();
  loaded.dispose();
  return { backend: name, reason, accuracy, model: checksum(model) };
}

/** FNV-1a: tells two models apart, in runtimes without a crypto module too. */
function checksum(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
