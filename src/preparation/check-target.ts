/** Which columns may be targets. */
import { OptionError } from '../errors.ts';
import type { PreparedColumn } from './column.ts';

/** Throws OptionError for an encoding that gives neither class indices nor a number that can be turned back. */
export function checkTarget(where: string, column: PreparedColumn): PreparedColumn {
  const [{ encoding, imputation }] = column.parts;
  const { encoder, config } = encoding;
  if (column.length !== undefined)
    throw new OptionError(
      `${where}: expected a single value a row, got lists of ${column.length} numbers; targets that are lists need no encoding: leave y out`,
    );
  if (imputation) throw new OptionError(`${where}: expected targets without gaps, got impute()`);
  if (encoder.width === 1 && (encoder.labels || encoder.decode)) return column;
  throw new OptionError(`${where}: expected classes(), or an encoding of numbers that is undone in predictions, got ${config.type}`);
}
