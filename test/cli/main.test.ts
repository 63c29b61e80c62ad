/** The program as it is built and run: output, files, exit codes. On WebAssembly, which is there wherever it is built. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digits } from '../../src/data/digits.ts';

const MAIN = fileURLToPath(new URL('../../dist/bundled/cli.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `watch` sees the process and all it has written so far. */
function chainrule(arguments_: string[], watch?: (child: ChildProcess, stdout: string) => void): Promise<Result> {
  const env = { ...process.env, CHAINRULE_BACKEND: 'wasm' };
  const child = spawn(process.execPath, [MAIN, ...arguments_], { cwd: ROOT, env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
    watch?.(child, stdout);
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })));
}

let folder: string;
let model: string;
beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error(`no ${MAIN}: run npm run build`);
  folder = mkdtempSync(join(tmpdir(), 'chainrule-cli-'));
  model = join(folder, 'digits.safetensors');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('chainrule', () => {
  it('train digits reaches 96 %, saves the model, and evaluate finds the same accuracy in it', async () => {
    const trained = await chainrule(['train', 'digits', '--out', model]);
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    expect(trained.stdout).toMatch(/^digits: 1438 training samples, 359 test samples\n/);
    expect(trained.stdout.match(/^epoch .*$/gm)).toHaveLength(30);
    expect(trained.stdout).toContain(`saved ${model}\nbackend wasm (`);
    const accuracy = /test accuracy ([\d.]+) %/.exec(trained.stdout);
    expect(Number(accuracy?.[1])).toBeGreaterThanOrEqual(96);

    const evaluated = await chainrule(['evaluate', model, 'digits']);
    expect(evaluated).toMatchObject({ code: 0, stderr: '' });
    expect(evaluated.stdout).toContain(accuracy?.[0]);

    const predicted = await chainrule(['predict', model, 'digits']);
    expect(predicted).toMatchObject({ code: 0, stderr: '' });
    const lines = predicted.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(359);
    for (const line of lines) expect(line).toMatch(/^\d (0\.\d{4}|1\.0000)$/);
    const { y } = digits().test;
    const right = lines.filter((line, i) => Number(line.split(' ')[0]) === y[i]).length;
    expect(`test accuracy ${((100 * right) / 359).toFixed(2)} %`).toBe(accuracy?.[0]);

    const summary = await chainrule(['summary', model]);
    expect(summary).toMatchObject({ code: 0, stderr: '' });
    expect(summary.stdout).toMatch(/dense +\[batch, 32\] +2080\n/);
  });

  it('train --diagnose prints each layer and the findings, for the optimiser that trained', async () => {
    const flags = ['--epochs', '1', '--hidden', '8', '--optimizer', 'sgd', '--learning-rate', '1e-9', '--diagnose'];
    const { code, stdout } = await chainrule(['train', 'digits', ...flags]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^one training step on 32 rows, loss [\d.]+$/m);
    expect(stdout.match(/^[01] +dense +weight /gm)).toHaveLength(2);
    expect(stdout).toMatch(/^- a step changes .*: updates too small/m);
  });

  it('train without an argument trains on the digits, and a mini-batch larger than the data takes all rows', async () => {
    const { code, stdout } = await chainrule([
      'train',
      '--epochs',
      '1',
      '--hidden',
      '8,4',
      '--seed',
      '5',
      '--optimizer',
      'sgd',
      '--batch-size',
      '5000',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/dense +\[batch, 8\][\s\S]*dense +\[batch, 4\][\s\S]*epoch 1\/1 /);
  });

  it('train --help tells the default of every option', async () => {
    const { stdout } = await chainrule(['train', '--help']);
    const options = stdout.slice(stdout.indexOf('Options:'), stdout.indexOf('-h, --help')).replaceAll(/\n {10,}/g, ' ');
    const defaults = [...options.matchAll(/^ +--([a-z-]+).*\(default: ([^)]+)\)/gm)].map(([, name, value]) => [name, value]);
    expect(Object.fromEntries(defaults)).toEqual({
      epochs: '30 for digits, 10 for a folder',
      'batch-size': '32 for digits, 128 for a folder',
      checkpoints: 'none',
      'learning-rate':
        'adam 0.003 for digits, 0.001 for a folder; sgd 0.1; adagrad 0.01; rmsprop 0.01; adadelta 1; adamw 0.001; ' +
        'nadam 0.002; radam 0.001; adamax 0.002; lamb 0.001; lion 0.0001; rprop 0.01',
      optimizer: 'adam',
      hidden: '32 for digits, 100 for a folder',
      seed: '0',
      backend: 'auto, the fastest that loads',
      out: 'nowhere',
      diagnose: 'off',
    });
    expect(options.match(/^ +--/gm)).toHaveLength(defaults.length);
  });

  it('Ctrl-C stops training, saves what there is and exits with 130', async () => {
    const interrupted = join(folder, 'interrupted.safetensors');
    let sent = false;
    const { code, stdout } = await chainrule(['train', 'digits', '--epochs', '100000', '--out', interrupted], (child, output) => {
      if (sent || !output.includes('epoch      2/')) return;
      sent = true;
      child.kill('SIGINT');
    });
    expect(code).toBe(130);
    expect(stdout).toMatch(/stopped after \d+ steps\nsaved /);
    expect((await chainrule(['evaluate', interrupted, 'digits'])).stdout).toMatch(/test accuracy/);
  });

  it('SIGTERM writes a checkpoint and ends, and the next process goes on from there', async () => {
    const run = join(folder, 'run');
    let sent = false;
    const train = (epochs: string, watch?: Parameters<typeof chainrule>[1]) =>
      chainrule(['train', 'digits', '--epochs', epochs, '--checkpoints', run], watch);
    const { code, stdout } = await train('100000', (child, output) => {
      if (sent || !output.includes('epoch      2/')) return;
      sent = true;
      child.kill('SIGTERM');
    });
    expect(code).toBe(143);
    const steps = Number(/stopped after (\d+) steps/.exec(stdout)?.[1]);
    const newest = readdirSync(run).sort().at(-1);
    expect(newest).toMatch(new RegExp(`^checkpoint-\\d+-step-${steps}\\.safetensors$`));
    const epochs = Math.ceil(steps / 45) + 1;
    const next = await train(String(epochs));
    expect(next).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(run).sort().at(-1)).toMatch(new RegExp(`-step-${45 * epochs}\\.safetensors$`));
  });

  it('a fit that diverges ends with its error, and the best weights that it had are saved', async () => {
    const diverged = join(folder, 'diverged.safetensors');
    const flags = ['--optimizer', 'sgd', '--learning-rate', '1e30', '--epochs', '3', '--out', diverged];
    const { code, stdout, stderr } = await chainrule(['train', 'digits', ...flags]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: training diverged at step \d+/);
    expect(stdout).toContain(`saved ${diverged}\n`);
    expect((await chainrule(['evaluate', diverged, 'digits'])).stdout).toMatch(/test accuracy/);
  });

  it.each([
    [
      'a folder that is not there',
      ['train', 'nowhere'],
      /^error: nowhere is not there: expected digits, a folder .* or a \.json description of a network\n$/,
    ],
    [
      'a number that is none',
      ['train', '--epochs', 'ten'],
      /^error: option '--epochs <number>' argument 'ten' is invalid. Expected an integer from 1.\n$/,
    ],
    ['hidden layers of no neurons', ['train', '--hidden', '5,0'], /^error: .*--hidden.*\n$/],
    ['a negative rate', ['train', '--learning-rate', '-1'], /^error: .*above 0.\n$/],
    ['an unknown optimiser', ['train', '--optimizer', 'newton'], /^error: .*Allowed choices are sgd, .*\n$/],
    ['an unknown backend', ['train', '--backend', 'gpu'], /^error: .*Allowed choices are auto, .*\n$/],
    ['an unknown option', ['train', '--epoch', '3'], /^error: unknown option '--epoch'\n$/],
    ['a folder that cannot be written to', ['train', '--out', '/nowhere/model'], /^error: --out: expected a folder .*\n$/],
    ['a folder to save to', ['train', '--out', ROOT], /^error: --out: expected the path of a file, got .*, which is a folder .*\n$/],
    ['a model that is not there', ['summary', 'nowhere'], /^error: nowhere is not there: expected a model file.*\n$/],
    ['a model that is none', ['evaluate', MAIN, 'digits'], /^error: .* is a text file: expected a model file.*safetensors.*\n$/],
    ['data that is none', ['train', MAIN], /^error: .* is a text file: expected digits, a folder of the four MNIST files.*\n$/],
    ['predictions of nothing', ['predict', MAIN, 'digits'], /^error: .* is a text file: expected a model file.*\n$/],
  ])('says in a line what is wrong with %s', async (_, arguments_, message) => {
    const { code, stderr } = await chainrule(arguments_);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  it('refuses a network that does not fit its data', async () => {
    const path = join(folder, 'model.json');
    writeFileSync(
      path,
      JSON.stringify({ input: [63], layers: [{ type: 'dense', units: 10 }], loss: 'softmaxCrossEntropy', data: 'digits' }),
    );
    const out = join(folder, 'never.safetensors');
    expect(await chainrule(['train', path, '--out', out])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: .*\[rows, 63\].*\n$/),
    });
    expect(existsSync(out)).toBe(false);
  });
});
