/** Some epochs of a training that goes on in another runtime: what they give does not depend on where they were run. */

/** @param checkpoint The bytes that the epochs before gave; none for the first ones. */
export async function trainOn({ adam, dense, digits, dropout, Network }, epochs, checkpoint, backend = 'auto') {
  const how = { backend, reproducible: true };
  const network = checkpoint
    ? await Network.fromBytes(checkpoint, how)
    : await Network.create({
        input: [64],
        layers: [dense(32, { activation: 'gelu' }), dropout(0.2), dense(10)],
        loss: 'softmaxCrossEntropy',
        seed: 7,
        ...how,
      });
  await network.fit(digits({ seed: 1, test: 0.2 }).train, { epochs, batchSize: 32, optimizer: adam({ learningRate: 3e-3 }) });
  const { name, isa } = network.backend;
  const bytes = [...network.toBytes()];
  network.dispose();
  return { name, isa, bytes };
}
