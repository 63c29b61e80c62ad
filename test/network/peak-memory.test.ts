/** What networks take of memory, in multiples of their weights: one of them to be made and to predict. */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BACKEND_NAMES } from '../support/networks.ts';
import { peaksOf } from '../support/peak-memory.ts';

/** 100 MB of weights: what V8 and kernels take besides, some 10 MB, is a small part of it. */
const PARAMETERS = 25_000_000;
const FAST = BACKEND_NAMES.filter((name) => name !== 'reference');

if (existsSync('/proc/self/status')) {
  it.each(FAST)('on %s: the weights to create and to predict; their arena, gradients included, and a copy of them to train', (backend) => {
    const { create, predict, train } = peaksOf(backend, PARAMETERS);
    expect({ create, predict }).toEqual({ create: expect.toSatisfy((x) => x < 1.2), predict: expect.toSatisfy((x) => x < 1.2) });
    expect(train, 'parameters and gradients in the arena, the network’s own parameters, and those it began with').toBeLessThan(4.3);
  });
}
