/** Programs spoiled by chance that the verifier passes, on native kernels under AddressSanitizer and UndefinedBehaviorSanitizer. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildSanitizer, canSanitize, runSanitized } from '../../native/sanitizer.ts';
import { acceptedMutations, MUTATIONS } from '../../program/mutations.ts';

if (canSanitize() || process.env.CI) {
  describe('mutated programs', () => {
    beforeAll(() => buildSanitizer());

    it('that are accepted run clean under the sanitizers', () => {
      const cases = acceptedMutations().map(({ program }) => ({
        program,
        seed: 0,
        arena: new Float32Array(program.arenaSize),
        request: { from: 0, to: program.code.length, repeats: 1, rows: program.maximumRows },
      }));
      expect(cases.length).toBeGreaterThan(MUTATIONS / 50);
      expect(runSanitized(cases)).toHaveLength(cases.length);
    });
  });
}
