/** explain() shows the programs that run. */

import { batchNorm, dense, dropout, type Layer, sgd } from 'chainrule';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { Inference } from '../../src/inference/inference.ts';
import { explain } from '../../src/inspection/explain.ts';
import { lossFrom } from '../../src/losses/config.ts';
import { engineOf } from '../../src/model/engine.ts';
import { SequentialModel } from '../../src/model/network-model.ts';
import { describeMemory, disassemble } from '../../src/program/disassemble.ts';
import type { Program } from '../../src/program/format.ts';
import { initialize } from '../../src/training/initialize.ts';
import { BACKENDS } from '../support/backends.ts';
import { createOn, spread } from '../support/networks.ts';

const ROWS = 4;
const REFERENCE = BACKENDS.find(({ name }) => name === 'reference') as Backend;
const FOLDED: readonly Layer[] = [dense(4, { bias: false }), batchNorm(), dropout(0.5), dense(2)];
const PLAIN: readonly Layer[] = [dense(4), dropout(0.5), dense(2)];

const opsIn = (text: string) => [...text.matchAll(/^ *\d+ {2}([a-z]\w*) /gim)].map(([, op]) => op);

it('explain() prints the training program: batch, loss, backward, update', async () => {
  using network = await createOn('reference', { input: [3], layers: FOLDED, loss: 'softmaxCrossEntropy' });
  const options = { optimizer: sgd({ learningRate: 0.1 }), batchSize: 7 };
  const text = network.explain(options);
  expect(opsIn(text)[0]).toBe('beginStep');
  expect(opsIn(text)).toEqual(expect.arrayContaining(['dropout', 'softmaxCrossEntropy', 'sgd']));
  expect(text).toMatch(/ at 7 rows$/);
  expect(network.explain({ ...options, program: 'training' })).toBe(text);
});

describe("explain({ program: 'prediction' })", () => {
  /** The programs that a prediction of ROWS rows runs, the latest first opened. */
  async function predict(model: SequentialModel, probabilities: boolean): Promise<Program[]> {
    const opened: Program[] = [];
    const backend: Backend = {
      ...REFERENCE,
      open(program, seed, shared) {
        opened.push(program);
        return REFERENCE.open(program, seed, shared);
      },
    };
    const engine = engineOf(model, backend, { seed: 1 });
    await initialize(engine);
    opened.length = 0;
    const inference = new Inference(engine, 1);
    inference.predict({ inputs: [{ data: spread(ROWS * 3), width: 3 }], rows: ROWS }, probabilities);
    inference.dispose();
    return opened;
  }

  const print = (program: Program) => `${disassemble(program)}\n\n${describeMemory(program, REFERENCE.elementBytes)}`;
  const shown = (model: SequentialModel, probabilities?: boolean) =>
    explain(engineOf(model, REFERENCE, { seed: 0 }), { program: 'prediction', batchSize: ROWS, probabilities });
  const modelOf = (layers: readonly Layer[]) => new SequentialModel([3], layers, lossFrom('softmaxCrossEntropy'));

  it('prints the one program that runs', async () => {
    const model = modelOf(PLAIN);
    expect((await predict(model, false)).map(print)).toEqual([shown(model)]);
    expect(opsIn(shown(model))).toEqual(['affine', 'affine']);
  });

  it('prints two where weights are prepared, in the order in which they run', async () => {
    const model = modelOf(FOLDED);
    const [program, preparation] = (await predict(model, false)).map(print);
    expect(shown(model)).toBe(`; once after weights have changed\n${preparation}\n\n; for each batch\n${program}`);
    expect(opsIn(program)).toEqual(['affine', 'affine']);
  });

  it('prints the program for probabilities where asked for', async () => {
    const model = modelOf(PLAIN);
    expect((await predict(model, true)).map(print)).toEqual([shown(model, true)]);
    expect(opsIn(shown(model, true))).toEqual(['affine', 'affine', 'softmax']);
  });
});
