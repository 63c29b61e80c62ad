/** Patterns that name parameters: what they match, and that no pattern takes longer than its length and the names' say. */
import { defineLayer, dense, FormatError, type GraphValue, multiply, Network, named, OptionError } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/formats/model.ts';
import { matchParameters } from '../../src/model/parameter-patterns.ts';
import { type Characters, PathPattern } from '../../src/model/path-pattern.ts';
import { RandomStream } from '../../src/random/philox.ts';
import { decodeModel } from '../support/whole-files.ts';

const NAMES = ['0.weight', '0.bias', '1.0.weight', '10.weight', 'encoder.weight', 'encoder.bias', 'en.coder.bias', 'a+b.weight'];

it.each<[string | string[], string[]]>([
  ['0.weight', ['0.weight']],
  ['0', ['0.weight', '0.bias']],
  ['1', ['1.0.weight']],
  ['1.0', ['1.0.weight']],
  ['*', NAMES],
  ['**', NAMES],
  ['*.bias', ['0.bias', 'encoder.bias', 'en.coder.bias']],
  ['en*', ['encoder.weight', 'encoder.bias', 'en.coder.bias']],
  ['en*coder', ['encoder.weight', 'encoder.bias', 'en.coder.bias']],
  ['en*coder*s', ['encoder.bias', 'en.coder.bias']],
  ['*er', ['encoder.weight', 'encoder.bias', 'en.coder.bias']],
  ['*0*', ['0.weight', '0.bias', '1.0.weight', '10.weight']],
  ['*0.w*', ['0.weight', '1.0.weight', '10.weight']],
  ['1*0.weight', ['1.0.weight', '10.weight']],
  ['a+b', ['a+b.weight']],
  ['a*+*b', ['a+b.weight']],
  ['*ias*ias', []],
  ['encode', []],
  ['weight', []],
  ['.*', []],
  ['', []],
  [
    ['10', '0.bias', '*.0.*'],
    ['0.bias', '1.0.weight', '10.weight'],
  ],
])('%j names %j', (patterns, found) => {
  if (found.length) expect(matchParameters('freeze', patterns, NAMES)).toEqual(found);
  else expect(() => matchParameters('freeze', patterns, NAMES)).toThrow(OptionError);
});

it('a pattern matches what a backtracking regular expression matches, on random short texts', () => {
  const random = new RandomStream(3, 1);
  const text = (letters: string, length: number) => Array.from({ length }, () => letters[random.integer(letters.length)]).join('');
  for (let i = 0; i < 20_000; i++) {
    const pattern = text('ab.*', random.integer(9));
    const path = text('ab.', random.integer(12));
    const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}(\\..*)?$`);
    expect(new PathPattern(pattern).matches(path), `${pattern} on ${path}`).toBe(expression.test(path));
  }
});

/** A path that counts how often it is looked at. */
class Counted implements Characters {
  looks = 0;

  constructor(readonly text: string) {}

  get length(): number {
    return this.text.length;
  }

  charCodeAt(i: number): number {
    this.looks++;
    return this.text.charCodeAt(i);
  }
}

describe('patterns made to backtrack look at each character at most twice', () => {
  it.each([
    ['*a*a*a*a*b', 'a'.repeat(1000)],
    [`${'*a'.repeat(300)}*b`, 'a'.repeat(1000)],
    [`*${'a'.repeat(400)}b*c`, 'a'.repeat(1000)],
    [`*${'ab'.repeat(200)}c`, 'ab'.repeat(500)],
    [`*${'a.'.repeat(200)}b`, 'a.'.repeat(500)],
    [`${'*'.repeat(999)}b`, 'a'.repeat(1000)],
  ])('%.30s… on %.10s…', (pattern, text) => {
    const path = new Counted(text);
    expect(new PathPattern(pattern).matches(path)).toBe(false);
    expect(path.looks).toBeLessThanOrEqual(2 * text.length);
  });
});

/** What chainrule writes of a small network, with another configuration. */
async function fileWith(config: Record<string, unknown>): Promise<Uint8Array> {
  using network = await Network.create({ input: [2], layers: [dense(2)], loss: 'meanSquaredError', backend: 'reference' });
  const file = decodeModel(network.toBytes());
  return encodeModel({ ...file, config: { ...file.config, ...config } });
}

describe('a pattern that is too long, or one of too many:', () => {
  const LONG = 'a'.repeat(129);
  const scale = (name: string) => defineLayer({ type: 'scale' }, (scope, x: GraphValue) => multiply(x, scope.parameter(name, [2], 'ones')));
  const stack = (layer: ReturnType<typeof scale>) =>
    Network.create({ input: [2], layers: [layer], loss: 'meanSquaredError', backend: 'reference' });

  it.each<[string, () => unknown, string]>([
    ['a pattern', () => matchParameters('freeze', 'a'.repeat(1001), NAMES), 'at most 1000 characters, got one of 1001'],
    ['patterns with *', () => matchParameters('freeze', new Array(65).fill('*'), NAMES), 'at most 64 patterns with *'],
    ["a layer's name", () => named(LONG, dense(2)), 'at most 128 characters'],
    ["a parameter's name", () => stack(scale(LONG)), 'at most 128 characters'],
    [
      "an input's name",
      () =>
        Network.create({
          inputs: { [LONG]: [2] },
          build: (inputs) => ({ y: inputs[LONG] }),
          losses: { y: 'meanSquaredError' },
          backend: 'reference',
        }),
      'at most 128 characters',
    ],
  ])('%s is refused', async (_, call, part) => {
    const error = await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown);
    expect(error, String(error)).toBeInstanceOf(OptionError);
    expect((error as Error).message).toContain(part);
  });

  it.each([
    ['a pattern made to backtrack', ['*a*a*a*a*b'], "got '*a*a*a*a*b'"],
    ['a long pattern', ['a'.repeat(1001)], 'at most 1000 characters'],
    ['many patterns with *', new Array(65).fill('*'), 'at most 64 patterns with *'],
  ])('frozen in a file: %s', async (_, frozen, part) => {
    const bytes = await fileWith({ frozen });
    await expect(Network.fromBytes(bytes, { backend: 'reference' })).rejects.toThrow(FormatError);
    await expect(Network.fromBytes(bytes, { backend: 'reference' })).rejects.toThrow(part);
  });

  it('names of 128 characters, and a frozen list of every parameter, are read back', async () => {
    const longest = LONG.slice(1);
    using network = await stack(named(longest, scale('s'.repeat(128))));
    network.freeze('*');
    const makers = { scale: () => scale('s'.repeat(128)) };
    using read = await Network.fromBytes(network.toBytes(), { backend: 'reference', layers: makers });
    expect(read.frozen).toEqual([`${longest}.${'s'.repeat(128)}`]);
  });
});
