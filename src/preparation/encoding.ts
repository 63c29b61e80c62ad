/** An encoding: how the values of a column become numbers, and what it learns of the training data for that. */
import { DataError, FormatError, OptionError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import type { Check } from '../options/table.ts';
import { checkKeys, describe } from '../options.ts';
import type { Cell, CellOf, Takes } from './cells.ts';

/** Numbers that encodings write to. */
export type Encoded = Float32Array | Int32Array;

/** What looks at the training data, value by value. */
export interface Learner<Value, Learned = unknown> {
  /** @param times How often it came: many times at once where gaps are filled. */
  add(value: Value, times: number): void;
  /** Plain JSON, which a model file holds. Throws DataError where the values do not do. */
  learned(): Learned;
}

/** What makes numbers of a value, once everything is known. */
export interface Encoder<Value> {
  /** Numbers of a value. */
  readonly width: number;
  /** Writes them from place `at` on, where zeros are. Throws DataError for a value that it does not know. */
  encode(value: Value, to: Encoded, at: number): void;
  /** Of class indices: the labels that they stand for, in their order. */
  readonly labels?: readonly Cell[];
  /** The value that a number stands for, where an encoding of width 1 is undone in predictions. */
  decode?(number: number): number;
}

/** An encoding's facts, and how it works. */
export interface EncodingDefinition<T extends Takes = Takes, Options = unknown, Learned = unknown> {
  /** Its name in model files. */
  readonly type: string;
  readonly takes: T;
  /** 'taken': it is given null for a gap. Default 'refused': a gap that nothing fills is an error. */
  readonly gaps?: 'taken' | 'refused';
  /**
   * Of numbers, in a column of lists: whether what is learnt is that of all elements together. Default false: each element is a column of its
   * own.
   */
  overLists?(options: Options): boolean;
  /** Reads its options; default as they are. Throws OptionError. */
  readonly options?: Check<Options>;
  /** Reads what it learnt; default as it is. Throws OptionError: it may come from a file. */
  readonly learned?: Check<Learned>;
  /** Absent, or undefined for options with which there is nothing to learn. */
  learner?(options: Options): Learner<CellOf<T>, Learned> | undefined;
  /** @param learned Undefined where there was nothing to learn. */
  encoder(options: Options, learned: Learned): Encoder<CellOf<T>>;
}

/** As a model file holds it: options, and what was learnt. */
export interface EncodingConfig {
  readonly type: string;
  readonly learned?: unknown;
  readonly [option: string]: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: options and what is learnt are between a definition's own functions.
type AnyDefinition<T extends Takes> = EncodingDefinition<T, any, any>;

/** An encoding with its options, before it has learnt anything. */
export class Encoding<T extends Takes = Takes> {
  readonly #options: unknown;
  readonly #given: Readonly<Record<string, unknown>>;

  /** @internal Made by functions such as `standardize()`. Throws OptionError for an unknown or impossible option. */
  constructor(
    readonly definition: AnyDefinition<T>,
    given: object,
    where = definition.type,
  ) {
    const { options = (_: string, value: unknown) => value } = definition;
    this.#options = options(where, given);
    this.#given = plain(where, given) as Readonly<Record<string, unknown>>;
  }

  get type(): string {
    return this.definition.type;
  }

  /** Whether all elements of a list are encoded by the same figures. */
  get isOverLists(): boolean {
    return this.definition.overLists?.(this.#options) ?? false;
  }

  /** Undefined where there is nothing to learn. */
  learner(): Learner<CellOf<T>> | undefined {
    return this.definition.learner?.(this.#options);
  }

  /** Ready to encode. Throws OptionError for what it cannot have learnt. */
  fitted(where: string, learned?: unknown): FittedEncoding<T> {
    const { definition } = this;
    const known = learned === undefined ? undefined : plain(where, learned);
    const read = known === undefined || !definition.learned ? known : definition.learned(where, known);
    const encoder = atOnce(`the encoder of ${this.type}`, definition.encoder(this.#options, read));
    if (!Number.isSafeInteger(encoder?.width) || encoder.width < 1 || typeof encoder.encode !== 'function')
      throw new OptionError(`${where}: expected an encoder { width, encode } of ${this.type}, got ${describe(encoder)}`);
    return { encoding: this, encoder, config: { type: this.type, ...this.#given, ...(known === undefined ? {} : { learned: known }) } };
  }
}

export interface FittedEncoding<T extends Takes = Takes> {
  readonly encoding: Encoding<T>;
  readonly encoder: Encoder<CellOf<T>>;
  readonly config: EncodingConfig;
}

/** The value as a model file will give it back, so that nothing changes when it is saved. Throws OptionError for what JSON has no form for. */
function plain(where: string, value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text === undefined) throw new OptionError(`${where}: expected plain JSON, got ${describe(value)}`);
  return JSON.parse(text);
}

/** Makes an encoding of its options. */
export type EncodingMaker<T extends Takes = Takes, Options = object> = ((options?: Options) => Encoding<T>) & {
  readonly definition: AnyDefinition<T>;
};

// biome-ignore lint/suspicious/noExplicitAny: a maker takes the options of its definition.
export type AnyEncodingMaker = EncodingMaker<any, any>;

/** Makers of a user's own encodings, by type. */
export type EncodingMakers = Readonly<Record<string, AnyEncodingMaker>>;

/** The function that makes encodings of a definition. Throws OptionError where options have names that a model file needs. */
export function makerOf<T extends Takes, Options extends object>(definition: AnyDefinition<T>): EncodingMaker<T, Options> {
  const make = (given: object = {}) => {
    const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
    checkKeys(
      definition.type,
      given,
      names.filter((name) => name !== 'type' && name !== 'learned'),
    );
    return new Encoding(definition, given);
  };
  return Object.assign(make, { definition });
}

/** A fitted encoding from a model file. Throws FormatError or OptionError for what was not written there. */
export function encodingFrom(where: string, config: unknown, find: (type: unknown) => AnyDefinition<Takes> | undefined): FittedEncoding {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new FormatError(`${where}: expected an encoding { type, … }, got ${describe(config)}`);
  const { type, learned, ...options } = config as EncodingConfig;
  const definition = find(type);
  if (!definition) throw new FormatError(`${where}: expected the type of an encoding, got ${describe(type)}`);
  const encoding = new Encoding(definition, options, where);
  const learns = encoding.learner() !== undefined;
  if (learns !== (learned !== undefined))
    throw new FormatError(`${where}: expected ${learns ? 'what the encoding has learnt' : 'nothing learnt'}, got ${describe(learned)}`);
  return encoding.fitted(where, learned);
}

/** The error of a value, with its place before it. */
export const placed = (place: string, error: unknown): unknown =>
  error instanceof DataError ? new DataError(`${place}: ${error.message}`, { cause: error }) : error;
