import { expect, it } from 'vitest';
import { REASONS, reasonsFor } from '../../bench/reasons.ts';
import { OPS } from '../../src/ops/table.ts';

it('reasons are of ops, one an op and backend', () => {
  for (const backend of ['native', 'wasm', 'reference'] as const) {
    const named = REASONS.filter((reason) => (reason.backend ?? backend) === backend).flatMap(({ ops }) => ops);
    expect(named).toEqual([...new Set(named)]);
    expect(named.filter((name) => !OPS.some((op) => op.name === name))).toEqual([]);
  }
});

it('an op without a reason is said to have none', () => {
  const found = reasonsFor(['pick', 'matmul', 'record'], 'native');
  expect(found.map(({ names }) => names)).toEqual([['pick', 'record'], ['matmul']]);
  expect(found.map(({ because }) => because === undefined)).toEqual([false, true]);
});
