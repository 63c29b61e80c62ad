/** Everything chainrule throws on purpose is one of these; each message names what was expected and what came. */
export class ChainruleError extends Error {
  override readonly name: string = 'ChainruleError';
}

/** A shape does not fit: the message names the layer or op, the shape it expected and the shape that came. */
export class ShapeError extends ChainruleError {
  override readonly name = 'ShapeError';
}

/** Data that cannot be trained on: not finite, a label out of range, rows that do not match. */
export class DataError extends ChainruleError {
  override readonly name = 'DataError';
}

/** An option that does not exist or whose value is out of range. */
export class OptionError extends ChainruleError {
  override readonly name = 'OptionError';
}

/** A file or byte string that is not what it claims to be, or a format that cannot hold a value. */
export class FormatError extends ChainruleError {
  override readonly name = 'FormatError';
}

/** A derivative that does not exist: through an op without a gradient rule, which the message names, or with nothing to train. */
export class GradientError extends ChainruleError {
  override readonly name = 'GradientError';
}

/** A backend that cannot be loaded or cannot do what is asked; collects every reason. */
export class BackendError extends ChainruleError {
  override readonly name = 'BackendError';
}

/** A call that the network's present state forbids: it is disposed, or a `fit` is running. */
export class StateError extends ChainruleError {
  override readonly name = 'StateError';
}

/** An index that the network computed and that is out of range. */
export interface StrayIndex {
  /** Undefined where the computed number is no integer of 32 bits. */
  readonly index: number | undefined;
  /** The number of rows, or of classes. */
  readonly count: number;
}

/** The facts of a divergence. */
export type Divergence = Pick<DivergedError, 'step' | 'layer' | 'value' | 'stray' | 'lastFiniteLoss' | 'keptStep'> & {
  /** Steps before the fit or the trainer. */
  readonly stepsBefore?: number;
  /** Default 'fit'. */
  readonly during?: 'fit' | 'trainer';
  /** Warnings of the network's structure. */
  readonly warnings?: readonly string[];
};

const ADVICE = {
  size: 'a smaller learningRate, clip: { norm: 1 }, or inputs scaled to about -1..1',
  index: 'to keep what computes the index within that range',
};

function whatHappened(value: string | undefined, stray: StrayIndex | undefined): string {
  return stray ? describeStray(stray) : `computed NaN or infinity${value ? ` in ${value}` : ''}`;
}

/** The use of an index by a layer: a sentence without its subject. */
export function describeStray({ index, count }: StrayIndex): string {
  const came = index === undefined ? 'a number that is no integer' : index;
  return `was to look up index ${came}, which the network computed: expected 0 to ${count - 1}`;
}

const lossBefore = (loss: number) => (Number.isNaN(loss) ? 'no loss before was finite' : `last finite loss ${loss}`);

/**
 * Training met NaN or infinity. The network is left with the state, optimiser's included, whose loss on the training data was lowest: of the
 * one before the fit, and those at the ends of epochs that somebody watches or of seconds. A trainer measures the states that it has, of
 * which one is that after the step before, by the mini-batch that failed.
 */
export class DivergedError extends ChainruleError {
  override readonly name = 'DivergedError';
  /** The step, counted from 1 over all fits that continue one another, whose loss or update was not finite. */
  readonly step: number;
  /** The first layer (or part of the step) that computed a value that is not finite. */
  readonly layer: string;
  /** The value that an update spoilt: `the mean squared gradient of 0.weight`, whose squares float32 does not hold; else undefined. */
  readonly value: string | undefined;
  /** Where the layer looked something up by a computed index that is out of range: that index; else undefined. */
  readonly stray: StrayIndex | undefined;
  /** The loss of the last step whose loss was finite; NaN where there was none. */
  readonly lastFiniteLoss: number;
  /** The step of the state that the network is left with, counted in the same way. */
  readonly keptStep: number;

  constructor({ step, layer, value, stray, lastFiniteLoss, keptStep, stepsBefore = 0, during = 'fit', warnings = [] }: Divergence) {
    super(
      `training diverged at step ${step}: ${layer} ${whatHappened(value, stray)} (${lossBefore(lastFiniteLoss)}); the network is as ` +
        `it was ${keptStep === stepsBefore ? `before the ${during}` : `after step ${keptStep}`}, which had the lowest loss. ` +
        `${warnings.map((warning) => `Warning: ${warning}. `).join('')}Try ${stray ? ADVICE.index : ADVICE.size}`,
    );
    this.step = step;
    this.layer = layer;
    this.value = value;
    this.stray = stray;
    this.lastFiniteLoss = lastFiniteLoss;
    this.keptStep = keptStep;
  }
}

/**
 * A value that a fit watches is none that epochs can be compared by. The fit ends; the network has the weights of the epoch that the message
 * names: with early stopping the best before, unless it is told not to restore them.
 */
export class MonitorError extends ChainruleError {
  override readonly name = 'MonitorError';
  /** The name of the value in the reports of epochs. */
  readonly monitor: string;
  /** The epoch that had it, counted from 1 over all fits that continue one another. */
  readonly epoch: number;
  /** What came: NaN or infinity. */
  readonly value: number;
  /** The epoch whose weights the network is left with, counted in the same way. */
  readonly keptEpoch: number;

  /** @param where The option that asks for the value. */
  constructor(where: string, { monitor, epoch, value, keptEpoch }: Pick<MonitorError, 'monitor' | 'epoch' | 'value' | 'keptEpoch'>) {
    super(
      `${where}: expected ${monitor} to be a number by which epochs compare, got ${value} in epoch ${epoch}: a metric is NaN where nothing ` +
        `counts for it, a loss is not finite where predictions overflow; the network has the weights of epoch ${keptEpoch}`,
    );
    this.monitor = monitor;
    this.epoch = epoch;
    this.value = value;
    this.keptEpoch = keptEpoch;
  }
}

/** The message of a caught error; anything else that was thrown as text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
