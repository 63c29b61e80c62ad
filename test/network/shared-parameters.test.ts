/** Sessions read a network's parameters where they lie: what changes them says so, and who reads them for a while keeps them. */

import { dense, type Network } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../src/backends/at-once.ts';
import { compile } from '../../src/compiler/compile.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { engineOf } from '../../src/model/engine.ts';
import { predictionGraph } from '../../src/model/graphs.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import type { Weights } from '../../src/model/weights.ts';
import { BACKENDS } from '../support/backends.ts';
import { BACKEND_NAMES, createOn, spread, spreadTensor, weightsOf } from '../support/networks.ts';

describe.each(BACKENDS)('on $name', (backend) => {
  const model = new SequentialModel([3], [dense(5, { activation: 'tanh' }), dense(2)], lossFrom('halfSquaredError'));
  const shapes = new Map([...model.traced.parameters].map(([name, { shape }]) => [name, shape]));

  function weightsFrom(phase: number): Weights {
    const { weights } = engineOf(model, backend, { seed: 0 });
    weights.set(
      [...shapes].map(
        ([name, shape]) =>
          [
            name,
            spread(
              shape.reduce((product, size) => product * size, 1),
              phase,
            ),
          ] as const,
      ),
    );
    return weights;
  }

  function open(weights: Weights, layout = model.layout) {
    const program = compile(predictionGraph(model, false), { maximumRows: 4, layout });
    return backend.open(program, 0, weights.memory);
  }

  function predict(session: ReturnType<typeof open>): number[] {
    const now = atOnce(session, 'a test', 'there is none');
    session.write('x', spread(12, 9));
    now.run({ rows: 4 });
    return [...now.read('y')];
  }

  it('a session sees changes, and moves to other parameters, with any number of rows before', () => {
    const [first, second] = [weightsFrom(1), weightsFrom(2)];
    const session = open(first);
    const expected = [first, second].map((weights) => {
      const own = open(weights);
      const result = predict(own);
      own.dispose();
      return result;
    });
    expect(predict(session)).toEqual(expected[0]);
    session.share(second.memory);
    expect(predict(session)).toEqual(expected[1]);
    second.set(first.views());
    session.share(second.memory);
    expect(predict(session)).toEqual(expected[0]);
    session.dispose();
  });

  it('refuses to write or read there, and parameters of another size', () => {
    const weights = weightsFrom(1);
    const session = open(weights);
    const [parameter] = session.program.parameters.values();
    expect(() => session.write(parameter, [1])).toThrow(RangeError);
    expect(() => session.now?.read(parameter)).toThrow(RangeError);
    expect(() => session.share(backend.reserve(model.layout.size + 16))).toThrow(RangeError);
    expect(() => backend.open(session.program, 0, backend.reserve(16))).toThrow(RangeError);
    session.dispose();
  });

  it('parameters stay for whoever holds them; the last to let go frees them', () => {
    const weights = weightsFrom(1);
    const before = [...weights.get('0.weight')];
    const { memory } = weights;
    const releases = [weights.hold(), weights.hold()];
    weights.set([['0.weight', new Float64Array(15).fill(7)]]);
    expect([...weights.get('0.weight')]).toEqual(new Array(15).fill(7));
    expect([...weights.get('1.weight')]).toEqual([...memory.view(model.layout.offsets.get('1.weight') as number, 10)]);
    releases[0]();
    expect([...memory.view(0, 15)]).toEqual(before);
    releases[1]();
    if (backend.name !== 'reference') expect(() => memory.view(0, 15)).toThrow(/disposed/);
    const kept = weights.memory;
    weights.set([['0.weight', before]]);
    expect(weights.memory).toBe(kept);
    weights.dispose();
  });
});

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const create = (): Promise<Network> => createOn(backend, { input: [3], layers: [dense(4), dense(2)], loss: 'halfSquaredError', seed: 3 });

  it('evaluations and predictions under way keep the parameters that they began with', async () => {
    using network = await create();
    using other = await createOn(backend, { input: [3], layers: [dense(4), dense(2)], loss: 'halfSquaredError', seed: 4 });
    const data = { x: spreadTensor([700, 3]), y: spreadTensor([700, 2], 2) };
    const expected = [network.predict(data.x).data, other.predict(data.x).data];
    const predicting = network.predictAsync(data.x);
    await Promise.resolve();
    await Promise.resolve();
    network.setParameters(other.parameters());
    expect([expected[0], expected[1]]).toContainEqual((await predicting).data);
    expect((await network.predictAsync(data.x)).data).toEqual(expected[1]);
    expect(weightsOf(network)).toEqual(weightsOf(other));
  });
});
