/** Every case of every op once more, on native kernels under AddressSanitizer and UndefinedBehaviorSanitizer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Elements, LocalBackend } from '../../../src/backends/backend.ts';
import {
  buildSanitizer,
  canSanitize,
  openSanitized,
  type SanitizedCase,
  type SanitizedKernels,
  sanitizedIsas,
} from '../../native/sanitizer.ts';
import { allCases, type Numbered } from '../../ops/bits.ts';
import { type Assembled, assemble, execute, initialArena, requestOf, SEED, sharings, strayWrite } from '../../ops/case-program.ts';
import { describeCase, hostileValues, inputValues, type OpCase, type Values } from '../../ops/op-case.ts';
import { resultProblem } from '../../ops/op-results.ts';
import { BACKENDS } from '../../support/backends.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as LocalBackend;

/** A run, and what it leaves on the reference, where that is compared. */
interface Prepared {
  readonly run: SanitizedCase;
  readonly assembled: Assembled;
  readonly expected: Elements | undefined;
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
      expected: given === values ? leftOnReference(test, assembled, given) : undefined,
      what: given === values ? JSON.stringify(sharing) : 'hostile values',
    };
  });
}

/** The record of a step is not compared: its memory is the session's. */
function leftOnReference(test: OpCase, assembled: Assembled, values: Values): Elements {
  const left = execute(REFERENCE, test, assembled, initialArena(test, assembled, values, 8));
  return left.subarray(0, assembled.program.arenaSize);
}

function check({ test }: Numbered, { run, assembled, expected, what }: Prepared, isa: string, actual: Float32Array): void {
  const title = `${isa}, ${what}`;
  expect(strayWrite(test, assembled, run.arena, actual), `${title}: element written outside the outputs`).toBe(-1);
  if (expected) expect(resultProblem(test, assembled, actual, expected), title).toBeUndefined();
}

describe('the sanitizers', () => {
  it('are there on CI', () => {
    if (process.env.CI) expect(canSanitize()).toBe(true);
  });
});

if (canSanitize()) {
  // One case after the other on all instruction sets: what it is prepared with, and what the reference makes of it, are the same on each.
  describe('the sanitized kernels of every instruction set run clean, with the right results:', () => {
    const kernels = new Map<string, SanitizedKernels>();

    beforeAll(() => {
      buildSanitizer();
      for (const isa of sanitizedIsas()) kernels.set(isa, openSanitized(isa));
    });

    afterAll(() => {
      for (const each of kernels.values()) each.close();
    });

    /** A report ends the process: the next case has a new one. */
    function run(isa: string, one: SanitizedCase): Float32Array {
      try {
        return (kernels.get(isa) as SanitizedKernels).run(one);
      } catch (error) {
        kernels.set(isa, openSanitized(isa));
        throw error;
      }
    }

    for (const one of allCases())
      it(describeCase(one.test), () => {
        const ways = prepare(one);
        for (const isa of kernels.keys()) for (const way of ways) check(one, way, isa, run(isa, way.run));
      });
  });
}
