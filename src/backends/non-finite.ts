/** Finds the instruction that went wrong: the failing steps are run again, one instruction at a time. */
import type { StrayIndex } from '../errors.ts';
import { unpackedAt } from '../ops/bfloat16.ts';
import { NO_INDEX } from '../ops/indices.ts';
import { isWritten } from '../ops/spec.ts';
import { ElementTracker, type Held } from '../program/elements.ts';
import { type Instruction, instructions, resolveScalars, type Slot, slotSize } from '../program/format.ts';
import type { Arena, Elements, NonFinite, RunRequest } from './backend.ts';
import { fromWords } from './words.ts';

/**
 * Searches the requests of a step; undefined where all results are finite. An update may compute its next values before it writes them: it is
 * followed to the first state or parameter that it spoils.
 */
export function firstNonFinite(arena: Arena, requests: Iterable<RunRequest>): NonFinite | undefined {
  const { program } = arena;
  const all = [...instructions(program)];
  const elements = new ElementTracker(program);
  const held = all.map((instruction) => elements.follow(instruction));
  let found: NonFinite | undefined;
  for (const request of requests) {
    for (const [index, instruction] of all.entries()) {
      const { at, words } = instruction;
      if (at < request.from || at >= request.to) continue;
      arena.run({ ...request, from: at, to: at + words, repeats: 1 });
      const places = nonFinitePlaces(arena, instruction, request.rows, held[index]);
      if (places.length === 0) continue;
      const spoilt = { state: slotAmong(program.state, places), parameter: slotAmong(program.parameters, places) };
      found ??= { origin: program.origins[index], stray: strayIndex(arena, instruction, request.rows, held[index]) };
      const isKnown = spoilt.state !== undefined || spoilt.parameter !== undefined;
      if (isKnown || !found.origin.parts.includes('update')) return { ...found, ...spoilt };
    }
  }
  return found;
}

/** For each result of an instruction, the offset in the arena of its first element that is not finite, if it has one. */
function nonFinitePlaces(arena: Arena, instruction: Instruction, rows: number, held: Held): number[] {
  const { op, operands } = instruction;
  const extents = op.extents(resolveScalars(instruction, rows));
  return Object.entries(op.operands)
    .filter(([name, role]) => isWritten(role) && ['number', 'bfloat16'].includes(held.get(name) ?? 'index'))
    .flatMap(([name]) => {
      const elements = arena.read(operands[name], extents[name]);
      const found =
        held.get(name) === 'bfloat16' ? firstSpoiltWord(elements) : elements.findIndex((value: number) => !Number.isFinite(value));
      return found < 0 ? [] : [operands[name] + found];
    });
}

/** The first of some words with a bfloat16 that is not finite. */
function firstSpoiltWord(elements: Elements): number {
  const words = fromWords(elements);
  return words.findIndex((_: number, at: number) => [2 * at, 2 * at + 1].some((i) => !Number.isFinite(unpackedAt(words, i))));
}

/** The first of the indices by which an instruction looks something up that is out of range. */
function strayIndex(arena: Arena, instruction: Instruction, rows: number, held: Held): StrayIndex | undefined {
  const { op, operands } = instruction;
  const scalars = resolveScalars(instruction, rows);
  const extents = op.extents(scalars);
  for (const [name, { below }] of Object.entries(op.indices)) {
    if (below === undefined || held.get(name) !== 'index') continue;
    const count = scalars[below];
    const indices = fromWords(arena.read(operands[name], extents[name]));
    const index = indices.find((one: number) => one < 0 || one >= count);
    if (index !== undefined) return { index: index === NO_INDEX ? undefined : index, count };
  }
  return undefined;
}

function slotAmong(slots: ReadonlyMap<string, Slot>, places: readonly number[]): string | undefined {
  const holds = (slot: Slot) => places.some((place) => place >= slot.offset && place < slot.offset + slotSize(slot, 1));
  return [...slots].find(([, slot]) => holds(slot))?.[0];
}
