/** Any composition of operations: it has the rows that arrays would have, whichever chunks they come in and wherever reading begins. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dataset } from '../../src/datasets/dataset.ts';
import { SOURCE } from '../../src/datasets/source.ts';
import { anyOperations, applied, knownOperations, recut, rowsIn, rowsUpTo, SOURCES } from './pipelines.ts';

const sources = fc.constantFrom(...SOURCES);
const counts = fc.integer({ min: 0, max: 25 });
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 });
const passes = fc.record({ seed: fc.nat({ max: 3 }), epoch: fc.nat({ max: 3 }) });
const RUNS = { numRuns: 60 };

describe('a composition of operations', () => {
  it('has the rows that it would have of an array, and says how many where it knows', () =>
    fc.assert(
      fc.asyncProperty(sources, counts, knownOperations, passes, async (make, count, operations, pass) => {
        const dataset = applied(make(rowsUpTo(count)), operations);
        const expected = operations.reduce((rows, { model }) => [...(model?.(rows) ?? [])], rowsUpTo(count));
        expect(await rowsIn(dataset[SOURCE], pass)).toEqual(expected);
        if (dataset.rows !== undefined) expect(dataset.rows).toBe(expected.length);
      }),
      RUNS,
    ));

  it('has the same rows in whatever chunks they come', () =>
    fc.assert(
      fc.asyncProperty(sources, counts, sizes, anyOperations, passes, async (make, count, cuts, operations, pass) => {
        // Cut where rows are not asked for by number, since shuffles of both differ.
        const { take: _, ...source } = make(rowsUpTo(count))[SOURCE];
        const whole = applied(new Dataset(source), operations);
        const cut = applied(recut(new Dataset(source), cuts), operations);
        expect(await rowsIn(cut[SOURCE], pass)).toEqual(await rowsIn(whole[SOURCE], pass));
      }),
      RUNS,
    ));

  it('goes on from any row as if it had been read from the first', () =>
    fc.assert(
      fc.asyncProperty(sources, counts, anyOperations, passes, fc.nat({ max: 40 }), async (make, count, operations, pass, skip) => {
        const source = applied(make(rowsUpTo(count)), operations)[SOURCE];
        const all = await rowsIn(source, pass);
        expect(await rowsIn(source, { ...pass, skip })).toEqual(all.slice(skip));
      }),
      RUNS,
    ));

  it('gives by number the rows that it has in order', () =>
    fc.assert(
      fc.asyncProperty(counts, anyOperations, fc.array(fc.nat()), async (count, operations, wanted) => {
        const source = applied(Dataset.from(rowsUpTo(count)), operations)[SOURCE];
        if (!source.take || !source.rows) return;
        const all = await rowsIn(source);
        const numbers = Int32Array.from(wanted, (number) => number % all.length);
        const taken = await rowsIn(
          new Dataset({
            ...source,
            read: async function* () {
              if (source.take) yield source.take(numbers);
            },
          })[SOURCE],
        );
        expect(taken).toEqual(Array.from(numbers, (number) => all[number]));
      }),
      RUNS,
    ));

  it('is steady only where every epoch has the same rows', () =>
    fc.assert(
      fc.asyncProperty(sources, counts, anyOperations, async (make, count, operations) => {
        const source = applied(make(rowsUpTo(count)), operations)[SOURCE];
        if (source.isSteady) expect(await rowsIn(source, { seed: 1, epoch: 1 })).toEqual(await rowsIn(source));
      }),
      RUNS,
    ));
});
