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

/**
 * The definition of a loss whose function is made of its options, and its further facts too where `facts` makes some. A loss of classes or of
 * sequences has the option `ignore` besides.
 */
export function builtIn<const T extends OptionTable>(
  type: string,
  table: T,
  definition: LossDefinition,
  body: (options: OptionsRead<T>) => LossBody,
  facts: (options: OptionsRead<T>) => Partial<LossDefinition> = () => ({}),
): BuiltInLoss {
  const ignores = definition.targets.includes('classes') || definition.targets.includes('sequences');
  const options: OptionTable = ignores ? { ...table, ...IGNORING } : table;
  return {
    type,
    options,
    make: (given) => {
      const { ignore, ...rest } = readOptions('loss', options, given) as OptionsRead<T> & OptionsRead<typeof IGNORING>;
      const read = rest as OptionsRead<T>;
      return defineLoss({ type, ...storableOptions(options, given) }, body(read), { ...definition, ...facts(read), ignore });
    },
  };
}
