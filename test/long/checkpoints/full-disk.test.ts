/** Checkpoints on a disk that is full: the run goes on or stops, as asked, and what is there stays whole. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adam, checkpoint, DataError, dense, Network } from 'chainrule';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spreadTensor, weightsOf } from '../../support/networks.ts';

/** A file system of this size, in memory. Mounting it takes a superuser. */
const KILOBYTES = 256;

let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'chainrule-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${KILOBYTES}k`, 'none', disk]);
});
afterEach(() => {
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

const ballast = () => join(disk, 'ballast');

/** Takes all room that is left. */
function fill(): void {
  for (let bytes = KILOBYTES * 1024; bytes >= 512; ) {
    try {
      writeFileSync(ballast(), new Uint8Array(bytes), { flag: 'a' });
    } catch {
      bytes /= 2;
    }
  }
}

const create = () =>
  Network.create({ input: [8], layers: [dense(32, { activation: 'tanh' }), dense(3)], loss: 'softmaxCrossEntropy', seed: 4 });
const data = { x: spreadTensor([64, 8]), y: Array.from({ length: 64 }, (_, i) => i % 3) };
const EPOCHS = 12;

/** A run whose disk is full from the end of an epoch to that of another. */
async function run(onError: 'stop' | 'continue', fullFrom: number, fullTo: number, warnings: string[]): Promise<Network> {
  const network = await create();
  const folder = join(disk, 'run');
  await network.fit(data, {
    ...{ epochs: EPOCHS, batchSize: 16, optimizer: adam(), resume: folder },
    callbacks: [
      {
        async epoch({ epoch }) {
          if (epoch === fullFrom) fill();
          if (epoch === fullTo) rmSync(ballast());
          // Time for the file of each epoch: one that is being written lets those due meanwhile take its turn.
          await new Promise((resolve) => setTimeout(resolve, 20));
        },
      },
      checkpoint({ folder, keep: 2, onError, onWarning: (message) => warnings.push(message) }),
    ],
  });
  return network;
}

const files = () => readdirSync(join(disk, 'run')).sort();

async function expectWhole(): Promise<void> {
  expect(files().filter((name) => name.startsWith('.'))).toEqual([]);
  const checkpoints = files().filter((name) => name.endsWith('.safetensors'));
  expect(checkpoints.length).toBeGreaterThan(0);
  for (const name of checkpoints) (await Network.load(join(disk, 'run', name))).dispose();
}

describe('a full disk', () => {
  it('lets a run go on that was told to, with a warning, and its files are written again once there is room', async () => {
    const whole = await create();
    await whole.fit(data, { epochs: EPOCHS, batchSize: 16, optimizer: adam() });
    const warnings: string[] = [];
    const network = await run('continue', 3, 8, warnings);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings[0]).toMatch(/checkpoint: .*ENOSPC.*; the fit goes on/);
    expect(weightsOf(network)).toEqual(weightsOf(whole));
    await expectWhole();
    expect(files().at(-1)).toMatch(new RegExp(`-step-${EPOCHS * 4}\\.safetensors$`));
  });

  it('ends a run that was not told to go on, and the run goes on from what is whole once there is room', async () => {
    const whole = await create();
    await whole.fit(data, { epochs: EPOCHS, batchSize: 16, optimizer: adam() });
    const ending = run('stop', 3, EPOCHS + 1, []);
    await expect(ending).rejects.toThrow(DataError);
    await expect(ending).rejects.toThrow(/ENOSPC/);
    await expectWhole();
    rmSync(ballast());
    const network = await run('stop', EPOCHS + 1, EPOCHS + 1, []);
    expect(weightsOf(network)).toEqual(weightsOf(whole));
  });
});
