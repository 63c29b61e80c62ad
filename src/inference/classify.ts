/** Classes by their labels: what a network with a preparation says of raw rows. */
import type { Elements } from '../backends/backend.ts';
import { OptionError } from '../errors.ts';
import type { Head } from '../model/heads.ts';
import type { NetworkModel } from '../model/network-model.ts';
import type { PreparedTargets, SampleShape } from '../model/signature.ts';
import type { Cell } from '../preparation/cells.ts';

/** The class of a row. */
export interface Classification<Label = Cell> {
  readonly label: Label;
  /** Of this label. */
  readonly probability: number;
  /** Of all labels, in the order of `preparation.classes`. */
  readonly probabilities: readonly number[];
}

/** The classes of rows; of named outputs by name, of those that have labels. */
export type Classifications<Y> =
  Y extends PreparedTargets<infer Target, infer S>
    ? S extends SampleShape
      ? readonly Classification<Extract<Target, Cell>>[]
      : { readonly [Name in keyof Target]: readonly Classification[] }
    : Y extends SampleShape
      ? readonly Classification[]
      : { readonly [Name in keyof Y]?: readonly Classification[] };

/** A head whose targets are labels. */
export interface LabelledHead {
  readonly name: string;
  /** Its place among the heads. */
  readonly head: number;
  readonly labels: readonly Cell[];
}

/**
 * The heads whose targets are labels.
 *
 * @throws OptionError where none is, or where a loss does not say how its predictions become probabilities.
 */
export function labelledHeads({ heads, preparation }: NetworkModel): readonly LabelledHead[] {
  const found = heads.flatMap(({ name, loss }, head) => {
    const labels = preparation?.targetOf(name)?.labels;
    if (labels && !loss.definition.probabilities)
      throw new OptionError(`classify: expected a loss that says probabilities, such as softmaxCrossEntropy, got ${loss.name}`);
    return labels ? [{ name, head, labels }] : [];
  });
  if (found.length > 0) return found;
  throw new OptionError('classify: expected a network whose preparation has classes() as targets, got one without');
}

/** @param predicted The probabilities of a head, all rows. One number a row is the probability of the second of two labels. */
export function classified({ shape }: Head, labels: readonly Cell[], predicted: Elements): Classification[] {
  const width = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: predicted.length / width }, (_, row) => {
    const given = Array.from(predicted.subarray(row * width, (row + 1) * width));
    const probabilities = width === 1 ? [1 - given[0], given[0]] : given;
    const best = probabilities.reduce((most, probability, i) => (probability > probabilities[most] ? i : most), 0);
    return { label: labels[best], probability: probabilities[best], probabilities };
  });
}
