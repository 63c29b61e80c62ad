/** The computational graph by itself: values and gradients on every backend, what it prints, what it refuses. */
import {
  add,
  concatenate,
  DataError,
  type DifferentiateOptions,
  differentiate,
  divide,
  exp,
  type GraphValue,
  log,
  matmul,
  maximum,
  mean,
  multiply,
  OptionError,
  power,
  relu,
  reshape,
  ShapeError,
  StateError,
  sigmoid,
  slice,
  softmax,
  square,
  sum,
  tanh,
  transpose,
} from 'chainrule';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/compare.ts';
import { BACKEND_NAMES, onBackend, spread, spreadTensor } from '../support/networks.ts';

type Backend = (typeof BACKEND_NAMES)[number];
type Body<Name extends string> = (values: { readonly [name in Name]: GraphValue }) => GraphValue;
type Arguments = Readonly<Record<string, GraphValue>>;
type Shapes<Name extends string> = { readonly [name in Name]: readonly number[] };

const on = <Name extends string>(backend: Backend, body: Body<Name>, shapes: Shapes<Name>, options: DifferentiateOptions = {}) =>
  onBackend(backend, () => differentiate(body, shapes, { ...options, backend }));

const logistic = (z: number) => 1 / (1 + Math.exp(-z));

describe.each(BACKEND_NAMES)('on %s', (backend) => {
  const tolerance = backend === 'reference' ? 1e-12 : 2e-6;

  it.each([true, false])('Σ σ(x·w + b), optimised: %s, again and again with other values', async (optimize) => {
    const f = await on(backend, ({ x, w, b }) => sum(sigmoid(add(matmul(x, w), b))), { x: [4, 2], w: [2, 1], b: [1] }, { optimize });
    for (const phase of [1, 2, 3]) {
      const x = spreadTensor([4, 2], phase);
      const [w0, w1, b] = spread(3, 10 * phase);
      const { value, result, gradients } = f({ x, w: [[w0], [w1]], b: [b] });
      const outputs = Array.from({ length: 4 }, (_, i) => logistic(x.data[2 * i] * w0 + x.data[2 * i + 1] * w1 + b));
      const slopes = outputs.map((a) => a * (1 - a));
      expectClose([value], [outputs.reduce((total, a) => total + a)], tolerance, 'value');
      expect(result).toEqual({ shape: [], data: result.data });
      expectClose(
        gradients.x.data,
        slopes.flatMap((slope) => [slope * w0, slope * w1]),
        tolerance,
        'x',
      );
      expectClose(
        gradients.w.data,
        [0, 1].map((k) => slopes.reduce((total, slope, i) => total + slope * x.data[2 * i + k], 0)),
        tolerance,
        'w',
      );
      expectClose(gradients.b.data, [slopes.reduce((total, slope) => total + slope)], tolerance, 'b');
      expect([gradients.x.shape, gradients.w.shape, gradients.b.shape]).toEqual([[4, 2], [2, 1], [1]]);
    }
    f.dispose();
  });

  it('gives the gradients y and x of z = x·y', async () => {
    const f = await on(backend, ({ x, y }) => multiply(x, y), { x: [], y: [] });
    const { value, gradients } = f({ x: 3, y: -4 });
    expect([value, gradients.x.data[0], gradients.y.data[0]]).toEqual([-12, -4, 3]);
    expect(f({ x: 0.5, y: 8 }).value).toBe(4);
  });

  it('a node used twice receives the sum of its δ', async () => {
    const f = await on(backend, ({ x }) => add(multiply(x, x), multiply(3, x)), { x: [] });
    const { value, gradients } = f({ x: 5 });
    expect([value, gradients.x.data[0]]).toEqual([40, 13]);
  });

  it('an argument that is not used has the gradient 0', async () => {
    const f = await on(backend, ({ x }) => sum(square(x)), { x: [2], unused: [3] });
    expect([...f({ x: [1, 2], unused: [1, 1, 1] }).gradients.unused.data]).toEqual([0, 0, 0]);
  });

  it('an argument that is the result, or a constant the result', async () => {
    const same = await on(backend, ({ x }) => x, { x: [2] });
    expect([...same({ x: [7, 8] }).result.data, ...same({ x: [7, 8] }).gradients.x.data]).toEqual([7, 8, 1, 1]);
    const fixed = await on(backend, ({ x }) => multiply(x, 0), { x: [2] });
    expect([...fixed({ x: [7, 8] }).result.data, ...fixed({ x: [7, 8] }).gradients.x.data]).toEqual([0, 0, 0, 0]);
  });

  it('a tensor as the result: its gradients are those of its sum', async () => {
    const f = await on(backend, ({ x, w }) => tanh(matmul(x, w)), { x: [3, 2], w: [2, 4] });
    const summed = await on(backend, ({ x, w }) => sum(tanh(matmul(x, w))), { x: [3, 2], w: [2, 4] });
    const values = { x: spreadTensor([3, 2]), w: spreadTensor([2, 4], 5) };
    const { value, result, gradients } = f(values as never);
    expect(value).toBeNaN();
    expect(result.shape).toEqual([3, 4]);
    const expected = summed(values);
    expectClose([Array.from(result.data).reduce((total, one) => total + one)], [expected.value], 1e-5, 'sum');
    expectClose(gradients.x.data, expected.gradients.x.data, tolerance, 'x');
    expectClose(gradients.w.data, expected.gradients.w.data, tolerance, 'w');
  });

  it.each<[string, Body<'x' | 'y'>]>([
    ['broadcasting', ({ x, y }) => divide(add(x, reshape(slice(y, 1, 0, 1), [3, 1])), add(square(y), 1))],
    ['power, exp and log', ({ x, y }) => log(add(exp(x), power(add(square(y), 0.5), 1.5)))],
    [
      'slices, joins and transposes',
      ({ x, y }) => matmul(concatenate([slice(x, 1, 0, 2), y], 1), transpose(concatenate([y, slice(x, 1, 2, 4)], 1))),
    ],
    ['means and softmax', ({ x, y }) => multiply(mean(softmax(x), [0]), mean(tanh(y), [0]))],
    ['kinks', ({ x, y }) => maximum(relu(x), multiply(y, 0.7))],
  ])('agrees with central differences: %s', async (_, body) => {
    const f = await on(backend, ({ x, y }) => sum(body({ x, y })), { x: [3, 4], y: [3, 4] });
    const exact = await on('reference', ({ x, y }) => sum(body({ x, y })), { x: [3, 4], y: [3, 4] }, { optimize: false });
    const values = { x: spreadTensor([3, 4], 2), y: spreadTensor([3, 4], 6) };
    const { gradients } = f(values as never);
    for (const name of ['x', 'y'] as const) {
      const numeric = Array.from(values[name].data, (_value, i) => {
        const at = (h: number) => {
          const data = Float64Array.from(values[name].data);
          data[i] += h;
          return exact({ ...values, [name]: { shape: [3, 4], data } }).value;
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
      expectClose(gradients[name].data, numeric, backend === 'reference' ? 1e-8 : 1e-4, name);
    }
  });

  it('refuses values that do not fit, by name, and works on', async () => {
    const f = await on(backend, ({ x, b }) => sum(add(x, b)), { x: [2, 2], b: [] });
    const x = [
      [1, 2],
      [3, 4],
    ];
    const wrong: readonly [unknown, new (message: string) => Error, ...string[]][] = [
      [{ x }, DataError, 'expected { x, b }, got { x }'],
      [{ x, b: 1, c: 2 }, DataError, 'expected { x, b }, got { x, b, c }'],
      [{ x: [[1, 2, 3]], b: 1 }, ShapeError, 'x of shape [2, 2]', '[1, 3]'],
      [{ x: 5, b: 1 }, ShapeError, 'x of shape [2, 2]', 'a number'],
      [{ x, b: [1, 2] }, ShapeError, 'b of shape', '[2]'],
      [{ x: [[1, 2], [3]], b: 1 }, DataError, 'row 1'],
      [{ x: 'abc', b: 1 }, DataError, "'abc'"],
      [undefined, DataError, 'undefined'],
    ];
    for (const [values, refused, ...parts] of wrong) {
      expect(() => f(values as never)).toThrow(refused);
      for (const part of parts) expect(() => f(values as never)).toThrow(part);
    }
    expect(f({ x, b: 1 }).value).toBe(14);
    expect(f({ x: [1, 2, 3, 4], b: 2 }).value).toBe(18);
    f.dispose();
    expect(() => f({ x, b: 1 })).toThrow(StateError);
  });
});

describe('compiling', () => {
  const refused = (body: unknown, shapes: unknown, error: new (message: string) => Error, part: string, options: unknown = {}) =>
    Promise.all([
      expect(differentiate(body as never, shapes as never, options as never)).rejects.toThrow(error),
      expect(differentiate(body as never, shapes as never, options as never)).rejects.toThrow(part),
    ]);

  it('refuses impossible shapes and functions', async () => {
    await refused(({ x, y }: Arguments) => matmul(x, y), { x: [2, 3], y: [2, 3] }, ShapeError, 'matmul');
    await refused(({ x, y }: Arguments) => add(x, y), { x: [2], y: [3] }, ShapeError, 'add');
    await refused(() => 5, { x: [2] }, OptionError, 'returns a graph value, got 5');
    await refused('x', { x: [2] }, OptionError, "expected a function of graph values, got 'x'");
    await refused(({ x }: Arguments) => x, { x: [0] }, OptionError, 'shape of x');
    await refused(({ x }: Arguments) => x, { x: [-1] }, OptionError, 'got [-1]');
    await refused(({ x }: Arguments) => x, undefined, OptionError, 'undefined');
    await refused(({ x }: Arguments) => x, { x: [1] }, OptionError, "'optimise'", { optimise: true });
    await refused(({ x }: Arguments) => x, { x: [1] }, OptionError, 'differentiate.optimize', { optimize: 1 });
  });

  it('shows the graph, the drawing and the program', async () => {
    const f = await differentiate(
      ({ x, w, b }) => sum(sigmoid(add(matmul(x, w), b))),
      { x: [4, 2], w: [2, 1], b: [1] },
      { optimize: false },
    );
    for (const part of ['matmul', 'add', 'sigmoid', 'sum', 'x', 'w', 'b']) expect(f.graph).toContain(part);
    expect(f.toDot()).toMatch(/^digraph[^{]*\{[\s\S]*->[\s\S]*\}\s*$/);
    expect(f.toDot()).toContain('matmul');
    for (const part of ['matmul', 'sigmoid', 'sum']) expect(f.program).toContain(part);
    f.dispose();
  });

  it('fuses operations, as the program shows', async () => {
    const body: Body<'x' | 'w' | 'b'> = ({ x, w, b }) => sum(sigmoid(add(matmul(x, w), b)));
    const shapes = { x: [4, 2], w: [2, 1], b: [1] };
    const [fused, plain] = await Promise.all([differentiate(body, shapes), differentiate(body, shapes, { optimize: false })]);
    expect(fused.program).toContain('affine');
    expect(fused.program.split('\n').length).toBeLessThan(plain.program.split('\n').length);
  });
});
