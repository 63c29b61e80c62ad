/** Whether a preparation and a network go together. */
import { OptionError, ShapeError } from '../errors.ts';
import { describe } from '../options.ts';
import type { Cell } from './cells.ts';

/** What a network needs to know of a preparation. */
interface Preparing {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly outputs: readonly string[];
  targetOf(output: string): { readonly labels?: readonly Cell[]; readonly decode?: unknown } | undefined;
}

/** What a preparation needs to know of a network. */
export interface Prepared {
  /** The shape of one sample of each input. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly heads: readonly PreparedHead[];
}

interface PreparedHead {
  readonly name: string;
  /** Of one prediction. */
  readonly shape: readonly number[];
  readonly loss: {
    readonly name: string;
    readonly definition: {
      readonly targets: readonly string[];
      readonly target?: unknown;
      readonly estimate?: unknown;
      readonly probabilities?: string | undefined;
    };
  };
}

/**
 * @throws ShapeError where inputs differ in shape, or an output has another number of classes; OptionError for other names, and for a loss that does
 *   not take such targets.
 */
export function checkNetwork(preparation: Preparing, { inputs, heads }: Prepared): void {
  const { shapes } = preparation;
  if (shapes.size !== inputs.size || [...shapes].some(([name, shape]) => inputs.get(name)?.join() !== shape.join()))
    throw new ShapeError(`preparation: expected a network that takes ${formatted(shapes)}, got one of ${formatted(inputs)}`);
  const other = preparation.outputs.find((output) => heads.every(({ name }) => name !== output));
  if (other !== undefined)
    throw new OptionError(`preparation: expected targets of ${heads.map(({ name }) => name).join(', ')}, got ${describe(other)}`);
  for (const head of heads) checkHead(preparation, head);
}

function checkHead(preparation: Preparing, { name, shape, loss }: PreparedHead): void {
  const target = preparation.targetOf(name);
  const { targets, target: own, estimate, probabilities } = loss.definition;
  const count = shape.reduce((product, size) => product * size, 1);
  if (target?.labels) {
    const { length } = target.labels;
    if (targets.includes('sequences') || own)
      throw new OptionError(`preparation: expected a loss of classes for the labels of ${name}, got ${loss.name}`);
    if (count !== length && !(count === 1 && length === 2))
      throw new ShapeError(`preparation: expected output ${name} to have ${length} numbers, one for each class, got [${shape.join(', ')}]`);
  } else if (target?.decode) {
    if (!targets.includes('values') || own || estimate || probabilities)
      throw new OptionError(`preparation: expected a loss of values such as meanSquaredError for the numbers of ${name}, got ${loss.name}`);
    if (count !== 1) throw new ShapeError(`preparation: expected output ${name} to have one number, got [${shape.join(', ')}]`);
  }
}

const formatted = (shapes: ReadonlyMap<string, readonly number[]>) =>
  [...shapes].map(([name, shape]) => `${name} [${shape.join(', ')}]`).join(', ');
