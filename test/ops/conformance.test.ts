/** Every case of every op on every float32 backend against the op's own definition, in every place that it may write to. */
import { describe, expect, it } from 'vitest';
import type { LocalBackend } from '../../src/backends/backend.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { OPS } from '../../src/ops/table.ts';
import { verify } from '../../src/program/verify.ts';
import { BACKENDS } from '../support/backends.ts';
import { assemble, execute, initialArena, sharings, strayWrite } from './case-program.ts';
import { casesOf } from './families.ts';
import { describeCase, inputValues, type OpCase } from './op-case.ts';
import { resultProblem } from './op-results.ts';

const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as LocalBackend;
const FLOATS = BACKENDS.filter((backend) => backend.elementBytes === 4);

function check(test: OpCase, seed: number): void {
  const values = inputValues(test, seed);
  for (const sharing of sharings(test)) {
    const assembled = assemble(test, sharing);
    verify(assembled.program);
    const arenaOf = ({ elementBytes }: LocalBackend) => initialArena(test, assembled, values, elementBytes);
    const expected = execute(REFERENCE, test, assembled, arenaOf(REFERENCE));
    for (const backend of [REFERENCE, ...FLOATS]) {
      const what = `${backend.name} ${JSON.stringify(sharing)}`;
      const before = arenaOf(backend);
      const actual = backend === REFERENCE ? expected : execute(backend, test, assembled, before);
      expect(strayWrite(test, assembled, before, actual), `${what}: element written outside the outputs`).toBe(-1);
      if (backend !== REFERENCE) expect(resultProblem(test, assembled, actual, expected), what).toBeUndefined();
    }
  }
}

describe.each(OPS.map((op) => [op.name, op] as const))('%s gives what its definition says, wherever it may write:', (_, op) => {
  casesOf(op).forEach((test, i) => {
    it(describeCase(test), () => check(test, i));
  });
});

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s', (_, backend) => {
  const [test] = casesOf(opNamed('relu')).filter(({ maximumRows }) => maximumRows > 1);
  const assembled = assemble(test);
  const arena = new Float64Array(assembled.program.arenaSize);

  it.each([[0], [-1], [0.5], [Number.NaN], [test.maximumRows + 1]])('refuses a batch of %s rows, and works on', (rows) => {
    expect(() => execute(backend, { ...test, rows }, assembled, arena)).toThrow(/rows/);
    expect(() => execute(backend, test, assembled, arena)).not.toThrow();
  });
});
