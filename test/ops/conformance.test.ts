/** Every op of the table on every float32 backend against its own definition, over awkward shapes and in every place it may write to. */
import { describe, expect, it } from 'vitest';
import type { Elements, LocalBackend, RunRequest } from '../../src/backends/backend.ts';
import { OPS } from '../../src/ops/table.ts';
import { verify } from '../../src/program/verify.ts';
import { BACKENDS } from '../support/backends.ts';
import { Chance } from '../support/randomness.ts';
import { casesOf, DRAWING } from './families.ts';
import { type Assembled, assemble, describeCase, initialArena, inputValues, type OpCase, sharings, strayWrite } from './op-case.ts';
import { checkResults, SEED } from './op-results.ts';

const TESTED = OPS.filter((op) => !DRAWING.includes(op.name));
const REFERENCE = BACKENDS.find((backend) => backend.name === 'reference') as LocalBackend;
const FLOATS = BACKENDS.filter((backend) => backend.elementBytes === 4);

function execute(backend: LocalBackend, { program }: Assembled, arena: ArrayLike<number>, request: Partial<RunRequest>): Elements {
  const session = backend.openArena(program, SEED);
  try {
    session.write(0, arena);
    session.run({ from: 0, to: program.code.length, repeats: 1, clock: { epoch: 0, batch: 3 }, rows: 1, ...request });
    return session.read(0, program.arenaSize);
  } finally {
    session.dispose();
  }
}

function check(backends: readonly LocalBackend[], test: OpCase, index: number): void {
  const values = inputValues(test, new Chance(index));
  for (const sharing of sharings(test)) {
    const assembled = assemble(test, sharing);
    verify(assembled.program);
    const arenaOf = ({ elementBytes }: LocalBackend) => initialArena(test, assembled, values, elementBytes);
    const expected = execute(REFERENCE, assembled, arenaOf(REFERENCE), test);
    for (const backend of backends) {
      const what = `${backend.name} ${describeCase(test)} ${JSON.stringify(sharing)}`;
      const before = arenaOf(backend);
      const actual = backend === REFERENCE ? expected : execute(backend, assembled, before, test);
      expect(strayWrite(test, assembled, before, actual), `${what}: element written outside the outputs`).toBe(-1);
      if (backend !== REFERENCE) checkResults(test, assembled, actual, expected, what);
    }
  }
}

describe('every op of the table', () => {
  it('has cases, or draws from data', () => {
    for (const op of OPS) if (!DRAWING.includes(op.name)) expect(casesOf(op).length, op.name).toBeGreaterThan(0);
    for (const name of DRAWING) expect(OPS.map((op) => op.name)).toContain(name);
  });

  it('fails here where no family of cases covers it', () => {
    expect(() => casesOf({ ...OPS[0], name: 'novelty', kernel: 'novelty' })).toThrow(/novelty: expected conformance cases/);
  });

  it('runs in place wherever the table permits', () => {
    const shared = new Set(
      TESTED.flatMap((op) =>
        casesOf(op).flatMap((test) => sharings(test).flatMap((s) => Object.entries(s).map(([a, b]) => `${op.name} ${a}=${b}`))),
      ),
    );
    for (const op of TESTED)
      for (const name of op.inPlace ?? []) expect(shared).toContain(`${op.name} ${op.outputs[0] ?? op.inputs[0]}=${name}`);
  });
});

describe('every float32 backend computes the op’s definition:', () => {
  it.each(TESTED.map((op) => [op.name, op] as const))('%s', (_, op) => {
    casesOf(op).forEach((test, i) => {
      check([REFERENCE, ...FLOATS], test, i);
    });
  });
});

describe.each(BACKENDS.map((backend) => [backend.name, backend] as const))('%s', (_, backend) => {
  const [test] = casesOf(OPS.find((op) => op.name === 'relu')!).filter(({ maximumRows }) => maximumRows > 1);
  const assembled = assemble(test);
  const arena = new Float64Array(assembled.program.arenaSize);

  it.each([[0], [-1], [0.5], [Number.NaN], [test.maximumRows + 1]])('refuses a batch of %s rows, and works on', (rows) => {
    expect(() => execute(backend, assembled, arena, { rows })).toThrow(/rows/);
    expect(() => execute(backend, assembled, arena, { rows: test.maximumRows })).not.toThrow();
  });
});
