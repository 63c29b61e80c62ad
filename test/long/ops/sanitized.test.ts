/** Every case of every op once more, on native kernels under AddressSanitizer and UndefinedBehaviorSanitizer. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../../src/backends/backend.ts';
import { buildSanitizer, canSanitize, runSanitized, type SanitizedCase, sanitizedIsas } from '../../native/sanitizer.ts';
import { allCases, type Numbered } from '../../ops/bits.ts';
import { type Assembled, assemble, execute, initialArena, requestOf, SEED, sharings, strayWrite } from '../../ops/case-program.ts';
import { describeCase, hostileValues, inputValues } from '../../ops/op-case.ts';
import { resultProblem } from '../../ops/op-results.ts';
import { BACKENDS } from '../../support/backends.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as LocalBackend;

/** A run, and what comes of it on the reference, where that is compared. */
interface Prepared {
  readonly run: SanitizedCase;
  readonly assembled: Assembled;
  readonly arena: Float64Array | undefined;
  readonly what: string;
}

/** Every way to share memory, then values of every kind. Nothing lies behind the last operand, so that the sanitizer sees one element too many. */
function prepare({ test, seed }: Numbered): Prepared[] {
  const values = inputValues(test, seed);
  const ways = [
    ...sharings(test).map((sharing) => ({ sharing, given: values })),
    { sharing: {}, given: hostileValues(test, values, seed) },
  ];
  return ways.map(({ sharing, given }) => {
    const assembled = assemble(test, sharing, 0);
    const { program } = assembled;
    const arena = initialArena(test, assembled, given, 4);
    return {
      run: { program, seed: SEED, arena, data: test.data, request: requestOf(test, assembled) },
      assembled,
      arena: given === values ? initialArena(test, assembled, given, 8) : undefined,
      what: given === values ? JSON.stringify(sharing) : 'hostile values',
    };
  });
}

/** The record of a step is not compared: its memory is the session's. */
function check({ test }: Numbered, { run, assembled, arena, what }: Prepared, actual: Float32Array): void {
  expect(strayWrite(test, assembled, run.arena, actual), `${what}: element written outside the outputs`).toBe(-1);
  if (!arena) return;
  const expected = execute(REFERENCE, test, assembled, arena).subarray(0, assembled.program.arenaSize);
  expect(resultProblem(test, assembled, actual, expected), what).toBeUndefined();
}

describe('the sanitizers', () => {
  it('are there on CI', () => {
    if (process.env.CI) expect(canSanitize()).toBe(true);
  });
});

const cases = allCases();

if (canSanitize()) {
  describe.each(sanitizedIsas())('the sanitized %s kernels run clean, with the right results:', (isa) => {
    let results: Float32Array[][] = [];

    beforeAll(() => {
      buildSanitizer();
      const runs = cases.map((one) => prepare(one).map(({ run }) => run));
      const left = runSanitized(runs.flat(), isa)[Symbol.iterator]();
      results = runs.map((ofOne) => ofOne.map(() => left.next().value as Float32Array));
    });

    cases.forEach((one, number) => {
      it(describeCase(one.test), () => {
        prepare(one).forEach((prepared, i) => {
          check(one, prepared, results[number][i]);
        });
      });
    });
  });
}
