/** A preparation from JSON. */
import { ChainruleError, FormatError, OptionError } from '../errors.ts';
import { checkKeys, checkMakers, describe } from '../options.ts';
import { checkTarget } from './check-target.ts';
import { columnFrom, type PreparedColumn } from './column.ts';
import { type AnyEncodingMaker, type EncodingMakers, encodingFrom } from './encoding.ts';
import { ENCODINGS } from './index.ts';
import { type OneOrNamed, Preparation } from './preparation.ts';

const OWN: ReadonlyMap<unknown, AnyEncodingMaker> = new Map(ENCODINGS.map((make) => [make.definition.type, make]));

/** Throws OptionError for a maker that `defineEncoding` did not make, or of a type that chainrule has. */
function checkEncodingMakers(where: string, makers: unknown): EncodingMakers {
  const checked = checkMakers<EncodingMakers>(where, 'encoding', makers, [...OWN.keys()] as string[]);
  for (const [type, make] of Object.entries(checked))
    if (make.definition?.type !== type)
      throw new OptionError(`${where}.${type}: expected what defineEncoding makes for this type, got ${describe(make.definition?.type)}`);
  return checked;
}

/**
 * A preparation from what its `toJSON` gave.
 *
 * @param makers Makers of a user's own encodings, by type.
 * @throws FormatError for anything else.
 */
export function preparationFrom(config: unknown, makers: EncodingMakers = {}): Preparation {
  const find = (type: unknown) =>
    (OWN.get(type) ?? (typeof type === 'string' && Object.hasOwn(makers, type) ? makers[type] : undefined))?.definition;
  const column = (where: string, value: unknown) => columnFrom(where, value, (at, encoding) => encodingFrom(at, encoding, find));
  try {
    return new Preparation(partsFrom('preparation', config, column));
  } catch (error) {
    if (!(error instanceof ChainruleError) || error instanceof FormatError) throw error;
    throw new FormatError(error.message, { cause: error });
  }
}

type ReadColumn = (where: string, value: unknown) => PreparedColumn;

function partsFrom(where: string, config: unknown, column: ReadColumn) {
  checkKeys(where, config, ['input', 'inputs', 'output', 'outputs']);
  const { input, inputs, output, outputs } = config as Record<string, unknown>;
  const columns = (at: string, value: unknown) => {
    if (!Array.isArray(value) || value.length === 0) throw new FormatError(`${at}: expected a list of columns, got ${describe(value)}`);
    return Array.from(value, (one, i) => column(`${at}[${i}]`, one));
  };
  const target = (at: string, value: unknown) => checkTarget(at, column(at, value));
  const read = oneOrNamed(where, { input, inputs }, columns);
  if (!read) throw new FormatError(`${where}: expected input or inputs, got neither`);
  return { inputs: read, outputs: oneOrNamed(where, { output, outputs }, target) };
}

/** One or several under two names, of which there is at most one. */
function oneOrNamed<T>(
  where: string,
  values: Readonly<Record<string, unknown>>,
  read: (where: string, value: unknown) => T,
): OneOrNamed<T> | undefined {
  const [[singular, one], [plural, several]] = Object.entries(values);
  if (one !== undefined && several !== undefined) throw new FormatError(`${where}: expected ${singular} or ${plural}, got both`);
  if (one !== undefined) return { one: read(`${where}.${singular}`, one) };
  if (several === undefined) return undefined;
  if (typeof several !== 'object' || several === null || Array.isArray(several) || Object.keys(several).length === 0)
    throw new FormatError(`${where}.${plural}: expected one for each name, got ${describe(several)}`);
  return { named: new Map(Object.entries(several).map(([name, value]) => [name, read(`${where}.${plural}.${name}`, value)])) };
}

/** For model files. */
export const PREPARATION_READER = { checkMakers: checkEncodingMakers, read: preparationFrom };
