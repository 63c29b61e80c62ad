/**
 * Random graphs that stay tame: of every value a bound of its magnitude is known, and what would grow is scaled or squashed, so that
 * float32 and float64 can be compared. Nothing sits on a kink but by exact equality, which rounding does not disturb.
 */
import { differentiateGraph } from '../../src/graph/autodiff.ts';
import { GraphExpressions } from '../../src/graph/expressions.ts';
import * as f from '../../src/graph/functions.ts';
import { Graph, type GraphValue } from '../../src/graph/graph.ts';
import { clipGradients } from '../../src/model/graphs.ts';
import { ACTIVATIONS } from '../../src/ops/functions.ts';
import { BATCH, broadcastShapes, count, multiplySizes, resolve } from '../../src/ops/shape.ts';
import type { Dim, Shape } from '../../src/ops/spec.ts';
import { nadam } from '../../src/optimizers/adam-family.ts';
import { adadelta, adagrad } from '../../src/optimizers/adaptive.ts';
import { addAverages } from '../../src/optimizers/average.ts';
import { defineOptimizer } from '../../src/optimizers/define.ts';
import { sgd } from '../../src/optimizers/sgd.ts';
import { addUpdate } from '../../src/optimizers/update.ts';
import { Chance } from '../support/randomness.ts';
import { imageLayer, isImage, isSequence, type Material, newImage, newSequence, sequenceLayer } from './random-layers.ts';

export interface RandomGraph {
  readonly graph: Graph;
  readonly values: Record<string, Float32Array>;
  readonly rows: number;
  readonly maximumRows: number;
}

const SIZES = [1, 2, 3, 4, 5, 7, 8, 17];
const LARGEST = 400;
const BOUND = 4;
/** Activations of an element whose slope jumps, and all others. */
const KINKED: readonly f.ActivationName[] = ['relu', 'leakyRelu', 'hardSwish', 'hardSigmoid'];
const SMOOTH = ACTIVATIONS.map(({ name }) => name as f.ActivationName).filter((name) => name !== 'identity' && !KINKED.includes(name));

/** Builds one graph; the same seed gives the same graph and values. */
export function randomGraph(seed: number): RandomGraph {
  return new Builder(seed).build();
}

class Builder {
  readonly #chance: Chance;
  readonly #graph = new Graph({ training: true });
  readonly #m = new GraphExpressions(this.#graph);
  readonly #pool: GraphValue[] = [];
  readonly #bounds = new Map<GraphValue, number>();
  readonly #values: Record<string, Float32Array> = {};
  readonly #rows: number;
  readonly #maximumRows: number;
  readonly #material: Material;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#material = {
      chance: this.#chance,
      source: (shape) => this.#source(shape),
      integers: (shape, limit) => this.#integers(shape, limit),
    };
    this.#maximumRows = this.#chance.pick([1, 2, 5, 8]);
    this.#rows = 1 + this.#chance.below(this.#maximumRows);
  }

  build(): RandomGraph {
    const graph = this.#graph;
    const sources = this.#sources();
    const operations = 3 + this.#chance.below(14);
    for (let i = 0; i < operations; i++) this.#grow();
    const loss = this.#loss();
    graph.outputs.set('loss', loss);
    graph.outputs.set('last', this.#pool[this.#pool.length - 1]);
    const inputs = sources.filter(([, value]) => value.source?.kind === 'input');
    differentiateGraph(
      loss,
      inputs.map(([, value]) => value),
    ).forEach((delta, i) => {
      graph.outputs.set(`delta ${inputs[i][0]}`, delta);
    });
    this.#train(loss);
    return { graph, values: this.#values, rows: this.#rows, maximumRows: this.#maximumRows };
  }

  #sources(): (readonly [string, GraphValue])[] {
    const { input, parameter } = { input: 1 + this.#chance.below(3), parameter: 1 + this.#chance.below(3) };
    const names = [...Array.from({ length: input }, (_, i) => `x${i}`), ...Array.from({ length: parameter }, (_, i) => `p${i}`)];
    return names.map((name, i) => {
      const shape = this.#shape(i < input ? 0.7 : 0);
      const value = i < input ? this.#graph.input(name, shape) : this.#graph.parameter(name, shape);
      this.#fillSource(name, value, -1.5, 1.5);
      this.#add(value, 1.5);
      return [name, value] as const;
    });
  }

  #fillSource(name: string, { shape }: GraphValue, low: number, high: number): void {
    this.#values[name] = Float32Array.from({ length: resolve(count(shape), this.#rows) }, () => this.#chance.between(low, high));
  }

  #shape(batched: number): Shape {
    const rank = this.#chance.pick([0, 1, 2, 2, 3]);
    const shape: Dim[] = Array.from({ length: rank }, () => this.#chance.pick(SIZES));
    if (rank > 0 && this.#chance.happens(batched)) shape[0] = BATCH;
    return this.#size(shape) > LARGEST ? [3, 5] : shape;
  }

  #size = (shape: Shape) => resolve(count(shape), this.#maximumRows);

  /** A value that does not grow beyond the bound joins those that later operations draw from. */
  #add(value: GraphValue, bound: number): void {
    if (this.#size(value.shape) > 4 * LARGEST) return;
    if (bound > BOUND) {
      this.#add(this.#chance.happens(0.5) ? f.tanh(f.multiply(value, BOUND / bound)) : f.multiply(value, BOUND / bound), BOUND);
      return;
    }
    this.#pool.push(value);
    this.#bounds.set(value, bound);
  }

  #pick = () => (this.#chance.happens(0.4) ? this.#pool[this.#pool.length - 1] : this.#chance.pick(this.#pool));
  #bound = (value: GraphValue) => this.#bounds.get(value) as number;

  #grow(): void {
    const x = this.#pick();
    const kinds = [
      this.#unary,
      this.#unary,
      this.#binary,
      this.#binary,
      this.#product,
      this.#reduce,
      this.#move,
      this.#move,
      this.#rowwise,
      this.#image,
      this.#sequence,
    ];
    this.#chance.pick(kinds).call(this, x);
  }

  #unary(x: GraphValue): void {
    const bound = this.#bound(x);
    const positive = () => f.add(f.square(x), 0.5);
    const choices: (() => [GraphValue, number])[] = [
      () => [f.activate(x, this.#chance.pick(SMOOTH)), 2 * bound + 1],
      () => [f.activate(x, this.#chance.pick(SMOOTH)), 2 * bound + 1],
      () => [f.activate(x, this.#chance.pick(KINKED)), bound + 1],
      () => [f.square(x), bound * bound],
      () => [f.abs(x), bound],
      () => [f.negate(x), bound],
      () => [f.exp(f.multiply(x, 0.25)), Math.exp(bound / 4)],
      () => [f.log(positive()), Math.log(bound * bound + 0.5) + 1],
      () => [f.sqrt(positive()), bound + 1],
      () => [f.power(positive(), this.#chance.pick([0.5, 1.5, -1])), (bound * bound + 1) ** 1.5 + 2],
      () => [f.divide(x, positive()), 2 * bound],
      () => [f.clamp(x, this.#chance.pick([0.5, 1])), 1],
      () => [f.multiply(x, this.#chance.pick([-1, 0.3, 1, 2])), 2 * bound],
      () => [f.add(x, this.#chance.pick([0, 1, -0.7])), bound + 1],
      () => [f.subtract(this.#chance.pick([0, 1]), x), bound + 1],
      () => [f.multiply(x, x.graph.constant(this.#chance.pick([0, 1]))), bound],
      () => [f.divide(x, this.#chance.pick([1, 2])), bound],
    ];
    this.#add(...this.#chance.pick(choices)());
  }

  /** With any value that broadcasts, or else with a fresh view of x itself. */
  #binary(x: GraphValue): void {
    const partners = this.#pool.filter((y) => broadcasts(x.shape, y.shape));
    const y = this.#chance.pick(partners);
    const [a, b] = [this.#bound(x), this.#bound(y)];
    const choices: (() => [GraphValue, number])[] = [
      () => [f.add(x, y), a + b],
      () => [f.subtract(x, y), a + b],
      () => [f.multiply(x, y), a * b],
      () => [f.maximum(x, y), Math.max(a, b)],
      () => [f.minimum(x, y), Math.max(a, b)],
      () => [f.divide(x, f.add(f.square(y), 1)), a],
    ];
    this.#add(...this.#chance.pick(choices)());
  }

  /** x or its transpose times a new parameter or another value, maybe with a bias and an activation, as layers are. */
  #product(x: GraphValue): void {
    if (x.shape.length < 2) return;
    const transposeA = this.#chance.happens(0.2);
    const k = x.shape[x.shape.length - (transposeA ? 2 : 1)];
    if (k < 0) return;
    const n = this.#chance.pick(SIZES);
    const transposeB = this.#chance.happens(0.5);
    const name = `w${this.#graph.parameters.size}`;
    const w = this.#graph.parameter(name, transposeB ? [n, k] : [k, n]);
    this.#fillSource(name, w, -1 / k, 1 / k);
    const product = f.matmul(x, w, { transposeA, transposeB });
    const bound = this.#bound(x);
    if (this.#chance.happens(0.3)) {
      this.#add(this.#chance.happens(0.5) ? product : f.activate(product, this.#chance.pick(['tanh', 'relu', 'sigmoid'])), bound + 1);
      return;
    }
    const biasName = `b${this.#graph.parameters.size}`;
    const bias = this.#graph.parameter(biasName, [n]);
    this.#fillSource(biasName, bias, -0.5, 0.5);
    const z = f.add(product, bias);
    const bare = this.#chance.happens(0.3);
    this.#add(bare ? z : f.activate(z, this.#chance.pick([...SMOOTH, 'relu' as const])), 2 * bound + 2);
  }

  #reduce(x: GraphValue): void {
    const axes = x.shape.flatMap((_, axis) => (this.#chance.happens(0.5) ? [axis] : []));
    if (axes.length > 0) this.#add(f.mean(x, axes), this.#bound(x));
  }

  #move(x: GraphValue): void {
    const { shape } = x;
    const axis = this.#chance.below(Math.max(1, shape.length));
    const bound = this.#bound(x);
    const sliceable = shape[axis] > 1;
    const start = sliceable ? this.#chance.below(shape[axis] - 1) : 0;
    const choices: (() => GraphValue)[] = [() => f.transpose(x), () => f.reshape(x, [...shape, 1])];
    if (sliceable) choices.push(() => f.slice(x, axis, start, start + 1 + this.#chance.below(shape[axis] - start)));
    if (shape[axis] > 0) choices.push(() => f.concatenate([x, x, f.negate(x)].slice(this.#chance.below(2)), axis));
    if (shape.length > 1) choices.push(() => f.reshape(x, [multiplySizes(shape[0], shape[1]), ...shape.slice(2)]));
    if (shape[0] > 0 || shape.length === 0) choices.push(() => f.broadcast(x, [this.#chance.pick([2, 3]), ...shape]));
    const value = this.#chance.pick(choices)();
    if (value.shape.length <= 4) this.#add(value, bound);
  }

  #rowwise(x: GraphValue): void {
    if (x.shape.length === 0 || x.shape[x.shape.length - 1] < 0) return;
    if (this.#chance.happens(0.5)) this.#add(f.softmax(x), 1);
    else this.#add(f.logSoftmax(x), 2 * this.#bound(x) + 3);
  }

  /** A layer of images on x, or else on the latest image or a new one. */
  #image(x: GraphValue): void {
    const latest = isImage(x) ? x : this.#chance.happens(0.7) ? this.#pool.findLast(isImage) : undefined;
    const image = latest ?? newImage(this.#material);
    this.#add(...imageLayer(image, latest ? this.#bound(latest) : 1, this.#material));
    this.#fillLayers();
  }

  #sequence(x: GraphValue): void {
    const latest = isSequence(x) ? x : this.#chance.happens(0.7) ? this.#pool.findLast(isSequence) : undefined;
    this.#add(...sequenceLayer(latest ?? newSequence(this.#material), this.#material));
    this.#fillLayers();
  }

  /** Layers make parameters of their own. */
  #fillLayers(): void {
    for (const [name, value] of this.#graph.parameters) if (!this.#values[name]) this.#fillSource(name, value, -0.5, 0.5);
  }

  #source(shape: Shape): GraphValue {
    const name = `s${this.#graph.inputs.size}.${this.#graph.parameters.size}`;
    const value = shape[0] < 0 ? this.#graph.input(name, shape) : this.#graph.parameter(name, shape);
    this.#fillSource(name, value, -1, 1);
    return value;
  }

  #integers(shape: Shape, limit: number): GraphValue {
    const name = `i${this.#graph.inputs.size}`;
    const value = this.#graph.input(name, shape);
    this.#values[name] = Float32Array.from({ length: resolve(count(shape), this.#rows) }, () => this.#chance.below(limit));
    return value;
  }

  /** A loss of classification where some value looks like logits, and the mean square of the last values besides. */
  #loss(): GraphValue {
    const last = this.#pool.slice(-3);
    let loss = last.map((value) => f.mean(f.square(value))).reduce((a, b) => f.add(a, b));
    const logits = this.#pool.findLast(({ shape }) => shape.length === 2 && shape[1] > 1);
    if (logits && this.#chance.happens(0.7)) loss = f.add(loss, this.#crossEntropy(logits));
    const predicted = this.#chance.pick(this.#pool);
    const kind = this.#chance.pick(['squaredError', 'huberError', 'logisticError']);
    const target = this.#graph.input('target', predicted.shape);
    this.#fillSource('target', target, 0.1, 0.9);
    return f.add(loss, f.mean(this.#m.apply(kind, [predicted, target], kind === 'huberError' ? { alpha: 0.5 } : {})));
  }

  #crossEntropy(logits: GraphValue): GraphValue {
    const [rows, classes] = logits.shape;
    const sparse = this.#chance.happens(0.5);
    const labels = this.#graph.input('labels', sparse ? [rows] : logits.shape);
    const size = resolve(count(labels.shape), this.#rows);
    this.#values.labels = Float32Array.from({ length: size }, () =>
      sparse ? this.#chance.below(classes) : this.#chance.between(0, 1 / classes),
    );
    return this.#m.scale(f.sum(this.#m.apply('softmaxCrossEntropy', [logits, labels], { sparse })), 1, rows);
  }

  /** Gradients of all parameters, clipped or not, and an optimiser's step now and then. */
  #train(loss: GraphValue): void {
    const parameters = [...this.#graph.parameters];
    const deltas = differentiateGraph(
      loss,
      parameters.map(([, value]) => value),
    );
    const clip = this.#chance.pick([undefined, undefined, { norm: 0.5 }, { value: 0.25 }]);
    const gradients = clip ? clipGradients(deltas, clip) : deltas;
    parameters.forEach(([name], i) => {
      this.#graph.gradients.set(name, gradients[i]);
    });
    if (this.#chance.happens(0.5)) return;
    const optimizer = this.#chance.pick(OPTIMIZERS);
    parameters.forEach(([name, parameter], i) => {
      addUpdate(this.#graph, name, parameter, gradients[i], optimizer);
    });
    if (this.#chance.happens(0.2)) addAverages(this.#graph, this.#graph.parameters, 0.5);
  }
}

/** An update that keeps the parameter as it was: by operations that cancel out, so that the compiler may find the parameter itself. */
const remembering = defineOptimizer({ type: 'remembering', learningRate: 0.1 }, (scope, parameter, gradient, rate) => {
  scope.assign(scope.state('last', 0.25), f.negate(f.negate(parameter)));
  const moved = f.multiply(f.subtract(parameter, scope.state('last')), 0.5);
  return f.subtract(parameter, f.multiply(f.add(gradient, moved), rate));
});

const OPTIMIZERS = [
  sgd({ learningRate: 0.1 }),
  sgd({ learningRate: 0.1, momentum: 0.9 }),
  adagrad({ learningRate: 0.1, epsilon: 0.1 }),
  adadelta({ learningRate: 0.1, epsilon: 0.1 }),
  nadam({ learningRate: 0.1, epsilon: 0.1 }),
  remembering,
];

/** Whether two shapes broadcast, to a shape of which at most one size depends on the batch. */
function broadcasts(x: Shape, y: Shape): boolean {
  try {
    return broadcastShapes(x, y, 'broadcasts').filter((size) => size < 0).length <= 1;
  } catch {
    return false;
  }
}
