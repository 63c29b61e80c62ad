import { describe, expect, it } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';

const report = { epoch: 1, loss: 0.5, accuracy: 0.9, validationLoss: 0.6, validationAccuracy: 0.875, learningRate: 0.001, seconds: 0.05 };

function record(terminal: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { written, output: { ...terminal, write: (text: string) => written.push(text) } };
}

describe('progress', () => {
  it('is a plain line an epoch where the output is not a terminal', () => {
    const { written, output } = record({});
    const progress = new Progress(output, { epochs: 12, batchSize: 10, rows: 95 });
    for (let step = 1; step <= 10; step++) progress.step({ step, epoch: 1, loss: 1 });
    progress.epoch(report);
    progress.finish();
    expect(written).toEqual(['epoch  1/12  loss 0.5000  train 90.00 %  test 87.50 %  1,900 samples/s\n']);
  });

  it('leaves out accuracies that are undefined', () => {
    const { written, output } = record({});
    new Progress(output, { epochs: 1, batchSize: 10, rows: 100 }).epoch({ ...report, accuracy: undefined, validationAccuracy: undefined });
    expect(written).toEqual(['epoch 1/1  loss 0.5000  2,000 samples/s\n']);
  });

  it('is one line rewritten on a terminal, with the mean loss of the epoch so far, never wider than the terminal', () => {
    const { written, output } = record({ isTTY: true, columns: 95 });
    const progress = new Progress(output, { epochs: 2, batchSize: 50, rows: 100 });
    progress.step({ step: 1, epoch: 1, loss: 2 });
    progress.step({ step: 2, epoch: 1, loss: 1 });
    progress.epoch(report);
    progress.finish();
    expect(written).toHaveLength(3);
    expect(written[0]).toMatch(/^\repoch 1\/2 {2}█{12}░{12} {2}loss 2\.0000 /);
    expect(written[1]).toMatch(/^\repoch 1\/2 {2}█{24} {2}loss 0\.5000 {2}train/);
    expect(written[2]).toBe('\n');
    for (const line of written) expect(line.replace('\r', '').replace('\x1b[K', '').length).toBeLessThan(95);
  });

  it('gives up the width of its bar first on a narrow terminal, then the end of the line', () => {
    const { written, output } = record({ isTTY: true, columns: 40 });
    new Progress(output, { epochs: 2, batchSize: 50, rows: 100 }).epoch(report);
    expect(written).toEqual(['\repoch 1/2  ████  loss 0.5000  train 90.\x1b[K']);
  });
});
