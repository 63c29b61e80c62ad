/** csvLog: a table of the numbers of a fit. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { csvLog, DataError, dense, type EpochReport, f1, Network, OptionError, sgd } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { createNetwork, data, fitWith, inFolder, NO_STEPS, slowly } from './logging.ts';

const path = inFolder();

/** The rows of a table whose cells may be quoted, by its columns. */
function rowsOf(name: string): Record<string, string>[] {
  const text = readFileSync(path(name), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const cells = (line: string) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2]);
  const [header, ...lines] = text.slice(0, -1).split('\n').map(cells);
  for (const line of lines) expect(line).toHaveLength(header.length);
  return lines.map((line) => Object.fromEntries(header.map((column, i) => [column, line[i]])));
}

describe('csvLog writes', () => {
  it('a row for each step and each epoch', async () => {
    const losses: number[] = [];
    const { epochs } = await fitWith(
      [csvLog(path('log'), { stepsPerSecond: 'all' }), slowly(1), { stepsPerSecond: 'all', step: ({ loss }) => void losses.push(loss) }],
      { optimizer: sgd({ learningRate: 0.25 }), validation: data, diagnostics: true },
    );
    const rows = rowsOf('log');
    const steps = rows.filter(({ event }) => event === 'step');
    expect(rows.map(({ event }) => event)).toEqual([1, 2, 3].flatMap(() => [...Array(5).fill('step'), 'epoch']));
    expect(steps.map(({ loss }) => Number(loss))).toEqual(losses);
    expect(steps.map(({ step, epoch }) => [Number(step), Number(epoch)])).toEqual(losses.map((_, i) => [i + 1, 1 + Math.floor(i / 5)]));
    for (const { stepMilliseconds, samplesPerSecond, memoryBytes, accuracy, learningRate } of steps) {
      expect(Number(samplesPerSecond)).toBeCloseTo(8000 / Number(stepMilliseconds), 6);
      expect(Number(memoryBytes)).toBeGreaterThan(2 ** 20);
      expect([accuracy, learningRate]).toEqual(['', '0.25']);
    }
    const ofEpochs = rows.filter(({ event }) => event === 'epoch');
    const numbers = ['epoch', 'loss', 'accuracy', 'validationLoss', 'validationAccuracy', 'seconds'] as const;
    expect(ofEpochs.map((row) => numbers.map((name) => Number(row[name])))).toEqual(
      epochs.map((report: EpochReport) => numbers.map((name) => report[name])),
    );
    for (const { gradientNorm } of ofEpochs) expect(Number(gradientNorm)).toBeGreaterThan(0);
    for (const { time } of rows) expect(new Date(time).toISOString()).toBe(time);
  });

  it('metrics of named outputs, and a rate for each group', async () => {
    using network = await Network.create({
      input: [4],
      layers: [dense(3)],
      loss: 'softmaxCrossEntropy',
      metrics: [f1()],
      seed: 1,
    });
    const groups = [{ parameters: '*.bias', learningRate: 0.5 }] as const;
    const { epochs } = await network.fit(data, { callbacks: [csvLog(path('log'), NO_STEPS)], validation: data, groups });
    const [row] = rowsOf('log');
    expect([Number(row.f1), Number(row.validationF1)]).toEqual([epochs[0].metrics?.f1, epochs[0].validationMetrics?.f1]);
    expect(Object.keys(row)).toEqual(expect.arrayContaining(['learningRate', 'learningRate1']));
  });

  it('whole lines where the fit is aborted, or throws', async () => {
    const controller = new AbortController();
    const at7 = (then: () => void) => ({ stepsPerSecond: 'all', step: ({ step }: { step: number }) => step === 7 && then() }) as const;
    const stops = [
      [at7(() => controller.abort()), { signal: controller.signal }],
      [
        at7(() => {
          throw new RangeError('seven');
        }),
        {},
      ],
    ] as const;
    for (const [callback, options] of stops) {
      await fitWith([csvLog(path('log'), { stepsPerSecond: 'all' }), callback], options).catch(() => undefined);
      expect(rowsOf('log').filter(({ event }) => event === 'step')).toHaveLength(7);
    }
  });

  it('ten steps a second at most', async () => {
    using network = await createNetwork();
    const began = performance.now();
    await network.fit(data, { epochs: 50, batchSize: 1, callbacks: [csvLog(path('log'))] });
    const most = 1 + (performance.now() - began) / 100;
    expect(rowsOf('log').filter(({ event }) => event === 'step').length).toBeLessThanOrEqual(most);
  });
});

describe('a fit that continues', () => {
  it('appends without a second header; any other begins the file anew', async () => {
    using network = await createNetwork();
    const callbacks = [csvLog(path('log'), NO_STEPS)];
    writeFileSync(path('log'), 'of,an,earlier\n1,2,3\n');
    for (const epochs of [2, 1]) await network.fit(data, { batchSize: 8, epochs, callbacks });
    expect(rowsOf('log').map(({ epoch }) => epoch)).toEqual(['1', '2', '3']);
  });

  it('writes the header where there is no file', async () => {
    using network = await createNetwork();
    await network.fit(data, { batchSize: 8 });
    await network.fit(data, { batchSize: 8, callbacks: [csvLog(path('log'), NO_STEPS)] });
    expect(rowsOf('log').map(({ epoch }) => epoch)).toEqual(['2']);
  });

  it('refuses a file of other columns, and leaves it as it is', async () => {
    using network = await createNetwork();
    const callbacks = [csvLog(path('log'))];
    await network.fit(data, { batchSize: 8, callbacks });
    const before = readFileSync(path('log'), 'utf8');
    const attempt = () => network.fit(data, { batchSize: 8, callbacks, validation: data });
    await expect(attempt()).rejects.toThrow(DataError);
    await expect(attempt()).rejects.toThrow(/^csvLog: expected to append to a file of the columns event,.*validationLoss.* got one that/);
    expect(network.progress.epoch).toBe(1);
    expect(readFileSync(path('log'), 'utf8')).toBe(before);
  });
});

describe('csvLog refuses', () => {
  it('what is no path or no option', () => {
    expect(() => csvLog(7 as never)).toThrow(new OptionError('csvLog.path: expected a path or a URL, got 7'));
    expect(() => csvLog('log', { stepsPerSecond: -1 })).toThrow(OptionError);
  });

  it('a file that cannot be written, before the fit begins', async () => {
    await expect(fitWith([csvLog(path('none/log'))])).rejects.toThrow(/^csvLog: expected a file to write at .*none\/log, got: ENOENT/);
    expect(existsSync(path('none'))).toBe(false);
  });
});
