/** The network of `chainrule/train`: what a page needs to make one, train it and ask it, and no more. */
import { selectBackend } from '../backends/select.ts';
import type { DataSet } from '../data/samples.ts';
import { OptionError } from '../errors.ts';
import type { Fitting, FittingTargets, Rows, SampleShape } from '../model/signature.ts';
import { NetworkBase } from '../network-base.ts';
import { NetworkCore, type Offers } from '../network-core.ts';
import { platform } from '../platform/platform.ts';
import { initialize } from '../training/initialize.ts';
import type { History } from '../training/reports.ts';
import { type FitOptions, fitFrom, modelFrom, type NetworkOptions } from './options.ts';

const refusing = (what: string, advice: string) => () => {
  throw new OptionError(`fit: expected a network of 'chainrule' for ${what}, got one of 'chainrule/train'; ${advice}`);
};

/** What a fit is offered: neither diagnoses nor files. */
export const OFFERS: Offers = {
  diagnoser: refusing('a diagnosis', 'it makes none'),
  save: refusing('control.save', 'toBytes(network) gives its bytes'),
  toBytes: refusing('control.toBytes', 'toBytes(network) gives its bytes'),
};

/** A stack of layers with its weights. Diagnoses, summaries, checks of gradients and predictors' files are those of the `Network` of `chainrule`. */
export class Network<X extends SampleShape = SampleShape> extends NetworkBase<X> {
  readonly #core: NetworkCore;

  /** @internal Made by `create` and `fromBytes`. */
  constructor(core: NetworkCore) {
    super(core);
    this.#core = core;
  }

  /**
   * Builds a network with initial weights.
   *
   * @throws OptionError for an unknown or impossible option, ShapeError where layers do not fit together, BackendError where the
   * backend asked for does not load.
   */
  static async create<const Input extends SampleShape>(options: NetworkOptions<Input>): Promise<Network<Input>> {
    const { start, ...described } = modelFrom(options);
    const choice = await selectBackend(platform(), start);
    return new Network<Input>(await new NetworkCore(described, choice, start, OFFERS).begin(initialize));
  }

  /**
   * Trains by mini-batch gradient descent. A fit with the same kind of optimiser as the last one continues it: its state, its step count
   * and its random streams.
   *
   * @throws OptionError, DataError or ShapeError before anything is touched; DivergedError where training meets NaN or infinity: the
   *   network then goes back to its best state; StateError where another fit of this network is running.
   */
  async fit<Samples extends Rows<X>, Targets extends Rows<SampleShape>>(
    data: DataSet<Samples & Fitting<Samples, X>, Targets & FittingTargets<Targets, SampleShape>>,
    options: FitOptions,
  ): Promise<History> {
    this.#core.checkIdle('fit', 'other fit of this network');
    this.#core.checkTrainable('fit');
    return this.#core.fit(data, fitFrom(options));
  }
}
