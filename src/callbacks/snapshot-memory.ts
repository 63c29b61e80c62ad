/** A snapshot in a callback's memory: its arrays as tensors, its progress as notes. */
import { FormatError } from '../errors.ts';
import { progressFrom } from '../model/training-file.ts';
import type { CallbackMemory } from '../model/training-state.ts';
import type { Snapshot } from '../model/weights.ts';
import { describe } from '../options.ts';
import type { Tensor } from '../tensor.ts';

const KINDS = ['parameters', 'state'] as const;

/** Named `parameters/0.weight` and `state/mean/0.weight`. */
export function snapshotMemory(snapshot: Snapshot): Map<string, Tensor> {
  const tensorsOf = (kind: (typeof KINDS)[number]) =>
    [...snapshot[kind]].map(([name, data]): [string, Tensor] => [`${kind}/${name}`, { shape: [data.length], data }]);
  return new Map(KINDS.flatMap(tensorsOf));
}

/** Reads what `snapshotMemory` made. Throws FormatError or OptionError for anything else. */
export function snapshotFrom(where: string, progress: unknown, tensors: CallbackMemory['tensors'] = new Map()): Snapshot {
  const partOf = (kind: (typeof KINDS)[number]) =>
    new Map(
      [...tensors].flatMap(([name, { data }]) => (name.startsWith(`${kind}/`) ? [[name.slice(kind.length + 1), data] as const] : [])),
    );
  const [parameters, state] = KINDS.map(partOf);
  if (parameters.size + state.size !== tensors.size)
    throw new FormatError(`${where}: expected tensors of ${KINDS.join(' and ')}, got ${describe([...tensors.keys()])}`);
  return { parameters, state, progress: progressFrom(`${where}.progress`, progress) };
}
