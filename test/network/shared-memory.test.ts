/** Data in memory that another thread writes to: what was checked is what is used. */
import { dense } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { Numbers, Numeric } from '../../src/data/finite-numbers.ts';
import { prepareData, prepareSamples } from '../../src/data/samples.ts';
import { Door } from '../../src/door.ts';
import { finish } from '../../src/event-loop/slices.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { SequentialModel } from '../../src/model/network-model.ts';

const ROWS = 6;

/** A backend that finds all numbers good, and while it looks at as many as the array has, that is overwritten. */
const overwriting = (array?: Numbers): Numeric => ({
  elementBytes: 4,
  firstNotFinite: ({ length }) => {
    if (length === array?.length) array.fill(Number.NaN);
    return -1;
  },
});

describe('data in shared memory is copied before it is checked:', () => {
  const model = new SequentialModel([2], [dense(3)], lossFrom('softmaxCrossEntropy'));
  const door = new Door(model, false);
  const samples = Array.from({ length: 2 * ROWS }, (_, i) => i / 8);
  const classes = Array.from({ length: ROWS }, (_, i) => i % 3);

  const contract = (backend: Numeric) => ({ model, backend });
  const shared32 = (values: readonly number[]) => {
    const data = new Float32Array(new SharedArrayBuffer(4 * values.length));
    data.set(values);
    return data;
  };
  const shared64 = (values: readonly number[]) => {
    const data = new Float64Array(new SharedArrayBuffer(8 * values.length));
    data.set(values);
    return data;
  };

  it.each([
    ['float32', shared32],
    ['float64', shared64],
  ])('%s', (_, shared) => {
    const data = shared(samples);
    const { inputs } = finish(prepareSamples(door.samples('x', { shape: [ROWS, 2], data }), contract(overwriting(data))));
    expect([...inputs[0].data]).toEqual(samples);
    expect(data[0]).toBeNaN();
  });

  it('targets', () => {
    const y = shared32(classes);
    const data = { x: { shape: [ROWS, 2], data: Float32Array.from(samples) }, y };
    const { targets } = finish(prepareData(door.data('fit', data), contract(overwriting(y))));
    expect([...targets[0].column.data]).toEqual(classes);
    expect(y[0]).toBeNaN();
  });

  it('no data in other memory is copied', () => {
    const data = Float32Array.from(samples);
    expect(finish(prepareSamples(door.samples('x', { shape: [ROWS, 2], data }), contract(overwriting()))).inputs[0].data).toBe(data);
  });
});
