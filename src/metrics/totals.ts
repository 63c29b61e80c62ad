/** What the records of mini-batches come to: the sums of metrics, added in float64. */
import { type RecordPlace, startOf } from '../ops/batch.ts';
import { count, resolve } from '../ops/shape.ts';
import type { OutputResults } from './evaluation.ts';
import type { Metric, MetricResult, RowFacts } from './metric.ts';

/** Where the record of a mini-batch has a metric's values, and the sum of their weights where not every row weighs 1. */
export interface MetricPlaces {
  readonly values: ReadonlyMap<string, RecordPlace>;
  readonly weight: RecordPlace | undefined;
}

/** The sums of a metric over some mini-batches, as JSON can hold them. */
export interface MetricState {
  readonly rows: number;
  readonly weight: number;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

interface Values extends RecordPlace {
  readonly name: string;
  readonly size: number;
  /** The sums; of values that are joined nothing. */
  readonly sums: Float64Array;
  /** The values of mini-batches that are joined. */
  joined: number[];
}

/** A metric over the mini-batches of an epoch or an evaluation. Adding one makes no object: steps may be shorter than that takes. */
export class MetricTotals {
  readonly #values: readonly Values[];
  #rows = 0;
  #weight = 0;

  constructor(
    readonly metric: Metric,
    readonly facts: RowFacts,
    readonly places: MetricPlaces,
  ) {
    this.#values = [...places.values].map(([name, place]) => {
      const size = count(place.shape);
      return { ...place, name, size, sums: new Float64Array(metric.parts.joins ? 0 : size), joined: [] };
    });
  }

  /** How many numbers a log keeps of it; undefined where they are values that are joined. */
  get width(): number | undefined {
    return this.metric.parts.joins ? undefined : 2 + this.#values.reduce((total, { size }) => total + size, 0);
  }

  /** A mini-batch of so many rows, whose record begins at `from`. */
  add(records: Float64Array, from: number, rows: number): void {
    const { weight } = this.places;
    const n = rows * this.facts.perSample;
    this.#rows += n;
    this.#weight += weight === undefined ? n : records[from + startOf(weight, rows)];
    for (let i = 0; i < this.#values.length; i++) {
      const { size, sums, joined } = this.#values[i];
      const start = from + startOf(this.#values[i], rows);
      if (this.metric.parts.joins) {
        const end = start + resolve(size, rows);
        for (let j = start; j < end; j++) joined.push(records[j]);
      } else for (let j = 0; j < size; j++) sums[j] += records[start + j];
    }
  }

  get result(): MetricResult {
    const sums = Object.fromEntries(this.#values.map((one) => [one.name, this.#given(one)]));
    return this.metric.result(sums, { weight: this.#weight, rows: this.#rows, targets: this.facts.targets });
  }

  /** Totals of the same, none yet. */
  another(): MetricTotals {
    return new MetricTotals(this.metric, this.facts, this.places);
  }

  /** Appends `width` numbers. */
  write(log: NumberLog): void {
    log.push(this.#rows);
    log.push(this.#weight);
    for (let i = 0; i < this.#values.length; i++) {
      const { sums } = this.#values[i];
      for (let j = 0; j < sums.length; j++) log.push(sums[j]);
    }
  }

  /** Takes back what was written from an index on. */
  read(log: NumberLog, from: number): void {
    this.#rows = log.at(from);
    this.#weight = log.at(from + 1);
    let at = from + 2;
    for (const { sums } of this.#values) for (let j = 0; j < sums.length; j++) sums[j] = log.at(at++);
  }

  #given({ shape, sums, joined }: Values): number | Float64Array {
    if (this.metric.parts.joins) return Float64Array.from(joined);
    return shape.length === 0 ? sums[0] : sums.slice();
  }

  clear(): void {
    this.#rows = this.#weight = 0;
    for (const one of this.#values) {
      one.sums.fill(0);
      if (one.joined.length) one.joined = [];
    }
  }

  get state(): MetricState {
    const values = this.#values.map(({ name, sums, joined }) => [name, this.metric.parts.joins ? [...joined] : [...sums]] as const);
    return { rows: this.#rows, weight: this.#weight, values: Object.fromEntries(values) };
  }

  /** Whether a state is one of this metric's. A file may hold any. */
  takes({ values }: MetricState): boolean {
    const names = Object.keys(values);
    return (
      names.length === this.#values.length &&
      this.#values.every(({ name, sums }) => values[name] && (this.metric.parts.joins || values[name].length === sums.length))
    );
  }

  restore({ rows, weight, values }: MetricState): void {
    this.#rows = rows;
    this.#weight = weight;
    for (const one of this.#values) {
      if (this.metric.parts.joins) one.joined = [...values[one.name]];
      else one.sums.set(values[one.name]);
    }
  }
}

/** A list that grows by a number at a time. */
export interface NumberLog {
  push(value: number): void;
  at(index: number): number;
}

/** The metrics of a head over the mini-batches of an epoch or an evaluation. */
export class HeadTotals {
  constructor(
    readonly name: string,
    /** Of right answers; undefined where none are counted. */
    readonly accuracy: MetricTotals | undefined,
    readonly metrics: readonly MetricTotals[],
  ) {}

  /** Accuracy, and what was asked for. */
  get all(): readonly MetricTotals[] {
    return this.accuracy ? [this.accuracy, ...this.metrics] : this.metrics;
  }

  add(records: Float64Array, from: number, rows: number): void {
    this.accuracy?.add(records, from, rows);
    for (let i = 0; i < this.metrics.length; i++) this.metrics[i].add(records, from, rows);
  }

  get results(): OutputResults {
    const metrics = this.metrics.map((one) => [one.metric.name, one.result] as const);
    return { accuracy: this.accuracy?.result as number | undefined, metrics: Object.fromEntries(metrics) };
  }

  /** How many numbers a log keeps of it; undefined where some values are joined. */
  get width(): number | undefined {
    const widths = this.all.map(({ width }) => width);
    return widths.includes(undefined) ? undefined : (widths as number[]).reduce((total, width) => total + width, 0);
  }

  /** Appends `width` numbers. */
  write(log: NumberLog): void {
    this.accuracy?.write(log);
    for (let i = 0; i < this.metrics.length; i++) this.metrics[i].write(log);
  }

  /** Takes back what was written as the nth of all that a log has. */
  read(log: NumberLog, n: number): void {
    let at = n * (this.width as number);
    for (const one of this.all) {
      one.read(log, at);
      at += one.width as number;
    }
  }

  /** Totals of the same, none yet. */
  another(): HeadTotals {
    return new HeadTotals(
      this.name,
      this.accuracy?.another(),
      this.metrics.map((one) => one.another()),
    );
  }

  clear(): void {
    this.accuracy?.clear();
    for (let i = 0; i < this.metrics.length; i++) this.metrics[i].clear();
  }

  get state(): readonly MetricState[] {
    return this.all.map(({ state }) => state);
  }

  takes(state: readonly MetricState[]): boolean {
    return state.length === this.all.length && this.all.every((one, i) => one.takes(state[i]));
  }

  restore(state: readonly MetricState[]): void {
    this.all.forEach((one, i) => {
      one.restore(state[i]);
    });
  }
}
