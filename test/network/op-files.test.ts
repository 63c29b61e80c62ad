/**
 * Every op of the table as a node of a model file: as it may be applied it loads and predicts; with an attribute or an operand changed it is
 * refused, or loads and predicts too. Nothing is accepted that fails later.
 */
import { FormatError, Network } from 'chainrule';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/formats/model.ts';
import { checkApplicable } from '../../src/ops/applicable.ts';
import { attributeProblem } from '../../src/ops/attributes.ts';
import { isComputing } from '../../src/ops/registry.ts';
import type { OpSpec, Shape } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import { casesOf } from '../ops/families.ts';
import type { OpCase } from '../ops/op-case.ts';
import { FASTEST, onBackend } from '../support/networks.ts';

interface OpNode {
  readonly inputs: readonly (Shape | undefined)[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Operands that are the same value as the one before. */
  readonly repeated?: readonly number[];
}

/**
 * A model file that computes the op on tensors of fixed numbers, and adds what comes of it to its input, which makes it a prediction.
 */
function fileOf(op: OpSpec, { inputs, attributes, repeated = [] }: OpNode): Uint8Array {
  const nodes: object[] = [];
  const values = inputs.map((shape, i) => {
    if (!shape) return null;
    if (!repeated.includes(i)) nodes.push({ op: 'fill', inputs: [], attributes: { shape, value: 1 } });
    return nodes.length;
  });
  const first = nodes.length + 1;
  nodes.push({ op: op.name, inputs: values, attributes });
  const output = op.shapes(inputs as readonly Shape[], attributes as never)[0] ?? [];
  nodes.push({ op: 'reshape', inputs: [first], attributes: { shape: output } });
  let total = first + op.outputs.length;
  if (output.length > 0) {
    nodes.push({ op: 'sum', inputs: [total], attributes: { axis: 0, axes: output.length } });
    total++;
  }
  nodes.push({ op: 'add', inputs: [0, total], attributes: {} });
  const config = { inputs: { x: [2] }, layers: [], nodes, outputs: { y: total + 1 }, losses: { y: 'meanSquaredError' }, seed: 0 };
  return encodeModel({ config, tensors: new Map() });
}

/** Whether the file is read; then it predicts. Whatever is not a FormatError is let through. */
async function isAccepted(op: OpSpec, node: OpNode): Promise<boolean> {
  let bytes: Uint8Array;
  try {
    bytes = fileOf(op, node);
  } catch {
    return false; // Its shape rule refuses it, as it does when a file is read.
  }
  let network: Network<{ x: number[] }, { y: number[] }>;
  try {
    network = await onBackend(FASTEST, () => Network.fromBytes(bytes, { backend: FASTEST }));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
  using predicting = network;
  for (const rows of [1, 3]) expect(predicting.predict({ x: new Array(rows).fill([1, 2]) }).y.shape).toEqual([rows, 2]);
  return true;
}

const isWhole = ({ inputs, attributes }: OpCase) => ![...inputs, attributes.shape as Shape].some((shape) => shape?.includes(0));

const wholeCases = (op: OpSpec) => casesOf(op).filter(isWhole);

/** A few of the op's cases: small ones first, with sizes that depend on the batch and without. */
function someCases(op: OpSpec): OpCase[] {
  const cases = wholeCases(op);
  return [cases[0], cases[Math.floor(cases.length / 2)], cases[cases.length - 1]];
}

it('every attribute in the tests of ops is declared, and every application is found applicable', () => {
  for (const op of OPS.filter(isComputing)) {
    for (const { inputs, attributes } of wholeCases(op)) {
      expect(attributeProblem(op, attributes)).toBeUndefined();
      const shapes = inputs as readonly Shape[];
      checkApplicable(op, shapes, op.shapes(shapes, attributes), attributes);
    }
  }
});

/** Every other one with each case. */
const WRONG: readonly unknown[] = [
  ...[null, true, 'x', '', {}, [], [1], [1, 2], [0, 0], [-1, -1], [1.5, 1], [1, 2, 3], new Array(40).fill(1), { length: 2 }],
  ...[-1, 0, 1, 2, 7, 0.5, -0.5, 2 ** 31, -(2 ** 40), 1e300, 'Infinity', 'relu', [1, 1, 1, 1, 1], [2 ** 31, 2 ** 31]],
];

describe.each(OPS.filter(isComputing).map((op) => [op.name, op] as const))('%s', (_, op) => {
  it('is read where it is applied rightly', async () => {
    for (const test of someCases(op)) expect(await isAccepted(op, test), JSON.stringify(test.attributes)).toBe(true);
  });

  it('is refused without an attribute, with an unknown one, and with wrong values', async () => {
    for (const [i, { inputs, attributes }] of someCases(op).slice(0, 2).entries()) {
      expect(await isAccepted(op, { inputs, attributes: { ...attributes, spare: 1 } }), 'spare').toBe(false);
      for (const [name, declared] of Object.entries(op.attributes)) {
        const { [name]: __, ...without } = attributes;
        const accepted = await isAccepted(op, { inputs, attributes: without });
        if (declared.default === undefined) expect(accepted, `without ${name}`).toBe(false);
        const values = WRONG.filter((_, at) => at % 2 === i);
        for (const value of values) await isAccepted(op, { inputs, attributes: { ...attributes, [name]: value } });
        expect(await isAccepted(op, { inputs, attributes: { ...attributes, [name]: {} } }), `${name} {}`).toBe(false);
      }
    }
  });

  it('is refused with operands of other shapes, one too few, and one value twice', async () => {
    const [{ inputs, attributes }] = someCases(op);
    const changes = inputs.flatMap((shape, i): OpNode[] => {
      const replaced = (other: Shape | undefined) => ({ inputs: inputs.with(i, other), attributes });
      if (!shape) return [replaced([2, 3])];
      const others = [[], [1], [...shape, 1], shape.slice(1), shape.map((size) => 2 * size), [-1, ...shape], [7, 5, 3, 2], undefined];
      const twice = i > 0 ? [{ inputs: inputs.with(i, inputs[i - 1]), attributes, repeated: [i] }] : [];
      return [...others.map(replaced), ...twice];
    });
    for (const node of changes) await isAccepted(op, node);
  });
});
