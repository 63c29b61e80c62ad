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
  const { mergesOver } = first.op;
  const { parts } = first.origin;
  if (mergesOver === undefined || first.op !== second.op || parts.join() !== second.origin.parts.join()) return undefined;
  if (!sameSettings(first, second, mergesOver)) return undefined;
  const distance = Math.ceil(first.scalars[mergesOver] / ALIGNMENT) * ALIGNMENT;
  const extents = first.op.extents({ ...first.scalars, [mergesOver]: 2 });
  const adjacent = Object.keys(first.operands).every((name) => {
    const step = extents[name] === 2 ? distance : 0;
    return second.operands[name] === first.operands[name] + step;
  });
  if (!adjacent) return undefined;
  const scalars = { ...first.scalars, [mergesOver]: distance + second.scalars[mergesOver] };
  return { ...first, scalars, origin: { parts, layer: [], backward: false } };
}

function sameSettings(first: Draft, second: Draft, mergesOver: string): boolean {
  return Object.keys(first.scalars).every((name) => name === mergesOver || Object.is(first.scalars[name], second.scalars[name]));
}
