/** What Node, Deno and Bun have besides backends. */
import { availableParallelism } from 'node:os';
import { readBytes, writeBytes } from './files.ts';
import { startHelper } from './start-helper.ts';

export const nodePlatform = { environment, parallelism: availableParallelism, startHelper, readBytes, writeBytes };

/** Deno throws where a program may not read its environment: then nothing is set. */
function environment(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
