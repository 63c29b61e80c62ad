/** Where memory holds the rows that are given and not many more, they are computed, and messages speak of them. */

import { BackendError, dense, ShapeError } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { Backend, SharedElements } from '../../src/backends/backend.ts';
import { referenceBackend } from '../../src/backends/reference.ts';
import { prepareData } from '../../src/data/samples.ts';
import { Door } from '../../src/door.ts';
import { finish } from '../../src/event-loop/slices.ts';
import { Inference } from '../../src/inference/inference.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { engineOf } from '../../src/model/engine.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import type { Program } from '../../src/program/format.ts';
import { initialize } from '../../src/training/initialize.ts';
import { spreadTensor } from '../support/networks.ts';

const ROOM = 170;

/** The reference, with memory for so many rows. */
const backendWith = (refuse: (rows: number) => Error): Backend =>
  Object.create(referenceBackend, {
    open: {
      value: (program: Program, seed: number, shared?: SharedElements) => {
        if (program.maximumRows > ROOM) throw refuse(program.maximumRows);
        return referenceBackend.open(program, seed, shared);
      },
    },
  }) as Backend;

async function setUp(refuse: (rows: number) => Error) {
  const model = new SequentialModel([3], [dense(2)], lossFrom('halfSquaredError'));
  const backend = backendWith(refuse);
  const door = new Door(model, false);
  const engine = engineOf(model, backend, { seed: 1 });
  await initialize(engine);
  const data = (rows: number) =>
    finish(prepareData(door.data('fit', { x: spreadTensor([rows, 3]), y: spreadTensor([rows, 2], 3) }), engine));
  return { inference: new Inference(engine, 1), data };
}

describe.each([
  ['a backend without room', (rows: number) => new BackendError(`no room for ${rows} rows`)],
  ['a plan beyond an arena', (rows: number) => new ShapeError(`no room for ${rows} rows`)],
] as const)('%s', (_, refuse) => {
  it('computes batches that fit', async () => {
    const { inference, data } = await setUp(refuse);
    expect(inference.gradients(data(160)).gradients.size).toBe(2);
    expect(inference.predict(data(160), false)[0]).toHaveLength(320);
    expect((await inference.predictAsync(Promise.resolve(data(165)), false))[0]).toHaveLength(330);
    inference.dispose();
  });

  it('names the rows of a batch that does not fit', async () => {
    const { inference, data } = await setUp(refuse);
    expect(() => inference.gradients(data(180))).toThrow(refuse(180));
    expect(() => inference.predict(data(200), false)).toThrow(refuse(200));
    expect(inference.predict(data(20), false)[0]).toHaveLength(40);
    inference.dispose();
  });

  it('hands on other errors unchanged', async () => {
    const { inference, data } = await setUp(() => new TypeError('a fault'));
    expect(() => inference.gradients(data(160))).toThrow(new TypeError('a fault'));
    inference.dispose();
  });
});
