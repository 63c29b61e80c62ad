/** The conformance cases again, on native kernels under AddressSanitizer and UndefinedBehaviorSanitizer. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../../src/backends/backend.ts';
import { OPS } from '../../../src/ops/table.ts';
import { buildSanitizer, canSanitize, runSanitized, type SanitizedCase, sanitizedIsas } from '../../native/sanitizer.ts';
import { casesOf, DRAWING } from '../../ops/families.ts';
import { type Assembled, assemble, describeCase, initialArena, inputValues, type OpCase, sharings, strayWrite } from '../../ops/op-case.ts';
import { checkResults, SEED } from '../../ops/op-results.ts';
import { BACKENDS } from '../../support/backends.ts';
import { Chance } from '../../support/randomness.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as LocalBackend;

interface Prepared {
  readonly test: OpCase;
  readonly assembled: Assembled;
  readonly run: SanitizedCase;
  /** As the reference has it. */
  readonly arena: Float64Array;
  readonly what: string;
}

/** Nothing lies behind the last operand, so that the sanitizer sees one element too many. */
function prepare(test: OpCase, index: number): Prepared[] {
  const values = inputValues(test, new Chance(index));
  return sharings(test).map((sharing) => {
    const assembled = assemble(test, sharing, 0);
    const { program } = assembled;
    const arena = initialArena(test, assembled, values, 8);
    const words = initialArena(test, assembled, values, 4);
    const request = { from: 0, to: program.code.length, repeats: 1, clock: { epoch: 0, batch: 3 }, rows: test.rows };
    return {
      test,
      assembled,
      arena,
      run: { program, seed: SEED, arena: words, request },
      what: `${describeCase(test)} ${JSON.stringify(sharing)}`,
    };
  });
}

function check({ test, assembled, arena, run, what }: Prepared, actual: Float32Array): void {
  const session = REFERENCE.openArena(assembled.program, SEED);
  session.write(0, arena);
  session.run(run.request);
  const expected = session.read(0, assembled.program.arenaSize);
  session.dispose();
  expect(strayWrite(test, assembled, run.arena, actual), `${what}: element written outside the outputs`).toBe(-1);
  checkResults(test, assembled, actual, expected, what);
}

describe('the sanitizers', () => {
  it('are there on CI', () => {
    if (process.env.CI) expect(canSanitize()).toBe(true);
  });
});

if (canSanitize()) {
  describe.each(sanitizedIsas())('the sanitized %s kernels', (isa) => {
    beforeAll(() => buildSanitizer());

    it('run every conformance case clean, with the right results', () => {
      const cases = OPS.filter((op) => !DRAWING.includes(op.name)).flatMap((op) => casesOf(op).flatMap(prepare));
      const results = runSanitized(
        cases.map(({ run }) => run),
        isa,
      );
      cases.forEach((one, i) => {
        check(one, results[i]);
      });
    });
  });
}
