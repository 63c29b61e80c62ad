/** Model files of general graphs that are not as chainrule writes them: FormatError, or a network. */
import { add, ChainruleError, concatenate, dense, FormatError, Network, softmax, split, sum } from 'chainrule';
import { expect, it } from 'vitest';
import { encodeModel } from '../../src/formats/model.ts';
import { decodeModel } from '../support/whole-files.ts';

const bytes = await Network.create({
  inputs: { a: [4], b: [2] },
  build: ({ a, b }) => {
    const [left, right] = split(a, 2);
    const shared = dense(3);
    const joined = concatenate(shared(left), shared(right), add(b, 0.5));
    return { y: dense(2)(softmax(joined)), total: sum(joined, [1]) };
  },
  losses: { y: 'softmaxCrossEntropy', total: 'halfSquaredError' },
  backend: 'reference',
}).then((network) => network.toBytes());

const file = decodeModel(bytes);
const json = JSON.stringify(file.config);

async function outcome(config: unknown): Promise<unknown> {
  const { version: _, ...rest } = config as Record<string, unknown>;
  try {
    const network = await Network.fromBytes(encodeModel({ ...file, config: rest }), { backend: 'reference' });
    network.dispose();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The places of all values in a JSON tree. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const below =
    typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, one]) => places(one, [...path, key])) : [];
  return path.length ? [path, ...below] : below;
}

const HOSTILE: readonly unknown[] = [
  null,
  -1,
  0,
  1,
  7,
  1e300,
  2 ** 40,
  0.5,
  'x',
  '',
  'matmul',
  'gather',
  'sgd',
  true,
  [],
  {},
  [1e9, 1e9],
  { constant: 1 },
];

it('a model file of a graph with one value changed is refused or read as a network that predicts', async () => {
  const refused: unknown[] = [];
  for (const path of places(file.config)) {
    for (const value of HOSTILE) {
      const config = JSON.parse(json);
      const holder = path.slice(0, -1).reduce((at, key) => at[key], config);
      holder[path.at(-1) as string] = value;
      const error = await outcome(config);
      if (error !== undefined) refused.push(error);
    }
  }
  const untyped = refused.filter((error) => !(error instanceof ChainruleError));
  expect(untyped).toEqual([]);
  expect(refused.filter((error) => !(error instanceof FormatError))).toEqual([]);
  expect(refused.length).toBeGreaterThan(500);
}, 300_000);

it('a model file of a graph with parts left out is refused or read as a network that predicts', async () => {
  for (const path of places(file.config)) {
    const config = JSON.parse(json);
    const holder = path.slice(0, -1).reduce((at, key) => at[key], config);
    delete holder[path.at(-1) as string];
    const error = await outcome(config);
    if (error !== undefined) expect(error).toBeInstanceOf(FormatError);
  }
});
