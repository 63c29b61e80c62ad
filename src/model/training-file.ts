/** The part of a model file that holds the state of training. */
import type { Elements } from '../backends/backend.ts';
import type { Progress } from '../clock.ts';
import { FormatError } from '../errors.ts';
import type { Entry } from '../formats/safetensors.ts';
import type { LossSums } from '../metrics/loss-totals.ts';
import type { MetricState } from '../metrics/totals.ts';
import { stateShape } from '../optimizers/update.ts';
import { checkBoolean, checkIdentifier, checkInteger, checkKeys, checkNumber, describe } from '../options.ts';
import { type Tensor, tensorOver } from '../tensor.ts';
import type { CallbackMemory, EpochShape, TrainingState, UnfinishedEpoch } from './training-state.ts';

/** The prefixes of tensors' names: the optimiser's state, memory that layers hand from step to step, memories of callbacks. */
const PREFIX = { state: 'optimizer/', carried: 'carried/', memory: 'memory/' } as const;

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** As JSON. */
export function trainingConfig({ optimizer, progress, unfinished, memories }: TrainingState): Record<string, unknown> {
  const { epoch, batch, step } = progress;
  const notes = Object.fromEntries([...memories].map(([name, memory]) => [name, memory.notes]));
  return {
    ...{ optimizer, epoch, batch, step },
    ...(unfinished && { unfinished: { ...unfinished.shape, ...unfinishedConfig(unfinished) } }),
    ...(memories.size > 0 && { memories: notes }),
  };
}

const unfinishedConfig = ({ sums, heads, seconds }: UnfinishedEpoch) => ({ sums, heads, seconds });

export function trainingTensors({ values, unfinished, memories }: TrainingState, parameters: Shapes): Map<string, Tensor> {
  const ofState = [...values].map(([name, data]): [string, Tensor] => {
    const shape = stateShape(name, (parameter) => parameters.get(parameter)?.shape) ?? [data.length];
    return [PREFIX.state + name, { shape, data }];
  });
  const ofLayers = [...(unfinished?.carried ?? [])].map(([name, data]): [string, Tensor] => [
    PREFIX.carried + name,
    { shape: [data.length], data },
  ]);
  const ofCallbacks = [...memories].flatMap(([callback, { tensors }]) =>
    [...(tensors ?? [])].map(([name, tensor]): [string, Tensor] => [`${PREFIX.memory}${callback}/${name}`, tensor]),
  );
  return new Map([...ofState, ...ofLayers, ...ofCallbacks]);
}

/** The state of training in a file whose tensors have not been read yet. */
export interface TrainingIndex {
  /** By their names in the file. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The state, made of the content of the entries. */
  state(values: ReadonlyMap<string, Elements>): TrainingState;
}

/** Reads what `trainingConfig` and `trainingTensors` wrote. Throws FormatError or OptionError. */
export function trainingIndex(config: unknown, entries: ReadonlyMap<string, Entry>, parameters: Shapes): TrainingIndex {
  checkKeys('model.progress', config, ['optimizer', 'epoch', 'batch', 'step', 'unfinished', 'memories']);
  const { optimizer, unfinished, memories = {}, ...time } = config as Record<string, unknown>;
  const type = checkIdentifier('model.progress.optimizer', optimizer);
  const progress = progressFrom('model.progress', time);
  const notes = notesFrom(memories);
  const epoch = unfinished === undefined ? undefined : unfinishedFrom(unfinished);
  const found = {
    state: stateEntries(entries, parameters),
    carried: epoch ? named(entries, PREFIX.carried) : new Map<string, Entry>(),
    memory: memoryEntries(entries, notes),
  };
  return {
    entries: new Map(Object.values(found).flatMap((some) => [...some.values()].map((entry) => [entry.name, entry] as const))),
    state(values) {
      const read = (some: ReadonlyMap<string, Entry>) =>
        new Map([...some].flatMap(([name, entry]) => pairOf(name, values.get(entry.name))));
      return {
        optimizer: type,
        values: read(found.state),
        progress,
        unfinished: epoch && { ...epoch, carried: read(found.carried) },
        memories: new Map([...notes].map(([name, own]) => [name, memoryOf(name, own, found.memory, values)])),
      };
    },
  };
}

const pairOf = <T>(name: string, value: T | undefined): [string, T][] => (value === undefined ? [] : [[name, value]]);

/** Entries of a prefix, by what follows it. */
function named(entries: ReadonlyMap<string, Entry>, prefix: string): Map<string, Entry> {
  return new Map([...entries].flatMap(([name, entry]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), entry] as const] : [])));
}

/** Throws FormatError for state of no parameter, or of another shape. */
function stateEntries(entries: ReadonlyMap<string, Entry>, parameters: Shapes): Map<string, Entry> {
  const found = named(entries, PREFIX.state);
  for (const [name, entry] of found) {
    const shape = stateShape(name, (parameter) => parameters.get(parameter)?.shape);
    if (!shape) throw new FormatError(`model: expected state of a parameter of the network, got ${describe(entry.name)}`);
    if (shape.join() !== entry.shape.join())
      throw new FormatError(`model: expected tensor ${entry.name} of shape [${shape.join(', ')}], got [${entry.shape.join(', ')}]`);
  }
  return found;
}

/** Of callbacks that have notes, by `CALLBACK/NAME`. */
function memoryEntries(entries: ReadonlyMap<string, Entry>, notes: ReadonlyMap<string, unknown>): Map<string, Entry> {
  return new Map([...named(entries, PREFIX.memory)].filter(([name]) => notes.has(name.slice(0, name.indexOf('/')))));
}

function memoryOf(
  callback: string,
  notes: CallbackMemory['notes'],
  entries: ReadonlyMap<string, Entry>,
  values: ReadonlyMap<string, Elements>,
): CallbackMemory {
  const own = [...entries].filter(([name]) => name.startsWith(`${callback}/`));
  if (own.length === 0) return { notes };
  const tensors = own.flatMap(([name, entry]) => {
    const data = values.get(entry.name);
    return pairOf(name.slice(callback.length + 1), data && tensorOver(entry.shape, data));
  });
  return { notes, tensors: new Map(tensors) };
}

function notesFrom(memories: unknown): Map<string, CallbackMemory['notes']> {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(memories)) throw new FormatError(`model.progress.memories: expected an object, got ${describe(memories)}`);
  return new Map(
    Object.entries(memories).map(([name, notes]) => {
      if (!isObject(notes)) throw new FormatError(`model.progress.memories.${name}: expected an object, got ${describe(notes)}`);
      return [name, notes];
    }),
  );
}

/** Throws OptionError for an impossible time. */
export function progressFrom(where: string, value: unknown): Progress {
  checkKeys(where, value, ['epoch', 'batch', 'step']);
  const { epoch, batch, step } = value as Record<string, unknown>;
  return {
    epoch: checkInteger(`${where}.epoch`, epoch, 0),
    batch: checkInteger(`${where}.batch`, batch, 0),
    step: checkInteger(`${where}.step`, step, 0),
  };
}

function unfinishedFrom(value: unknown): Omit<UnfinishedEpoch, 'carried'> {
  const where = 'model.progress.unfinished';
  checkKeys(where, value, ['rows', 'window', 'batchSize', 'accumulate', 'shuffle', 'sums', 'heads', 'seconds']);
  const { sums, heads, seconds, shuffle, ...sizes } = value as Record<string, unknown>;
  const size = (name: 'rows' | 'window' | 'batchSize' | 'accumulate') => checkInteger(`${where}.${name}`, sizes[name]);
  const shape: EpochShape = {
    rows: sizes.rows === undefined ? undefined : size('rows'),
    ...(sizes.window !== undefined && { window: size('window') }),
    batchSize: size('batchSize'),
    accumulate: size('accumulate'),
    shuffle: checkBoolean(`${where}.shuffle`, shuffle),
  };
  return {
    shape,
    sums: sumsFrom(`${where}.sums`, sums),
    heads: list(`${where}.heads`, heads).map((head) =>
      list(`${where}.heads`, head).map((metric) => metricStateFrom(`${where}.heads`, metric)),
    ),
    seconds: checkNumber(`${where}.seconds`, seconds, 0),
  };
}

function list(where: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new FormatError(`${where}: expected a list, got ${describe(value)}`);
  return value;
}

const anyNumber = (where: string, value: unknown) => checkNumber(where, value, Number.NEGATIVE_INFINITY);
const numbersFrom = (where: string, value: unknown) => list(where, value).map((number) => anyNumber(where, number));

/** A user's metric names its values as it likes. */
function metricStateFrom(where: string, value: unknown): MetricState {
  checkKeys(where, value, ['rows', 'weight', 'values']);
  const { rows, weight, values } = value as Record<string, unknown>;
  if (typeof values !== 'object' || values === null) throw new FormatError(`${where}.values: expected an object, got ${describe(values)}`);
  return {
    rows: checkInteger(`${where}.rows`, rows, 0),
    weight: anyNumber(`${where}.weight`, weight),
    values: Object.fromEntries(Object.entries(values).map(([name, given]) => [name, numbersFrom(`${where}.values`, given)])),
  };
}

function sumsFrom(where: string, value: unknown): LossSums {
  checkKeys(where, value, ['rows', 'rest', 'losses', 'weights']);
  const { rows, rest, losses, weights } = value as Record<string, unknown>;
  return {
    rows: checkInteger(`${where}.rows`, rows, 0),
    rest: anyNumber(`${where}.rest`, rest),
    losses: numbersFrom(`${where}.losses`, losses),
    weights: numbersFrom(`${where}.weights`, weights),
  };
}
