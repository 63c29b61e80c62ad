/**
 * A run that is stopped in the middle of an epoch goes on from its folder of checkpoints as if nothing had happened: same weights, to the bit.
 *
 *   node --import tsx examples/resume.ts [FOLDER]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adam, checkpoint, dense, digits, dropout, type FitOptions, Network } from 'chainrule';

const { train, test } = digits({ test: 0.2, seed: 1 });

const create = () =>
  Network.create({
    input: [64],
    layers: [dense(32, { activation: 'relu' }), dropout(0.2), dense(10)],
    loss: 'softmaxCrossEntropy',
    seed: 1,
  });

/** The fit of every process that works on the run. Where the folder has no checkpoint, it begins. */
const fitIn = (folder: string): FitOptions => ({
  epochs: 10,
  batchSize: 32,
  optimizer: adam({ learningRate: 3e-3 }),
  resume: folder,
  callbacks: [checkpoint({ folder, every: { seconds: 1 } })],
});

/** @param folder Of the run; default a temporary one. */
export async function main(folder?: string) {
  const own = folder ?? mkdtempSync(join(tmpdir(), 'chainrule-resume-'));
  try {
    using first = await create();
    const stop = new AbortController();
    const { losses } = await first.fit(train, {
      ...fitIn(own),
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === 200) stop.abort();
      },
    });
    console.log(`stopped after ${losses.length} steps`);

    using second = await create();
    const rest = await second.fit(train, fitIn(own));
    console.log(`went on for ${rest.losses.length}`);

    using whole = await create();
    await whole.fit(train, { ...fitIn(own), resume: undefined, callbacks: [] });
    const isSame = Buffer.from(second.toBytes()).equals(whole.toBytes());
    const { accuracy = 0 } = await second.evaluate(test);
    console.log(`${isSame ? 'the bits' : 'NOT the bits'} of a run without a stop; test accuracy ${(100 * accuracy).toFixed(1)} %`);
    return { steps: losses.length, rest: rest.losses.length, isSame, accuracy };
  } finally {
    if (folder === undefined) rmSync(own, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
