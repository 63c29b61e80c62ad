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

/** A file or byte string that is not what it claims to be, or a format that has no form for what is to be written. */
export class FormatError extends ChainruleError {
  override readonly name = 'FormatError';
}

/** A derivative that cannot be had: through an op that has no gradient rule, which the message names, or where there is nothing to train. */
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

/** What is known of a divergence. */
export type Divergence = Pick<DivergedError, 'step' | 'layer' | 'value' | 'lastFiniteLoss' | 'keptStep'> & {
  /** What the network's structure shows that is hardly meant. */
  readonly warnings?: readonly string[];
};

/**
 * Training met NaN or infinity. The network is left with the state, optimiser's included, whose loss on the training data was lowest: of the
 * one before the fit, and those at the ends of epochs that somebody watches or of seconds.
 */
export class DivergedError extends ChainruleError {
  override readonly name = 'DivergedError';
  /** The step, counted from 1 over the whole `fit`, whose loss or update was not finite. */
  readonly step: number;
  /** The first layer (or part of the step) that computed a value that is not finite. */
  readonly layer: string;
  /** Of an update, what it spoilt: `the mean squared gradient of 0.weight`, say, whose squares float32 does not hold; else undefined. */
  readonly value: string | undefined;
  /** The loss of the last step whose loss was finite; NaN where there was none. */
  readonly lastFiniteLoss: number;
  /** Steps of the fit behind the state that the network is left with; 0 is the state before the fit. */
  readonly keptStep: number;

  constructor({ step, layer, value, lastFiniteLoss, keptStep, warnings = [] }: Divergence) {
    super(
      `training diverged at step ${step}: ${layer} computed NaN or infinity${value ? ` in ${value}` : ''} (last finite loss ` +
        `${lastFiniteLoss}); the network is as it was ${keptStep === 0 ? 'before the fit' : `after step ${keptStep}`}, which had the lowest ` +
        `loss. ${warnings.map((warning) => `Warning: ${warning}. `).join('')}Try a smaller learningRate, clip: { norm: 1 }, or inputs scaled to about -1..1`,
    );
    this.step = step;
    this.layer = layer;
    this.value = value;
    this.lastFiniteLoss = lastFiniteLoss;
    this.keptStep = keptStep;
  }
}
