/** Products that round their factors to bfloat16 themselves, where the processor multiplies it: what their definition says, and the bits of products of rounded floats. */
import { dense, Network } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { assemble, execute, initialArena, strayWrite } from '../ops/case-program.ts';
import { casesOf } from '../ops/families.ts';
import { describeCase, inputValues, type OpCase } from '../ops/op-case.ts';
import { resultProblem } from '../ops/op-results.ts';
import { BACKENDS } from '../support/backends.ts';

const REFERENCE = BACKENDS.find(({ name }) => name === 'reference') as LocalBackend;
const NATIVE = BACKENDS.find(({ multipliesBfloat16 }) => multipliesBfloat16);
const rounded = (name: string) =>
  casesOf(opNamed(name)).map((test): OpCase => ({ ...test, attributes: { ...test.attributes, rounded: true } }));

if (!NATIVE) {
  it('this processor does not multiply bfloat16', () => undefined);
} else {
  describe.each(['matmul', 'affine', 'affineSlope', 'deltaMatmul', 'matmulMultiply'])(
    '%s of rounded factors gives what its definition says:',
    (name) => {
      rounded(name).forEach((test, seed) => {
        it(describeCase(test), () => {
          const assembled = assemble(test);
          const values = inputValues(test, seed);
          const run = (backend: LocalBackend) =>
            execute(backend, test, assembled, initialArena(test, assembled, values, backend.elementBytes));
          const actual = run(NATIVE);
          expect(strayWrite(test, assembled, initialArena(test, assembled, values, 4), actual)).toBe(-1);
          expect(resultProblem(test, assembled, actual, run(REFERENCE))).toBeUndefined();
        });
      });
    },
  );

  describe('a network', () => {
    const create = (settings: object) =>
      Network.create({
        input: [1100],
        layers: [dense(261, { activation: 'tanh' }), dense(130, { activation: 'relu' }), dense(3)],
        loss: 'softmaxCrossEntropy',
        ...{ backend: 'native', precision: 'bfloat16', ...settings },
      });

    const samples = (rows: number) => ({
      shape: [rows, 1100],
      data: Float32Array.from({ length: rows * 1100 }, (_, i) => ((i * 7919) % 2003) / 1000 - 1),
    });

    it.each([1, 2, 3])('of pairs has the bits of one of rounded floats, packed and not, on %i threads', async (threads) => {
      using pairs = await create({ threads });
      using floats = await create({ threads, reproducible: true });
      for (const rows of [1, 2, 5, 17, 40, 150, 300]) {
        const { data } = floats.predict(samples(rows));
        for (let i = 0; i < 3; i++) expect(pairs.predict(samples(rows)).data, `${rows} rows`).toEqual(data);
      }
    });

    it('says of each whether products round', async () => {
      using pairs = await create({});
      using floats = await create({ reproducible: true });
      expect(pairs.backend.reason).not.toContain('rounding');
      expect(floats.backend.reason).toContain('by rounding floats');
      expect(pairs.explain()).toContain('rounded');
      expect(pairs.explain()).not.toContain('roundBfloat16');
      expect(floats.explain()).toContain('roundBfloat16');
    });
  });
}
