/** What sessions may share. */
import type { Program } from '../program/format.ts';
import type { SharedElements } from './backend.ts';

/** Throws RangeError unless a program, where its first elements are given, takes so many. */
export function checkShared({ sharedSize = 0 }: Program, shared: SharedElements | undefined): void {
  if (shared && shared.length !== sharedSize) throw new RangeError(`expected ${sharedSize} shared elements, got ${shared.length}`);
}
