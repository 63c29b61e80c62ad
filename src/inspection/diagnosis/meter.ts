/** Measurements as nodes of a graph. Only single numbers are read from them. */
import type { StrayIndex } from '../../errors.ts';
import { elementsOver, GraphExpressions } from '../../graph/expressions.ts';
import { abs, divide, maximum, multiply, sqrt, square, subtract, sum } from '../../graph/functions.ts';
import type { Graph, GraphValue } from '../../graph/graph.ts';
import { NUMBERS } from '../../ops/elementwise.ts';
import { type ActivationFunction, SMALLEST_NORMAL } from '../../ops/functions.ts';
import { count, resolve } from '../../ops/shape.ts';
import type { Magnitude } from '../../training/diagnosis-report.ts';

/** The measurements of a program. */
export interface Results {
  /** The rows of the mini-batch. */
  readonly rows: number;
  /** A number of the program's outputs. */
  scalar(name: string): number;
  /**
   * If the first result that is not finite was looked up by an index out of range: that index.
   */
  strayIndex(): StrayIndex | undefined;
}

/** The outputs to be read once the program has run. */
export type Reading<T> = (results: Results) => T;

/** An activation where a layer applies it: y = f(z). */
export interface Activated {
  readonly z: GraphValue;
  readonly y: GraphValue;
  readonly f: ActivationFunction;
  readonly alpha: number;
  /** The axis of y that tells units apart. */
  readonly unitAxis: number;
}

/** A unit counts as saturated below this share of its slope at 0: of tanh beyond ±0.97, where Karpathy (CS231n) draws the line. */
export const SATURATED_SLOPE = 0.06;

export class Meter {
  #count = 0;

  constructor(readonly graph: Graph) {}

  number(value: GraphValue): Reading<number> {
    const name = `measured ${this.#count++}`;
    this.graph.outputs.set(name, value);
    return ({ scalar }) => scalar(name);
  }

  /** Several tensors count as one. */
  magnitude(values: readonly GraphValue[]): Reading<Magnitude> {
    const parts = values.map((value) => ({ rms: this.number(rootMeanSquare(value)), size: count(value.shape) }));
    return (results) => {
      const sizes = parts.map(({ size }) => resolve(size, results.rows));
      const norm = Math.hypot(...parts.map(({ rms }, i) => rms(results) * Math.sqrt(sizes[i])));
      return { norm, rms: norm / Math.sqrt(total(sizes)) };
    };
  }

  /** The share of outputs with a slope that is nearly 0. */
  saturation(uses: readonly Activated[]): Reading<number> {
    const parts = uses.map((use) => {
      const { f, alpha } = use;
      const steepest = Number(f.derivative(NUMBERS, { x: 0, y: f.value(0, alpha), alpha }));
      const flat = new GraphExpressions(this.graph).step(subtract(SATURATED_SLOPE * steepest, slope(use)));
      return { flat: this.number(sum(flat)), size: count(use.y.shape) };
    });
    return (results) => total(parts.map(({ flat }) => flat(results))) / total(parts.map(({ size }) => resolve(size, results.rows)));
  }

  /** The share of elements that are below 0 or above 1. */
  outside(value: GraphValue): Reading<number> {
    const m = new GraphExpressions(this.graph);
    const times = this.number(sum(m.add(m.step(subtract(0, value)), m.step(subtract(value, 1)))));
    return (results) => times(results) / resolve(count(value.shape), results.rows);
  }

  /** The share of units whose slope is 0 wherever they are used. Units that are as many are the same ones. */
  deadUnits(uses: readonly Activated[]): Reading<number> {
    const m = new GraphExpressions(this.graph);
    const alive = new Map<number, GraphValue>();
    for (const use of uses) {
      const { shape } = use.y;
      const times = sum(
        m.step(slope(use)),
        shape.flatMap((_, axis) => (axis === use.unitAxis ? [] : [axis])),
      );
      const before = alive.get(shape[use.unitAxis]);
      alive.set(shape[use.unitAxis], before ? m.add(before, times) : times);
    }
    const counts = [...alive].map(([units, times]) => ({ units, alive: this.number(sum(m.step(times))) }));
    return (results) => {
      const units = total(counts.map((one) => one.units));
      return (units - total(counts.map((one) => one.alive(results)))) / units;
    };
  }
}

/**
 * √(mean of x²). Everything is divided by the mean of |x| first, so that squares neither overflow nor vanish: finite exactly where all of x
 * is, in float32 too.
 */
export function rootMeanSquare(x: GraphValue): GraphValue {
  const m = new GraphExpressions(x.graph);
  const mean = (value: GraphValue) => sum(m.scale(value, 1, elementsOver(x)));
  const size = maximum(mean(abs(x)), SMALLEST_NORMAL);
  return multiply(size, sqrt(mean(square(divide(x, size)))));
}

/** |f′|. */
function slope({ z, y, f, alpha }: Activated): GraphValue {
  return abs(f.derivative<GraphValue>(new GraphExpressions(y.graph), { x: z, y, alpha }) as GraphValue);
}

const total = (values: readonly number[]) => values.reduce((sumSoFar, value) => sumSoFar + value, 0);
