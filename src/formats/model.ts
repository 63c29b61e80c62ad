/** The model file: a safetensors file whose metadata says how to build the network that its tensors belong to. */
import { FormatError, messageOf } from '../errors.ts';
import { finish, type Work } from '../event-loop/slices.ts';
import type { Tensor } from '../tensor.ts';
import { readIndex, type SafetensorsIndex, writeSafetensors } from './safetensors.ts';

/** The metadata entry that holds the configuration, as JSON. */
const METADATA_KEY = 'chainrule';
/** Raised when an older reader would misunderstand a file. An addition does not raise it. */
const VERSION = 1;
/** Far more than a network of thousands of layers needs. It bounds the work of JSON.parse. */
const MAXIMUM_CONFIG_CHARACTERS = 4 * 2 ** 20;
/** Layers within layers take a few levels each. */
const MAXIMUM_DEPTH = 64;

export interface ModelFile {
  /** Any JSON: input, layers, loss, seed, … Whoever builds the network checks it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Parameters, and other tensors that a network keeps, by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Entries of the file's metadata beside the configuration: text by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of a model file. Every reader of safetensors reads them.
 *
 * @throws FormatError for a configuration that is too large or not JSON, or a tensor name that the format reserves.
 * @throws ShapeError where a tensor's shape does not fit its data.
 */
export function encodeModel(file: ModelFile): Uint8Array {
  return finish(writeModel(file));
}

/** `encodeModel` in slices: the tensors must not change until it is done. */
export function* writeModel({ config, tensors, metadata }: ModelFile): Work<Uint8Array> {
  const json = writeJson({ ...config, version: VERSION });
  checkLength(json);
  checkDepth(json);
  return yield* writeSafetensors(tensors, { ...metadata, [METADATA_KEY]: json });
}

/** The parts of a model file. */
export interface ModelIndex {
  readonly config: ModelFile['config'];
  readonly tensors: SafetensorsIndex;
}

/**
 * Reads the header of a model file of `length` bytes from its first bytes, which must reach to the end of the header. The configuration is
 * an object; nothing more is checked.
 *
 * @throws FormatError where the bytes are not safetensors, or hold no configuration of a version that this can read.
 */
export function readModelIndex(head: Uint8Array, length = head.length): ModelIndex {
  const tensors = readIndex(head, length);
  const json = tensors.metadata[METADATA_KEY];
  if (json === undefined) {
    throw new FormatError(`model: expected the metadata entry "${METADATA_KEY}" that chainrule writes, got a safetensors file without it`);
  }
  checkLength(json);
  checkDepth(json);
  const { version, ...config } = parseObject(json);
  if (version !== VERSION) throw new FormatError(`model: expected version ${VERSION}, got ${JSON.stringify(version)}`);
  return { config, tensors };
}

function checkLength(json: string): void {
  if (json.length > MAXIMUM_CONFIG_CHARACTERS) {
    throw new FormatError(`model: expected a configuration of at most ${MAXIMUM_CONFIG_CHARACTERS} characters, got ${json.length}`);
  }
}

/** Checked before it is parsed: the result of a few megabytes of brackets would overflow the stack of whoever walks it. */
function checkDepth(json: string): void {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '"') i = endOfText(json, i);
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAXIMUM_DEPTH)
      throw new FormatError(`model: expected a configuration nested at most ${MAXIMUM_DEPTH} deep, got a deeper one`);
  }
}

/** The place of the quote that ends a string begun at `start`; the end of the text if there is none. */
function endOfText(json: string, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === '\\') i++;
    else if (json[i] === '"') return i;
  }
  return json.length;
}

/** A configuration as JSON that is read back as it is. */
function writeJson(config: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(config, refuseUnwritable);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`model: expected a configuration that JSON can hold, got: ${messageOf(error)}`, { cause: error });
  }
}

function refuseUnwritable(key: string, value: unknown): unknown {
  const refuse = (got: string) => new FormatError(`model: expected a configuration that JSON can hold, got ${got} as ${key}`);
  if (key === '__proto__') throw new FormatError('model: expected no key __proto__ in a configuration, got one');
  if (typeof value === 'number' && !Number.isFinite(value)) throw refuse(String(value));
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') throw refuse(`a ${typeof value}`);
  if (ArrayBuffer.isView(value)) throw refuse('a typed array');
  return value;
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json, refusePrototype);
  } catch (error) {
    // SyntaxError, or RangeError where it nests too deeply.
    throw new FormatError(`model: expected the configuration as JSON, got: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FormatError(`model: expected the configuration to be an object, got ${json.slice(0, 60)}`);
  }
  return value as Record<string, unknown>;
}

/** `{"__proto__": …}` parses to an ordinary property that a later copy would turn into a prototype. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a key __proto__');
  return value;
}
