/**
 * Joins update instructions of neighbouring parameters: parameters, gradients and state each lie in one run of the arena in the same
 * order, so one instruction can update them all. The gaps between them hold zeros, which stay zeros.
 */
import { ABSENT, ALIGNMENT } from '../program/format.ts';
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
  if (!first.updates || !second.updates || !(first.scalars[mergesOver] > 0) || !sameSettings(first, second, mergesOver)) return undefined;
  const size = first.scalars[mergesOver];
  const distance = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  const extents = first.op.extents({ ...first.scalars, [mergesOver]: 2 });
  const moved = Object.keys(first.operands).filter((name) => extents[name] === 2 && first.operands[name] !== ABSENT);
  const adjacent = Object.keys(first.operands).every(
    (name) => second.operands[name] === first.operands[name] + (moved.includes(name) ? distance : 0),
  );
  if (!adjacent || (distance !== size && !keepsGap(first, moved))) return undefined;
  const scalars = { ...first.scalars, [mergesOver]: distance + second.scalars[mergesOver] };
  return { ...first, scalars, origin: { parts, layer: [], backward: false } };
}

/** Whether what lies between neighbours stays zeros: some ops make numbers of zeros, and elsewhere other values leave what they like. */
function keepsGap({ op, scalars, persistent }: Draft, moved: readonly string[]): boolean {
  return op.keepsZeros === undefined || (op.keepsZeros(scalars) && moved.every((name) => persistent.has(name)));
}

function sameSettings(first: Draft, second: Draft, mergesOver: string): boolean {
  return Object.keys(first.scalars).every((name) => name === mergesOver || Object.is(first.scalars[name], second.scalars[name]));
}
