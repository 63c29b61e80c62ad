/** Elements that sessions share. */
import type { Program } from '../program/format.ts';
import type { SharedElements } from './backend.ts';

/** Throws RangeError unless the shared elements given to a program have the size that it shares. */
export function checkShared({ sharedSize = 0 }: Program, shared: SharedElements | undefined): void {
  if (shared && shared.length !== sharedSize) throw new RangeError(`expected ${sharedSize} shared elements, got ${shared.length}`);
}
