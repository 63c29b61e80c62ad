/** Accesses since the threads last met, against the definition of a conflict, one by one. */
import { expect, test } from 'vitest';
import { Pending } from '../../src/program/pending.ts';
import type { Access } from '../../src/program/shares.ts';
import { Chance } from '../support/randomness.ts';

const PARTS = [undefined, 'one thread', 'rows', 'columns'];

/** In most arenas few pieces, so that accesses meet at their ends and lie within each other. */
function randomAccesses(chance: Chance): Access[] {
  const arena = chance.pick([3, 8, 40, 1000]);
  const [writes, named] = [chance.pick([0.1, 0.5]), chance.pick([0.5, 1])];
  return Array.from({ length: 60 }, () => {
    const from = chance.below(arena);
    const to = from + 1 + chance.below(arena - from);
    return { from, to, writes: chance.happens(writes), part: chance.happens(named) ? chance.pick(PARTS) : PARTS[1] };
  });
}

function conflict(a: Access, b: Access): boolean {
  const overlap = a.from < b.to && b.from < a.to;
  const alike = a.part !== undefined && a.part === b.part;
  return overlap && (a.writes || b.writes) && !alike;
}

test('conflicts are those of the definition, whatever came and went before', () => {
  const counts = { found: 0, free: 0 };
  for (let seed = 0; seed < 500; seed++) {
    const chance = new Chance(seed);
    const all = randomAccesses(chance);
    const pending = new Pending(all);
    let since: Access[] = [];
    for (const access of all) {
      const expected = since.some((other) => conflict(access, other));
      expect(pending.conflicts(access), `seed ${seed}`).toBe(expected);
      counts[expected ? 'found' : 'free']++;
      if (chance.happens(expected ? 0.3 : 0.02)) {
        pending.clear();
        since = [];
      }
      pending.add(access);
      since.push(access);
    }
  }
  expect(Math.min(counts.found, counts.free)).toBeGreaterThan(5000);
});

test('an access of nothing conflicts with nothing', () => {
  const around = { from: 0, to: 8, writes: true, part: undefined };
  const nothing = { from: 4, to: 4, writes: true, part: undefined };
  const pending = new Pending([around, nothing]);
  pending.add(nothing);
  expect(pending.conflicts(around)).toBe(false);
  pending.add(around);
  expect(pending.conflicts(nothing)).toBe(false);
});
