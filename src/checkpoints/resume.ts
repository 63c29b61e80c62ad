/** Resumes a run from the newest whole checkpoint of its folder. */
import { OptionError } from '../errors.ts';
import { readHead } from '../formats/safetensors.ts';
import type { Engine } from '../model/engine.ts';
import { openState } from '../model/model-file.ts';
import { Weights } from '../model/weights.ts';
import { openBytes } from '../node/files.ts';
import type { OpenRun, StoredRun } from '../training/stored-run.ts';
import { readNewest } from './folder.ts';
import { checkSettings, recordFrom, settingsOf, windowRowsOf } from './run-record.ts';
import { checkSeal } from './seal.ts';
import { warn } from './warn.ts';

/**
 * The option `resume` of fits. What is damaged is told of by a warning of the process.
 *
 * @throws OptionError where a whole checkpoint is of another network; FormatError or DataError where there are checkpoints and none is whole.
 */
export const openRun: OpenRun = (engine, folder) => readNewest(folder, (path) => readRun(engine, path), warn);

async function readRun(engine: Engine, path: string): Promise<StoredRun> {
  const source = await openBytes(path);
  const { weights, model, backend } = engine;
  const stored = new Weights(weights.shapes, model.layout, backend);
  try {
    await checkSeal(source);
    const { metadata, difference, readInto } = openState(engine, await readHead(source), source);
    const { epoch, isBeginning, isStopped, epochsDone, settings } = recordFrom(metadata);
    if (difference !== undefined)
      throw new OptionError(`fit.resume: expected the network that ${path} is of, got one with other ${difference}`);
    await readInto(stored);
    let isHeld = true;
    const dispose = () => {
      if (isHeld) stored.dispose();
      isHeld = false;
    };
    return {
      ...{ isBeginning, isStopped, windowRows: windowRowsOf(settings), training: stored.training },
      began: (start) => (epochsDone === undefined ? epoch : start.epoch - epochsDone),
      adopt(fit) {
        checkSettings(settings, settingsOf(fit));
        weights.frozen.clear();
        weights.copy(stored);
        weights.changed(stored.training);
        dispose();
      },
      dispose,
    };
  } catch (error) {
    stored.dispose();
    throw error;
  } finally {
    await source.close();
  }
}
