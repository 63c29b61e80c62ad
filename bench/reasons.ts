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
  {
    ops: ['permute'],
    because: 'a block of a transpose takes a shuffle for each vector it reads and writes, twice over; its rows lie far apart',
  },
  {
    ops: ['argmax', 'correct', 'rank', 'sum'],
    because: 'a row in the first cache is read in a few vectors: their combination at its end counts',
  },
  { ops: ['sequenceMask'], because: 'two short fills for each row' },
  { ops: ['normalize', 'normalizeParameterGradient'], because: 'a row is gone through three times: mean, deviations, results' },
  {
    backend: 'wasm',
    ops: ['toIndex', 'toNumber', 'clampIndex'],
    because: 'a saturating conversion is several instructions of a processor, and two comparisons follow',
  },
  {
    backend: 'wasm',
    ops: ['softmaxCrossEntropyGradient'],
    because: 'a row is two multiplications, then the column of its class',
  },
  {
    backend: 'wasm',
    ops: ['negate', 'square', 'abs', 'absoluteError', 'leakyRelu', 'leakyReluGradient'],
    because: 'one vector a turn: whether the loop goes on takes as long to find out as the result',
  },
  { backend: 'wasm', ops: ['power'], because: 'computed in doubles, two in a vector' },
  {
    backend: 'wasm',
    ops: ['embedGradient', 'embedSgd', 'embedMomentum', 'embedAdam', 'embedMomentumBfloat16', 'embedAdamBfloat16'],
    because: 'rows are found by hashing, and read in the order of its slots',
  },
  {
    backend: 'wasm',
    ops: ['batchNorm', 'batchNormGradient'],
    because: 'vectors of four: a channel of an image is summed and normalised in several passes',
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
