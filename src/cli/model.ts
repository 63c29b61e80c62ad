/** The model file that a command names. */
import { DataError, type LoadOptions, Network } from '../index.node.ts';
import { whatIs } from './found.ts';

/** Throws DataError that says what is there instead of a model file; what `Network.load` throws for one that it cannot read. */
export async function loadModel(path: string, { backend }: Pick<LoadOptions, 'backend'>): Promise<Network> {
  const { kind, words } = whatIs(path);
  if (kind !== 'model' && kind !== 'stream')
    throw new DataError(`${path} is ${words}: expected a model file, as \`train --out\` or network.save writes it (safetensors)`);
  return Network.load(path, { backend });
}
