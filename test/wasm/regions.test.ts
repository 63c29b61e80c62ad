import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REGION_ALIGNMENT, RegionAllocator } from '../../src/backends/wasm/regions.ts';

const START = 100;
const LIMIT = 1 << 16;

const fresh = () => new RegionAllocator(START, (end) => end <= LIMIT);

/** Allocate so many bytes, or free one of the regions there are. */
const steps = fc.array(
  fc.oneof(
    fc.nat(5000),
    fc.double({ min: 0, max: 0.999, noNaN: true }).map((which) => ({ which })),
  ),
  { maxLength: 200 },
);

function play(allocator: RegionAllocator, script: readonly (number | { which: number })[]): Map<number, number> {
  const regions = new Map<number, number>();
  for (const step of script) {
    if (typeof step === 'number') {
      const start = allocator.allocate(step);
      if (start !== undefined) regions.set(start, step);
    } else if (regions.size) {
      const start = [...regions.keys()][Math.floor(step.which * regions.size)];
      allocator.free(start);
      regions.delete(start);
    }
  }
  return regions;
}

describe('regions', () => {
  it('never overlap, start on 64 bytes and lie between start and end', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const allocator = fresh();
        const sorted = [...play(allocator, script)].sort(([a], [b]) => a - b);
        sorted.forEach(([start, bytes], i) => {
          expect(start % REGION_ALIGNMENT).toBe(0);
          expect(start).toBeGreaterThanOrEqual(START);
          expect(start + bytes).toBeLessThanOrEqual(sorted[i + 1]?.[0] ?? allocator.end);
        });
        expect(allocator.end).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });

  it('become one free range when all are freed, in any order', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const allocator = fresh();
        for (const start of play(allocator, script).keys()) allocator.free(start);
        const { end } = allocator;
        expect(allocator.used).toBe(0);
        const everything = allocator.allocate(end - 128);
        expect(everything).toBe(128);
        expect(allocator.end).toBe(Math.max(end, 192));
      }),
    );
  });

  it('extend a free range at the end instead of leaving a hole', () => {
    const allocator = fresh();
    const first = allocator.allocate(640) as number;
    allocator.free(first);
    expect(allocator.allocate(1280)).toBe(first);
    expect(allocator.end).toBe(first + 1280);
  });

  it('are refused where there is no room, and nothing changes', () => {
    const allocator = fresh();
    const kept = allocator.allocate(1000);
    const { end, used } = allocator;
    expect(allocator.allocate(LIMIT)).toBeUndefined();
    expect([allocator.end, allocator.used]).toEqual([end, used]);
    expect(allocator.allocate(64)).toBe(end);
    expect(kept).toBe(128);
  });

  it('cannot be freed twice', () => {
    const allocator = fresh();
    const start = allocator.allocate(1) as number;
    allocator.free(start);
    expect(() => allocator.free(start)).toThrow(RangeError);
  });
});
