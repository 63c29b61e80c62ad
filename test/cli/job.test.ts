import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planJob } from '../../src/cli/job.ts';
import { DataError, FormatError, OptionError } from '../../src/errors.ts';
import { scheduleFrom } from '../../src/schedules.ts';

const MODEL = {
  input: [64],
  layers: [
    { type: 'dense', units: 16, activation: 'tanh' },
    { type: 'dense', units: 10 },
  ],
  loss: 'softmaxCrossEntropy',
  data: 'digits',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-job-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function described(content: unknown): string {
  const path = join(folder, 'model.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const configs = (job: ReturnType<typeof planJob>) => job.network.layers.map(({ config }) => config);

describe('planJob', () => {
  it('gives the digits default settings', () => {
    const job = planJob('digits', {});
    expect(job.network).toMatchObject({ input: [64], loss: 'softmaxCrossEntropy' });
    expect(configs(job)).toMatchObject([{ units: 32, activation: 'relu' }, { units: 10 }]);
    expect(job.fit).toMatchObject({ epochs: 30, batchSize: 32, optimizer: { type: 'adam', learningRate: 3e-3 } });
  });

  it('lets options of the command line go before the defaults', () => {
    const job = planJob('digits', {
      epochs: 2,
      batchSize: 7,
      learningRate: 0.5,
      optimizer: 'sgd',
      hidden: [50, 20],
      seed: 3,
      backend: 'reference',
    });
    expect(configs(job)).toMatchObject([{ units: 50 }, { units: 20 }, { units: 10 }]);
    expect(job.network).toMatchObject({ seed: 3, backend: 'reference' });
    expect(job.fit).toMatchObject({ epochs: 2, batchSize: 7, optimizer: { type: 'sgd', learningRate: 0.5 } });
  });

  it('gives another optimiser a learning rate that suits it', () => {
    expect(planJob('digits', { optimizer: 'sgd' }).fit.optimizer).toMatchObject({ type: 'sgd', learningRate: 0.1 });
    expect(planJob('digits', { optimizer: 'rmsprop' }).fit.optimizer).toMatchObject({ type: 'rmsprop', learningRate: 0.01 });
    expect(planJob('digits', { optimizer: 'adam' }).fit.optimizer).toMatchObject({ type: 'adam', learningRate: 3e-3 });
  });

  it('takes network, data and training from a model.json, the command line coming after it', () => {
    const path = described({
      ...MODEL,
      fit: { epochs: 5, clip: { norm: 1 }, optimizer: { type: 'adam', learningRate: 0.01, beta1: 0.8 } },
    });
    const job = planJob(path, { learningRate: 0.02 });
    expect(configs(job)).toEqual([
      { type: 'dense', units: 16, activation: 'tanh' },
      { type: 'dense', units: 10 },
    ]);
    expect(job.fit).toMatchObject({ epochs: 5, batchSize: 32, clip: { norm: 1 }, optimizer: { learningRate: 0.02, beta1: 0.8 } });
  });

  it('takes the model.json of the README, and each schedule that it names', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const model = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '');
    expect(planJob(described(model), {}).fit).toMatchObject({ epochs: 20, optimizer: { type: 'adam', learningRate: 0.001 } });
    const schedules = [...(/the types are (.*) \|/.exec(readme)?.[1].matchAll(/`(\w+)`/g) ?? [])].map(([, type]) => type);
    expect(schedules).toHaveLength(6);
    for (const type of schedules) expect(() => scheduleFrom({ type, period: 20, factor: 0.5 })).not.toThrow(/schedule.type/);
  });

  it('looks for data beside the model.json', () => {
    const path = described({ ...MODEL, data: 'images' });
    expect(() => planJob(path, {})).toThrow(`${join(folder, 'images')} is not there: expected digits or a folder of the four MNIST files`);
  });

  it.each([
    ['adam', { type: 'adam', learningRate: 0.001, beta1: 0.9 }],
    ['adamw', { type: 'adamw', learningRate: 0.001, weightDecay: 0.01 }],
    ['rmsprop', { type: 'rmsprop', learningRate: 0.01 }],
    ['adagrad', { type: 'adagrad', learningRate: 0.01 }],
    ['sgd', { type: 'sgd', learningRate: 0.1 }],
  ])('takes the optimiser %s of a model.json by its name alone', (optimizer, expected) => {
    const path = described({ ...MODEL, fit: { optimizer } });
    expect(planJob(path, {}).fit.optimizer).toMatchObject(expected);
    expect(planJob(path, { learningRate: 0.25 }).fit.optimizer).toMatchObject({ ...expected, learningRate: 0.25 });
  });

  it('knows a folder by its images: as many outputs as classes, no batch larger than the data', () => {
    const images = join(folder, 'small');
    mkdirSync(images);
    for (const part of ['train', 't10k']) {
      writeFileSync(
        join(images, `${part}-images-idx3-ubyte`),
        Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4]),
      );
      writeFileSync(join(images, `${part}-labels-idx1-ubyte`), Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 0, 4]));
    }
    const job = planJob(images, {});
    expect(job.network.input).toEqual([2]);
    expect(configs(job)).toMatchObject([{ units: 100 }, { units: 5 }]);
    expect(job.fit.batchSize).toBe(2);
  });

  it.each([
    ['not JSON', '{', FormatError, /model.json: expected JSON/],
    ['a list', [], FormatError, /expected an object, got \[\]/],
    ['a missing key', { ...MODEL, loss: undefined }, FormatError, /got no loss/],
    ['an unknown key', { ...MODEL, epochs: 3 }, FormatError, /got epochs/],
    ['layers that are no list', { ...MODEL, layers: {} }, FormatError, /layers to be a list, got \{\}/],
    ['data that is no name', { ...MODEL, data: 7 }, FormatError, /got 7/],
    ['fit that is no object', { ...MODEL, fit: 3 }, FormatError, /fit to be an object, got 3/],
    ['an unknown layer', { ...MODEL, layers: [{ type: 'dence' }] }, OptionError, /dence/],
    ['an option of fit that there is not', { ...MODEL, fit: { epoch: 3 } }, FormatError, /fit: expected the keys epochs, .*, got epoch$/],
    ['an option of fit that is the command’s', { ...MODEL, fit: { validation: 'digits' } }, FormatError, /got validation$/],
    ['an optimiser of no such name', { ...MODEL, fit: { optimizer: 'adamm' } }, OptionError, /adamm/],
    ['an unknown optimiser', { ...MODEL, fit: { optimizer: { type: 'adamm' } } }, OptionError, /adamm/],
  ])('refuses a model.json with %s', (_, content, error, message) => {
    const path = described(content);
    expect(() => planJob(path, {})).toThrow(error);
    expect(() => planJob(path, {})).toThrow(message);
  });

  it('refuses a model.json that is not there, and hidden layers beside one', () => {
    expect(() => planJob(join(folder, 'none.json'), {})).toThrow(DataError);
    expect(() => planJob(described(MODEL), { hidden: [5] })).toThrow(OptionError);
  });
});
