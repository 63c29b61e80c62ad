/** Options as tables: one declaration of what an option is checked by and what it is where it is not given. */
import { OptionError } from 'chainrule';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { initializerOr } from '../../src/initializers.ts';
import {
  flag,
  integer,
  number,
  type Option,
  oneOf,
  optional,
  readOptions,
  required,
  storableOptions,
  type TableOf,
  withDefault,
} from '../../src/options/table.ts';
import { type Case, expectRefused, titled } from '../support/refused.ts';

interface Options {
  readonly period: number;
  readonly factor?: number;
  readonly per?: 'epoch' | 'step';
  readonly restarts?: boolean;
}

const TABLE = {
  period: required(integer()),
  factor: withDefault(number(0, 1), 0.5),
  per: optional(oneOf(['epoch', 'step'])),
  restarts: withDefault(flag, false),
} satisfies TableOf<Options>;

describe('options read by a table', () => {
  it('have their defaults where they are not given, undefined being nothing', () => {
    const read = readOptions('decay', TABLE, { period: 3, factor: undefined });
    expect(read).toEqual({ period: 3, factor: 0.5, per: undefined, restarts: false });
    expectTypeOf(read).toEqualTypeOf<{
      readonly period: number;
      readonly factor: number;
      readonly per: 'epoch' | 'step' | undefined;
      readonly restarts: boolean;
    }>();
  });

  it('are what they were given, falsy values too', () =>
    expect(readOptions('decay', TABLE, { period: 1, factor: 0, per: 'step', restarts: false })).toMatchObject({ factor: 0, per: 'step' }));

  const BAD: readonly Case<unknown>[] = [
    ['no object', 7, OptionError, 'decay: expected an object of options, got 7'],
    ['an unknown key', { period: 1, rate: 2 }, OptionError, "decay: unknown option 'rate'; expected one of period, factor, per, restarts"],
    ['a required one missing', {}, OptionError, 'decay.period: expected an integer of at least 1, got undefined'],
    ['a value out of range', { period: 1, factor: 2 }, OptionError, 'decay.factor: expected a number from 0 to 1, got 2'],
    ['null for a default', { period: 1, factor: null }, OptionError, 'decay.factor', 'got null'],
    ['null for an optional one', { period: 1, per: null }, OptionError, 'decay.per', 'got null'],
  ];
  it.each(titled(BAD))('refuses %s', (_, test) => expectRefused(() => readOptions('decay', TABLE, test[1]), test));

  it('calls an option what it is told to', () => expect(() => readOptions('decay', TABLE, {}, (name) => name)).toThrow('period: expected'));

  it('are stored but for values that no file can hold', () => {
    const table = { initializer: initializerOr('zeros'), bias: withDefault(flag, true) };
    expect(storableOptions(table, { initializer: 'ones', bias: false })).toEqual({ initializer: 'ones', bias: false });
    expect(storableOptions(table, { initializer: [[1]], bias: undefined })).toEqual({});
  });
});

describe('a table, held against its interface by the compiler', () => {
  it('has each of its options, and requires what the interface does', () => {
    expectTypeOf(TABLE).toExtend<TableOf<Options>>();
    expectTypeOf<Omit<typeof TABLE, 'per'>>().not.toExtend<TableOf<Options>>();
    expectTypeOf<Omit<typeof TABLE, 'period'> & { period: Option<number, 'default'> }>().not.toExtend<TableOf<Options>>();
    expectTypeOf<Omit<typeof TABLE, 'factor'> & { factor: Option<number, 'required'> }>().not.toExtend<TableOf<Options>>();
  });
});
