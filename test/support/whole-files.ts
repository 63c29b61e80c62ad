/** Files that are read piece by piece, for tests that look at the whole. */
import type { FileLocation } from 'chainrule';
import { type ModelFile, readModelIndex } from '../../src/formats/model.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { openBytes } from '../../src/node/files.ts';

export async function readBytes(location: FileLocation): Promise<Uint8Array> {
  const source = await openBytes(location);
  try {
    return (await source.read(0, source.length)).slice();
  } finally {
    await source.close();
  }
}

export function decodeModel(bytes: Uint8Array): ModelFile {
  const { config } = readModelIndex(bytes);
  return { config, tensors: decodeSafetensors(bytes).tensors };
}
