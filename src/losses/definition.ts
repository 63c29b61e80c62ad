/** The definition of a loss that chainrule has: its type, its options, and how they make a loss. */
import { integer, type OptionsRead, type OptionTable, optional, readOptions, storableOptions } from '../options/table.ts';
import { defineLoss, type Loss, type LossBody, type LossDefinition } from './loss.ts';

export interface BuiltInLoss {
  /** Its name in configs. */
  readonly type: string;
  readonly options: OptionTable;
  /** Throws OptionError for an unknown or impossible option. */
  make(options: Readonly<Record<string, unknown>>): Loss;
}

/** Losses of classes take it. */
const IGNORING = { ignore: optional(integer(Number.MIN_SAFE_INTEGER)) };

/** The definition of a loss whose function is made of its options. A loss of classes has the option `ignore` besides. */
export function builtIn<const T extends OptionTable>(
  type: string,
  table: T,
  definition: LossDefinition,
  body: (options: OptionsRead<T>) => LossBody,
): BuiltInLoss {
  const options: OptionTable = definition.targets.includes('classes') ? { ...table, ...IGNORING } : table;
  return {
    type,
    options,
    make: (given) => {
      const { ignore, ...read } = readOptions('loss', options, given) as OptionsRead<T> & OptionsRead<typeof IGNORING>;
      return defineLoss({ type, ...storableOptions(options, given) }, body(read as OptionsRead<T>), { ...definition, ignore });
    },
  };
}
