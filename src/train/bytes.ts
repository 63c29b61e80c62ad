/** The network of `chainrule/train` as the bytes of a model file, and back. */
import { RUNNING, type Running, selectBackend } from '../backends/select.ts';
import { type CommonOptions, plainly, SERVING, type Served } from '../common-options.ts';
import { OptionError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import type { LayerDefinition } from '../layers/definition.ts';
import { asConfigured, type Layer, type LayerConfig } from '../layers/layer.ts';
import type { BuiltInLoss } from '../losses/definition.ts';
import type { Loss } from '../losses/loss.ts';
import type { BuiltInMetric } from '../metrics/definition.ts';
import { checkMetricNames, type Metric } from '../metrics/metric.ts';
import { type LoadLimits, limitsFrom } from '../model/limits.ts';
import { encodeCheckpoint, openCheckpoint, type Reading } from '../model/model-file.ts';
import type { PartReaders } from '../model/part-readers.ts';
import type { SampleShape } from '../model/signature.ts';
import { coreOf } from '../network-base.ts';
import { NetworkCore } from '../network-core.ts';
import { type Check, readOptions, required, type TableOf, withDefault } from '../options/table.ts';
import { checkBytes, describe } from '../options.ts';
import { sourceOf } from '../platform/byte-source.ts';
import { platform } from '../platform/platform.ts';
import { Network, OFFERS } from './network.ts';

/** What a file may name, and how its network is to be run. */
export interface BytesOptions extends Omit<CommonOptions, 'seed'> {
  /** The layers that the file may have: `[DENSE, DROPOUT]`. */
  readonly layers: readonly LayerDefinition[];
  /** The losses that it may have: `[SOFTMAX_CROSS_ENTROPY]`. */
  readonly losses: readonly BuiltInLoss[];
  /** The metrics that it may have. Default none. */
  readonly metrics?: readonly BuiltInMetric[];
  /** Limits of what the file may ask for; SECURITY.md says what else a stranger's file can do. */
  readonly limits?: LoadLimits;
}

interface Definition {
  readonly type: string;
}

const definitions =
  <D extends Definition>(what: string): Check<readonly D[]> =>
  (where, value) => {
    if (Array.isArray(value) && value.every((one) => typeof one?.type === 'string' && typeof one.make === 'function')) return value;
    throw new OptionError(`${where}: expected a list of definitions such as ${what}, got ${describe(value)}`);
  };

const BYTES = {
  ...RUNNING,
  ...SERVING,
  layers: required(definitions<LayerDefinition>('DENSE')),
  losses: required(definitions<BuiltInLoss>('SOFTMAX_CROSS_ENTROPY')),
  metrics: withDefault(definitions<BuiltInMetric>('F1'), []),
  limits: withDefault(limitsFrom, {}),
} satisfies TableOf<BytesOptions>;

/** Throws OptionError that says what to import. */
function among<D extends Definition>(what: string, list: readonly D[], type: unknown): D {
  const found = list.find((one) => one.type === type);
  if (found) return found;
  const known = list.map((one) => one.type).join(', ') || 'none';
  throw new OptionError(
    `${what}: expected a type among those given to fromBytes, ${known}, got ${describe(type)}; import its definition from 'chainrule/train', or load the file with 'chainrule'`,
  );
}

type Typed = Readonly<Record<string, unknown>> & { readonly type: string };

/** A config that is a name, or has it with options. */
function typed(what: string, config: unknown): Typed {
  if (typeof config === 'string') return { type: config };
  if (typeof config === 'object' && config !== null) return config as Typed;
  throw new OptionError(`${what}: expected a type or { type, … }, got ${describe(config)}`);
}

function readersOf({ layers, losses, metrics }: Required<Pick<BytesOptions, 'layers' | 'losses' | 'metrics'>>): PartReaders {
  const layer = (config: LayerConfig): Layer =>
    asConfigured(config, (type, options) => atOnce(`the maker of ${type}`, among('layer', layers, type).make(options, layer)));
  const loss = (config: unknown): Loss => {
    const { type, ...options } = typed('loss', config);
    return among('loss', losses, type).make(options);
  };
  const metric = (config: unknown): Metric => {
    const { type, ...options } = typed('metrics', config);
    return among('metrics', metrics, type).make(options);
  };
  return {
    layer,
    loss,
    metrics(where, value) {
      if (!Array.isArray(value)) throw new OptionError(`${where}: expected a list of metrics, got ${describe(value)}`);
      return checkMetricNames(where, value.map(metric));
    },
    preparation() {
      throw new OptionError("preparation: expected a network of numbers, got one of raw rows, which 'chainrule' loads");
    },
  };
}

/**
 * The network as the bytes of a model file, which the `Network` of `chainrule` loads too, with the optimiser's state.
 *
 * @throws OptionError for what is no network, and where a layer is a function without a config, which a file cannot hold.
 */
export function toBytes<X extends SampleShape>(network: Network<X>): Uint8Array {
  const core = typeof network === 'object' && network !== null ? coreOf(network) : undefined;
  if (!core) throw new OptionError(`toBytes: expected a network, got ${describe(network)}`);
  core.check();
  return encodeCheckpoint(core.engine, core.door.isNamed);
}

/**
 * The network in the bytes of a model file, with its optimiser state. The page carries what may be in the file: the definitions that it
 * gives. The bytes must not change until the promise is fulfilled.
 *
 * @throws DataError for a value that is no Uint8Array; FormatError for bytes that no network writes, that name a part of another type
 *   than those given, or that ask for more than `limits` allows; OptionError for an unknown or impossible option.
 */
export async function fromBytes<X extends SampleShape = SampleShape>(bytes: Uint8Array, options: BytesOptions): Promise<Network<X>> {
  checkBytes('fromBytes', bytes);
  const { running, reading } = readingFrom(options);
  const { seed, readInto, quantization, ...described } = openCheckpoint(bytes, sourceOf(bytes), reading);
  if (described.isNamed)
    throw new OptionError(`fromBytes: expected a stack of layers, got named inputs and outputs, which 'chainrule' loads`);
  const choice = await selectBackend(platform(), running);
  const core = new NetworkCore(
    described,
    choice,
    { seed, precision: running.precision, maximumBatch: running.maximumBatch, quantization },
    OFFERS,
  );
  return new Network<X>(await core.begin(({ weights }) => readInto(weights)));
}

function readingFrom(options: BytesOptions): { readonly running: Running & Served; readonly reading: Reading } {
  const nameOf = (name: string) => (Object.hasOwn(RUNNING, name) ? plainly(name) : `fromBytes.${name}`);
  const { layers, losses, metrics, limits, ...running } = readOptions('fromBytes', BYTES, options, nameOf);
  return { running, reading: { limits, parts: readersOf({ layers, losses, metrics }) } };
}
