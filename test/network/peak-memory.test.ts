/** What networks take of memory, in multiples of their weights: one of them to be made, to be loaded and to predict. */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MOST_PACKED_ELEMENTS } from '../../src/program/packable.ts';
import { BACKEND_NAMES } from '../support/networks.ts';
import { peaksOf } from '../support/peak-memory.ts';

/** 100 MB of weights: what V8 and kernels take besides, some 10 MB, is a small part of it. */
const PARAMETERS = 25_000_000;
const FAST = BACKEND_NAMES.filter((name) => name !== 'reference');
const MOST = 1.2;

if (existsSync('/proc/self/status')) {
  it.each(FAST)(
    'on %s: the weights to create, load and predict; their arena, gradients included, and a copy to train, or three',
    (backend) => {
      const { made, loaded } = peaksOf(backend, PARAMETERS, ['loaded']);
      const once = { create: made.create, predict: made.predict, load: loaded.load };
      for (const [stage, peak] of Object.entries(once)) expect(peak, stage).toBeLessThan(MOST);
      expect(made.train, 'parameters and gradients in the arena, and one copy').toBeLessThan(3.3);
      expect(made.watched, 'those that it began with and the best since, besides').toBeLessThan(5.3);
      const packed = backend === 'native' ? MOST_PACKED_ELEMENTS / PARAMETERS : 0;
      expect(loaded.again, 'with what is packed').toBeLessThan(MOST + packed);
    },
  );
}
