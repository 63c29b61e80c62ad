/** Why an op stays below half of the limit that `effort.ts` counts: what it waits for that is neither a multiply-add nor a byte. */
import type { BackendName } from '../src/backends/backend.ts';

export interface Reason {
  readonly ops: readonly string[];
  /** The backend of which it is true; without one, of all. */
  readonly backend?: BackendName;
  readonly because: string;
}

export const REASONS: readonly Reason[] = [
  { ops: ['beginStep', 'record', 'pick'], because: 'a few numbers: what the call of an instruction takes' },
  {
    ops: ['histogram'],
    because: 'each value adds one to a count in memory, and waits for the store of the value before where both are counted in one bin',
  },
  {
    ops: ['ctc', 'ctcGradient'],
    because: 'a step waits for the one before it, and has few states: exponentials and logarithms run one after another',
  },
  { ops: ['quantizeWeight'], because: 'runs once, when a network is quantized: one plain loop, on one thread' },
  {
    ops: ['maxPool2d', 'maxPool2dGradient', 'maxPool2dPick', 'maxPool2dDelta', 'averagePool2d', 'averagePool2dGradient'],
    because: 'columns of windows with a stride lie apart: each is gathered by shuffles, nine comparisons or sums a pixel follow',
  },
];

/** The reasons that hold on a backend for these ops, each with those of the ops that it is about; then the ops that have none. */
export function reasonsFor(names: readonly string[], backend: BackendName): readonly { names: readonly string[]; because?: string }[] {
  const known = REASONS.filter((reason) => (reason.backend ?? backend) === backend).map(({ ops, because }) => ({
    names: names.filter((name) => ops.includes(name)),
    because,
  }));
  const explained = new Set(known.flatMap((reason) => reason.names));
  const unexplained = names.filter((name) => !explained.has(name));
  return [...known, { names: unexplained }].filter((one) => one.names.length > 0);
}
