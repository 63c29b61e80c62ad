/**
 * Joins update instructions of neighbouring parameters: parameters, gradients and state each lie in one run of the arena in the same
 * order, so one instruction can update them all. The gaps between them hold zeros and stay zero under every update.
 */
import { ALIGNMENT } from '../program/format.ts';
import type { Draft } from './encode.ts';

export function mergeUpdates(drafts: readonly Draft[]): Draft[] {
  const merged: Draft[] = [];
  for (const draft of drafts) {
    const last = merged.at(-1);
    const joined = last && join(last, draft);
    if (joined) merged[merged.length - 1] = joined;
    else merged.push(draft);
  }
  return merged;
}

function join(first: Draft, second: Draft): Draft | undefined {
  const isUpdate = Object.values(first.op.operands).includes('inout') && 'size' in first.op.scalars;
  const { parts } = first.origin;
  const isOnePart = parts.join() === second.origin.parts.join();
  if (!isUpdate || !isOnePart || first.op !== second.op || !sameSettings(first, second)) return undefined;
  const distance = Math.ceil(first.scalars.size / ALIGNMENT) * ALIGNMENT;
  const extents = first.op.extents({ ...first.scalars, size: 2 });
  const adjacent = Object.keys(first.operands).every((name) => {
    const step = extents[name] === 2 ? distance : 0;
    return second.operands[name] === first.operands[name] + step;
  });
  return adjacent
    ? { ...first, scalars: { ...first.scalars, size: distance + second.scalars.size }, origin: { parts, layer: [], backward: false } }
    : undefined;
}

function sameSettings(first: Draft, second: Draft): boolean {
  return Object.keys(first.scalars).every((name) => name === 'size' || Object.is(first.scalars[name], second.scalars[name]));
}
