/** progressBar: what is written to terminals and to other streams. */
import { type Callback, checkpoint, type FitOptions, type Network, OptionError, type ProgressStream, progressBar } from 'chainrule';
import { describe, expect, it, vi } from 'vitest';
import { createNetwork, data, fitWith, inFolder, slowly } from './logging.ts';

const inRun = inFolder();

function record(terminal: Omit<ProgressStream, 'write'> = {}) {
  const written: string[] = [];
  return { written, stream: { ...terminal, write: (text: string) => written.push(text) } };
}

/** What a fit writes to a stream of that kind. */
async function written(terminal: Omit<ProgressStream, 'write'>, options: FitOptions = {}, others: readonly Callback[] = []) {
  const { written, stream } = record(terminal);
  await fitWith([progressBar({ stream }), ...others], options);
  return written;
}

describe('progressBar', () => {
  it('is a plain line an epoch where the stream is no terminal', async () => {
    const lines = await written({}, { epochs: 12, validation: data });
    expect(lines).toHaveLength(12);
    for (const [i, line] of lines.entries())
      expect(line).toMatch(
        new RegExp(
          `^epoch ${String(i + 1).padStart(2)}/12  loss \\d\\.\\d{4}  accuracy \\d+\\.\\d\\d %  validation \\d+\\.\\d\\d %  [\\d,]+ samples/s\\n$`,
        ),
      );
  });

  it('counts the epochs of a fit that continues another, and those of a run that is resumed', async () => {
    const folder = inRun('run');
    const { written, stream } = record();
    const fit = async (network: Network, options: FitOptions) =>
      void (await network.fit(data, { batchSize: 8, ...options, callbacks: [...(options.callbacks ?? []), progressBar({ stream })] }));
    using network = await createNetwork();
    await fit(network, { epochs: 2, callbacks: [checkpoint({ folder, every: { epochs: 1 } })] });
    await fit(network, { epochs: 1 });
    using other = await createNetwork();
    await fit(other, { epochs: 4, resume: folder });
    expect(written.map((line) => line.split('  ')[0])).toEqual(['1/2', '2/2', '3/3', '3/4', '4/4'].map((counted) => `epoch ${counted}`));
  });

  it('shows no more than the loss where there is no more', async () => {
    const { written, stream } = record();
    using network = await createNetwork();
    await network.fit(
      { x: data.x, y: { shape: [40, 3], data: new Float32Array(120).fill(1 / 3) } },
      { callbacks: [progressBar({ stream })] },
    );
    expect(written).toEqual([expect.stringMatching(/^epoch 1\/1 {2}loss \d\.\d{4} {2}(accuracy .* % {2})?[\d,]+ samples\/s\n$/)]);
  });

  it('is a line every ten seconds within a long epoch', async () => {
    let late = 0;
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + late);
    try {
      const passing: Callback = {
        stepsPerSecond: 'all',
        step({ step }) {
          if (step === 2) late = 10_001;
        },
      };
      // A callback that is awaited has the fit look at the clock after a step.
      const lines = await written({}, { epochs: 1 }, [passing, slowly(1)]);
      expect(lines.map((line) => line.split('  ')[1])).toEqual([expect.stringMatching(/^[24680]+ %$/), expect.stringMatching(/^loss/)]);
    } finally {
      clock.mockRestore();
    }
  });

  it('is one line redrawn on a terminal, never wider than that, and ended', async () => {
    const lines = await written({ isTTY: true, columns: 95 }, { epochs: 1 }, [slowly(60)]);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.at(-1)).toBe('\n');
    expect(lines.at(-2)).toMatch(/^\repoch 1\/1 {2}█{24} {2}loss \d\.\d{4} {2}accuracy/);
    expect(lines.some((line) => /^\repoch 1\/1 {2}█+░+ {2}loss/.test(line))).toBe(true);
    for (const line of lines.slice(0, -1)) {
      expect([line[0], line.slice(-3)]).toEqual(['\r', '\x1b[K']);
      expect(line.slice(1, -3).length).toBeLessThan(95);
    }
  });

  it('gives up the width of its bar first on a narrow terminal, then the end of the line', async () => {
    const [line] = (await written({ isTTY: true, columns: 40 }, { epochs: 1 })).slice(-2);
    expect(line.slice(0, -3)).toMatch(/^\repoch 1\/1 {2}████ {2}loss \d\.\d{4} {2}accuracy $/);
    expect(line.slice(1, -3)).toHaveLength(39);
  });

  it('takes a terminal that does not tell its width for one of 80 columns', async () => {
    const lines = await written({ isTTY: true }, { epochs: 1, validation: data });
    expect(Math.max(...lines.map((line) => line.length))).toBe(1 + 79 + 3);
  });

  it.each([
    ['a terminal', { isTTY: true }, 0],
    ['another stream', {}, 100],
  ] as const)('writes to %s at a bounded rate, and the last epoch', async (_, terminal, atFirst) => {
    const began = performance.now();
    const lines = await written(terminal, { epochs: 400, batchSize: 40 });
    const seconds = (performance.now() - began) / 1000;
    expect(lines.length).toBeLessThanOrEqual(atFirst + 20 * seconds + 4);
    expect(lines.findLast((line) => line.includes('epoch'))).toMatch(/^\r?epoch 400\/400 /);
  });

  it('counts on where training continues', async () => {
    using network = await createNetwork();
    const { written, stream } = record();
    for (const epochs of [1, 2]) await network.fit(data, { epochs, callbacks: [progressBar({ stream })] });
    expect(written.map((line) => line.split('  ')[0])).toEqual(['epoch 1/1', 'epoch 2/3', 'epoch 3/3']);
  });

  it('ends its line where the fit is aborted, or throws', async () => {
    const controller = new AbortController();
    const at7 = (then: () => void): Callback => ({ stepsPerSecond: 'all', step: ({ step }) => step === 7 && then() });
    const aborted = await written({ isTTY: true }, { signal: controller.signal }, [at7(() => controller.abort())]);
    expect(aborted.at(-1)).toBe('\n');
    const { written: thrown, stream } = record({ isTTY: true });
    const failing = at7(() => {
      throw new RangeError('seven');
    });
    await expect(fitWith([progressBar({ stream }), failing])).rejects.toThrow('seven');
    expect(thrown.at(-1)).toBe('\n');
  });

  it('shows the steps of a trainer', async () => {
    using network = await createNetwork();
    const { written, stream } = record();
    const { begin, step, end } = progressBar({ stream });
    const trainer = await network.trainer({ batchSize: 8, callbacks: [{ stepsPerSecond: 'all', begin, step, end }] });
    trainer.step({ x: { shape: [2, 4], data: new Float32Array(8) }, y: [0, 1] });
    trainer.dispose();
    expect(written).toEqual([expect.stringMatching(/^step 1 {2}loss \d\.\d{4}\n$/)]);
  });

  it('refuses a stream that cannot be written to', () => {
    expect(() => progressBar({ stream: {} as never })).toThrow(OptionError);
    expect(() => progressBar({ stream: 'stdout' as never })).toThrow(
      "progressBar.stream: expected a stream with write(text), got 'stdout'",
    );
    expect(() => progressBar({ width: 3 } as never)).toThrow("progressBar: unknown option 'width'; expected one of stream");
  });
});
