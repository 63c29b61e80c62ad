/**
 * Random graphs of element-wise operations: broadcasts, values read twice, views between them, sums between and at their ends, effects on
 * parameters and state, a shape for most and others beside it. Numbers may become whatever they like: the same bits are expected.
 */
import * as f from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { BROADCAST_LEVELS, broadcastLevels } from '../../src/ops/elementwise.ts';
import { BATCH, broadcastShapes, count, resolve, sameShape } from '../../src/ops/shape.ts';
import type { Attributes, OpSpec, Shape } from '../../src/ops/spec.ts';
import { OPS } from '../../src/ops/table.ts';
import { Chance } from '../support/randomness.ts';
import type { RandomGraph } from './random-graph.ts';

const SIZES = [1, 2, 3, 5, 7, 16, 17, 33];
const LONG = [511, 512, 513, 700, 1030];
const LARGEST = 9000;

const ELEMENTWISE = OPS.filter((op) => op.elementwise && op.outputs.length === 1);
const UNARY = ELEMENTWISE.filter((op) => op.inputs.length === 1 && op.kernel === 'unary');
const GRADIENTS = ELEMENTWISE.filter((op) => op.kernel === 'unaryGradient');
const BINARY = ELEMENTWISE.filter((op) => op.kernel === 'binary');
const PARTIALS = ELEMENTWISE.filter((op) => op.kernel === 'binaryGradient');
/** Arithmetic, of which most of what people write is made. */
const COMMON = BINARY.slice(0, 7);

/** Builds one graph; the same seed gives the same graph and values. */
export function elementGraph(seed: number): RandomGraph {
  return new Builder(seed).build();
}

class Builder {
  readonly #chance: Chance;
  readonly #graph = new Graph({ training: true });
  readonly #pool: GraphValue[] = [];
  readonly #values: Record<string, Float32Array> = {};
  readonly #maximumRows: number;
  readonly #rows: number;
  readonly #shape: Shape;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#maximumRows = this.#chance.pick([1, 1, 3, 8, 20]);
    this.#rows = 1 + this.#chance.below(this.#maximumRows);
    this.#shape = this.#drawShape();
  }

  build(): RandomGraph {
    const graph = this.#graph;
    for (let i = 0; i < 6; i++) this.#source(this.#like(), i);
    const operations = 4 + this.#chance.below(60);
    for (let i = 0; i < operations; i++) this.#grow();
    const results = [...this.#pool.slice(-1), ...Array.from({ length: this.#chance.below(4) }, () => this.#chance.pick(this.#pool))];
    results.forEach((value, i) => {
      graph.outputs.set(`result ${i}`, value);
    });
    return { graph, values: this.#values, rows: this.#rows, maximumRows: this.#maximumRows };
  }

  #drawShape(): Shape {
    const rank = this.#chance.pick([1, 2, 2, 2, 3, 4]);
    const shape = Array.from({ length: rank }, () => this.#chance.pick(SIZES));
    if (this.#chance.happens(0.4)) shape[rank - 1] = this.#chance.pick(LONG);
    if (this.#chance.happens(0.6)) shape[this.#chance.happens(0.9) ? 0 : rank - 1] = BATCH;
    return this.#size(shape) > LARGEST ? [5, 17] : shape;
  }

  #size = (shape: Shape) => resolve(count(shape), this.#maximumRows);

  /** A shape that broadcasts to that of most values: mostly that one. */
  #like(): Shape {
    if (this.#chance.happens(0.5)) return this.#shape;
    const shape = this.#shape.map((size) => (this.#chance.happens(0.5) ? size : 1));
    return this.#chance.happens(0.4) ? shape.slice(this.#chance.below(shape.length + 1)) : shape;
  }

  #source(shape: Shape, i: number): void {
    const isParameter = shape.every((size) => size > 0) && this.#chance.happens(0.6);
    const name = `${isParameter ? 'p' : 'x'}${i}`;
    const value = isParameter ? this.#graph.parameter(name, shape) : this.#graph.input(name, shape);
    const [low, high] = this.#chance.pick([
      [-2, 2],
      [0.1, 3],
      [-40, 40],
    ] as const);
    this.#values[name] = Float32Array.from({ length: resolve(count(shape), this.#rows) }, () => this.#chance.between(low, high));
    this.#pool.push(value);
  }

  /** Of the latest values rather than of old ones. */
  #pick = () => (this.#chance.happens(0.6) ? this.#chance.pick(this.#pool.slice(-4)) : this.#chance.pick(this.#pool));

  #add = (value: GraphValue) => {
    if (this.#size(value.shape) <= 2 * LARGEST) this.#pool.push(value);
  };

  #apply(op: OpSpec, inputs: readonly GraphValue[]): void {
    const alpha: Attributes = 'alpha' in op.attributes ? { alpha: this.#chance.pick([0.25, 1, 2]) } : {};
    this.#add(this.#graph.apply(op, inputs, alpha)[0]);
  }

  #grow(): void {
    const x = this.#pick();
    const kinds = [
      ...[() => this.#apply(this.#chance.pick(UNARY), [x]), () => this.#combine(this.#chance.pick(COMMON), x)],
      ...[() => this.#combine(this.#chance.pick(COMMON), x), () => this.#combine(this.#chance.pick(COMMON), x)],
      ...[() => this.#combine(this.#chance.pick(BINARY), x), () => this.#gradient(x), () => this.#number(x)],
      ...[() => this.#scale(x), () => this.#move(x), () => this.#reduce(x), () => this.#effect(), () => this.#effect()],
      ...[() => this.#total(x), () => this.#total(x)],
    ];
    this.#chance.pick(kinds)();
  }

  #combine(op: OpSpec, x: GraphValue): void {
    const partners = this.#pool.filter((y) => broadcasts(x.shape, y.shape) && this.#size(broadcastShapes(x.shape, y.shape, '')) <= LARGEST);
    const y = this.#chance.pick(partners);
    const operands = this.#chance.happens(0.5) ? [x, y] : [y, x];
    if (op.name !== 'power' || this.#size(x.shape) < 500) this.#apply(op, operands);
  }

  #gradient(x: GraphValue): void {
    const alike = this.#pool.filter((y) => sameShape(x.shape, y.shape));
    if (this.#chance.happens(0.6)) this.#apply(this.#chance.pick(GRADIENTS), [this.#repeated(x), this.#chance.pick(alike)]);
    else this.#apply(this.#chance.pick(PARTIALS), [this.#repeated(x), x, this.#chance.pick(alike)]);
  }

  /** x, or a number repeated to its shape. */
  #repeated(x: GraphValue): GraphValue {
    if (this.#chance.happens(0.7)) return x;
    const number = this.#chance.happens(0.5)
      ? this.#pool.find(({ shape }) => count(shape) === 1 && shape.length <= x.shape.length)
      : undefined;
    return f.broadcast(number ?? x.graph.constant(0.75), x.shape);
  }

  #number(x: GraphValue): void {
    const number = this.#chance.pick([0.9, -1, 3, 1e-8]);
    const combine = this.#chance.pick([f.add, f.divide, f.maximum, f.subtract]);
    this.#add(this.#chance.happens(0.5) ? combine(x, number) : combine(number, x));
  }

  #scale(x: GraphValue): void {
    const sizes = [1, 7, ...(this.#shape.some((size) => size < 0) ? [BATCH, 3 * BATCH] : [])];
    this.#add(x.graph.apply('scale', [x], { factor: this.#chance.pick([0.1, -2, 1 / 3]), count: this.#chance.pick(sizes) })[0]);
  }

  #move(x: GraphValue): void {
    const choices = [() => f.reshape(x, [count(x.shape)]), () => f.reshape(x, [...x.shape, 1]), () => f.transpose(x)];
    if (x.shape.length < 5) this.#add(this.#chance.pick(choices)());
  }

  #reduce(x: GraphValue): void {
    const axes = x.shape.flatMap((_, axis) => (this.#chance.happens(0.6) ? [axis] : []));
    if (axes.length > 0) this.#add(this.#chance.happens(0.5) ? f.sum(x, axes) : f.mean(x, axes));
  }

  /** Sums along the rows, or one of all elements: one of them is a result. */
  #total(x: GraphValue): void {
    const axes = x.shape.map((_, axis) => axis).slice(this.#chance.happens(0.5) ? 0 : this.#chance.below(x.shape.length + 1));
    if (axes.length === 0) return;
    const total = f.sum(x, axes);
    this.#add(this.#chance.happens(0.5) ? total : f.multiply(total, 0.1));
    this.#graph.outputs.set('total', total);
  }

  /** A parameter becomes another value of its shape, or takes one up. */
  #effect(): void {
    const parameter = this.#chance.pick([...this.#graph.parameters.values(), undefined]);
    const values = this.#pool.filter((value) => parameter && sameShape(value.shape, parameter.shape));
    if (!parameter || values.length === 0) return;
    const value = this.#chance.pick(values.slice(-3));
    if (this.#chance.happens(0.7)) this.#graph.apply('assign', [parameter, value]);
    else this.#graph.apply('accumulate', [parameter, value], { weight: this.#chance.pick([1, 3, BATCH]) });
  }
}

/** Whether two shapes broadcast as a kernel does, to a shape of which at most one size depends on the batch. */
function broadcasts(x: Shape, y: Shape): boolean {
  try {
    const shape = broadcastShapes(x, y, 'broadcasts');
    return shape.filter((size) => size < 0).length <= 1 && broadcastLevels(x, y, shape).length <= BROADCAST_LEVELS;
  } catch {
    return false;
  }
}
