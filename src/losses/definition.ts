/** The definition of a loss that chainrule has: its type, its options, and how they make a loss. */
import { integer, type OptionsRead, type OptionTable, optional, readOptions, storableOptions } from '../options/table.ts';
import { type Loss, type LossBody, type LossDefinition, makeLoss } from './loss.ts';

export interface BuiltInLoss {
  /** Its name in configs. */
  readonly type: string;
  readonly options: OptionTable;
  /** Throws OptionError for an unknown or impossible option. */
  make(options: Readonly<Record<string, unknown>>): Loss;
}

/** Losses of classes take it. */
const IGNORING = { ignore: optional(integer(Number.MIN_SAFE_INTEGER)) };

/**
 * The definition of a loss whose function, and facts where they depend on them, are made of its options. A loss of classes has the option
 * `ignore` besides.
 */
export function builtIn<const T extends OptionTable>(
  type: string,
  table: T,
  facts: LossDefinition | ((options: OptionsRead<T>) => LossDefinition),
  body: (options: OptionsRead<T>) => LossBody,
): BuiltInLoss {
  const takesClasses = typeof facts !== 'function' && facts.targets.includes('classes');
  const options: OptionTable = takesClasses ? { ...table, ...IGNORING } : table;
  return {
    type,
    options,
    make: (given) => {
      const { ignore, ...read } = readOptions('loss', options, given) as OptionsRead<T> & OptionsRead<typeof IGNORING>;
      const own = read as OptionsRead<T>;
      const definition = typeof facts === 'function' ? facts(own) : facts;
      return makeLoss({ type, ...storableOptions(options, given) }, body(own), { ...definition, ignore });
    },
  };
}
