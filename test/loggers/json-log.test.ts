/** jsonLog: what is in the file, however a fit ends. */
import fs, { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DataError, jsonLog, type LogOptions, OptionError, sgd } from 'chainrule';
import { describe, expect, it, vi } from 'vitest';
import { EpochAllowance } from '../../src/loggers/rate.ts';
import { createNetwork, data, fitWith, inFolder, NO_STEPS, slowly } from './logging.ts';

const path = inFolder();

type Line = Readonly<Record<string, unknown>>;

/** The lines of the file, each of which ends. */
function linesOf(name: string): Line[] {
  const text = readFileSync(path(name), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const eventsOf = (name: string) => linesOf(name).map(({ event }) => event);

describe('jsonLog writes', () => {
  it('the events of a fit, as callbacks are told of them', async () => {
    const told: object[] = [];
    const note = (event: object) => void told.push(event);
    const losses: number[] = [];
    const { epochs } = await fitWith(
      [
        jsonLog(path('log'), { stepsPerSecond: 'all' }),
        { stepsPerSecond: 'all', begin: note, step: ({ loss }) => void losses.push(loss), end: note },
      ],
      { optimizer: sgd({ learningRate: 0.25 }), validation: data },
    );
    const lines = linesOf('log');
    const of = (event: string) => lines.filter((line) => line.event === event);
    const five = Array.from({ length: 5 }, () => 'step');
    expect(eventsOf('log')).toEqual(['begin', ...five, 'epoch', ...five, 'epoch', ...five, 'epoch', 'end']);
    expect([of('begin')[0], of('end')[0]]).toMatchObject(JSON.parse(JSON.stringify(told)));
    expect(of('step').map(({ loss }) => loss)).toEqual(losses);
    expect(of('step').map(({ step }) => step)).toEqual(losses.map((_, i) => i + 1));
    expect(of('epoch')).toMatchObject(JSON.parse(JSON.stringify(epochs)));
    for (const line of lines) expect(new Date(line.time as string).toISOString()).toBe(line.time);
    for (const line of [...of('step'), ...of('epoch')]) expect(line).toMatchObject({ learningRates: [0.25] });
  });

  it('the speed of steps, memory and the delay of the event loop', async () => {
    const began = performance.now();
    const busy = () => {
      for (const end = performance.now() + 40; performance.now() < end; );
    };
    await fitWith([slowly(15), { stepsPerSecond: 'all', step: busy }, jsonLog(path('log'), { stepsPerSecond: 'all' })], { epochs: 1 });
    const most = performance.now() - began;
    const steps = linesOf('log').filter(({ event }) => event === 'step') as Record<string, number>[];
    expect(steps).toHaveLength(5);
    for (const { stepMilliseconds, samplesPerSecond, memoryBytes } of steps) {
      expect(stepMilliseconds).toBeGreaterThan(50);
      expect(stepMilliseconds).toBeLessThan(most);
      expect(samplesPerSecond).toBeCloseTo(8000 / stepMilliseconds, 6);
      expect(memoryBytes).toBeGreaterThan(2 ** 20);
    }
    const delays = (steps as { eventLoopDelay?: { maximum: number } }[]).flatMap(({ eventLoopDelay }) => eventLoopDelay ?? []);
    expect(delays.length).toBeGreaterThan(1);
    expect(Math.max(...delays.map(({ maximum }) => maximum))).toBeGreaterThan(20);
  });

  it('the norm of the gradient where an epoch has a diagnosis, and numbers that are not finite as text', async () => {
    await fitWith([jsonLog(path('log')), { measure: () => ({ validationMetrics: { odd: Number.NaN } }) }], {
      epochs: 1,
      diagnostics: true,
    });
    const epoch = linesOf('log').find(({ event }) => event === 'epoch') as { gradientNorm: number; diagnosis: never } & Line;
    expect(epoch.validationMetrics).toEqual({ odd: 'NaN' });
    const { layers } = epoch.diagnosis as { layers: { parameters: { gradientNorm: number }[] }[] };
    const squares = layers.flatMap(({ parameters }) => parameters.map(({ gradientNorm }) => gradientNorm ** 2));
    expect(squares).toHaveLength(4);
    expect(epoch.gradientNorm).toBeCloseTo(Math.sqrt(squares.reduce((sum, one) => sum + one)), 10);
  });

  it('ten steps a second at most by itself, however fast they are', async () => {
    using network = await createNetwork();
    const began = performance.now();
    await network.fit(data, { epochs: 50, batchSize: 1, callbacks: [jsonLog(path('log'))] });
    const most = 1 + (performance.now() - began) / 100;
    expect(eventsOf('log').filter((event) => event === 'step').length).toBeLessThanOrEqual(most);
  });

  it('a thousand epochs, then no more a second than steps, and the last one', async () => {
    using network = await createNetwork();
    const epochs = 1300;
    const began = performance.now();
    await network.fit(data, { epochs, batchSize: 40, callbacks: [jsonLog(path('log'), { stepsPerSecond: 1 })] });
    const most = 1001 + (performance.now() - began) / 1000;
    const written = linesOf('log').flatMap((line) => (line.event === 'epoch' ? [line.epoch] : []));
    expect(written.length).toBeLessThanOrEqual(most);
    expect(written.slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(written.at(-1)).toBe(epochs);
  });

  it('whichever epochs come later than the allowance has grown', () => {
    const allowance = new EpochAllowance({ atFirst: 1000, rate: 10 });
    const start = performance.now();
    const taken = (from: number, count: number, milliseconds: number) =>
      Array.from({ length: count }, (_, i) => allowance.take(start + from + i * milliseconds)).filter(Boolean).length;
    expect(taken(0, 1000, 0)).toBe(1000);
    expect(taken(10, 1000, 1)).toBeLessThan(12);
    expect(taken(2000, 100, 110)).toBe(100);
  });
});

describe('a fit that jsonLog watches', () => {
  it('leaves a whole file when its signal aborts it', async () => {
    const controller = new AbortController();
    const stopping = { stepsPerSecond: 'all', step: ({ step }: { step: number }) => step === 7 && controller.abort() } as const;
    const { aborted } = await fitWith([jsonLog(path('log'), { stepsPerSecond: 'all' }), stopping], { signal: controller.signal });
    expect(aborted).toBe(true);
    expect(linesOf('log').at(-1)).toMatchObject({ event: 'end', aborted: true, progress: { step: 7 } });
    expect(eventsOf('log').filter((event) => event === 'step')).toHaveLength(7);
  });

  it('leaves a whole file when it throws, with the error', async () => {
    const failing = {
      stepsPerSecond: 'all',
      step({ step }: { step: number }) {
        if (step === 7) throw new RangeError('seven');
      },
    } as const;
    await expect(fitWith([jsonLog(path('log'), { stepsPerSecond: 'all' }), failing])).rejects.toThrow('seven');
    expect(linesOf('log').at(-1)).toMatchObject({ event: 'end', error: 'seven', progress: { step: 7 } });
  });

  it('is appended to by a fit that continues it, past a line that was cut off, and begun anew by any other', async () => {
    using network = await createNetwork();
    const callbacks = [jsonLog(path('log'), NO_STEPS)];
    writeFileSync(path('log'), 'of an earlier run');
    await network.fit(data, { batchSize: 8, callbacks });
    expect(eventsOf('log')).toEqual(['begin', 'epoch', 'end']);
    await network.fit(data, { batchSize: 8, callbacks });
    expect(eventsOf('log')).toEqual(['begin', 'epoch', 'end', 'begin', 'epoch', 'end']);
    expect(linesOf('log').flatMap(({ event, epoch }) => (event === 'epoch' ? [epoch] : []))).toEqual([1, 2]);
    fs.appendFileSync(path('log'), '{"event":"st');
    await network.fit(data, { batchSize: 8, callbacks });
    expect(readFileSync(path('log'), 'utf8').split('\n')[6]).toBe('{"event":"st');
    expect(readFileSync(path('log'), 'utf8').split('\n')).toHaveLength(11);
  });

  it('may be a trainer', async () => {
    using network = await createNetwork();
    const trainer = await network.trainer({ batchSize: 8, callbacks: [jsonLog(path('log'), { stepsPerSecond: 'all' })] });
    trainer.step({ x: { shape: [2, 4], data: new Float32Array(8) }, y: [0, 1] });
    trainer.dispose();
    expect(eventsOf('log')).toEqual(['begin', 'step', 'end']);
    expect(linesOf('log')[1]).not.toHaveProperty('samplesPerSecond');
  });

  it('does not begin where the file cannot be written', async () => {
    using network = await createNetwork();
    mkdirSync(path('folder'));
    const attempt = (name: string) => network.fit(data, { batchSize: 8, callbacks: [jsonLog(path(name))] });
    await expect(attempt('none/log')).rejects.toThrow(DataError);
    await expect(attempt('none/log')).rejects.toThrow(/^jsonLog: expected a file to write at .*none\/log, got: ENOENT/);
    await expect(attempt('folder')).rejects.toThrow(/^jsonLog: expected a file to write at .*folder, got a folder/);
    await expect(network.trainer({ batchSize: 8, callbacks: [jsonLog(path('folder'))] })).rejects.toThrow(DataError);
    expect(network.progress.step).toBe(0);
  });

  it('leaves the file as it is where another option is refused', async () => {
    const attempt = () => fitWith([jsonLog(path('log'))], { validation: { x: data.x, y: [1] } });
    await expect(attempt()).rejects.toThrow(DataError);
    expect(existsSync(path('log'))).toBe(false);
    writeFileSync(path('log'), 'of an earlier run');
    await expect(attempt()).rejects.toThrow(DataError);
    expect(readFileSync(path('log'), 'utf8')).toBe('of an earlier run');
  });

  it('goes on where the disk fails, with a warning', async () => {
    const warnings: string[] = [];
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)));
    const write = vi
      .spyOn(fs, 'write')
      .mockImplementation(((...given: unknown[]) =>
        setImmediate(() => (given.at(-1) as (error: Error) => void)(new Error('ENOSPC')))) as never);
    syncBuiltinESMExports();
    try {
      const { losses } = await fitWith([jsonLog(path('log'), { stepsPerSecond: 'all' }), slowly(2)]);
      expect(losses).toHaveLength(15);
    } finally {
      warn.mockRestore();
      write.mockRestore();
      syncBuiltinESMExports();
    }
    expect(warnings).toEqual([expect.stringMatching(/^jsonLog: expected to write to .*log, got: ENOSPC; the log ends there/)]);
  });

  it('leaves no file open', async () => {
    const closed = vi.spyOn(fs, 'closeSync');
    const opened = vi.spyOn(fs, 'openSync');
    syncBuiltinESMExports();
    try {
      await fitWith([jsonLog(path('log'), { stepsPerSecond: 'all' })]);
      await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(opened.mock.calls.length));
      expect(opened.mock.calls.length).toBeGreaterThan(1);
    } finally {
      closed.mockRestore();
      opened.mockRestore();
      syncBuiltinESMExports();
    }
  });
});

describe('jsonLog refuses', () => {
  it.each<[unknown, LogOptions | undefined, string]>([
    [undefined, undefined, 'jsonLog.path: expected a path or a URL, got undefined'],
    ['', undefined, "jsonLog.path: expected a path or a URL, got ''"],
    ['log', { stepsPerSecond: 0 }, "jsonLog.stepsPerSecond: expected a number above 0 or 'all', got 0"],
    ['log', { stepsPerSecond: 'some' as never }, "jsonLog.stepsPerSecond: expected a number above 0 or 'all', got 'some'"],
    ['log', { every: 1 } as never, "jsonLog: unknown option 'every'; expected one of stepsPerSecond"],
  ])('%j with %j', (location, options, message) => {
    const attempt = () => jsonLog(location as string, options);
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(message);
  });
});
