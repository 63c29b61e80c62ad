/** The model file: a safetensors file whose metadata says how to build the network that its tensors belong to. */
import { FormatError } from '../errors.ts';
import { finish, type Work } from '../slices.ts';
import type { Tensor } from '../tensor.ts';
import { decodeSafetensors, writeSafetensors } from './safetensors.ts';

/** The metadata entry that holds the configuration, as JSON. */
const METADATA_KEY = 'chainrule';
/** Raised when an older reader would misunderstand a file; what is only added does not raise it. */
const VERSION = 1;
/** Far more than a network of thousands of layers; keeps what JSON.parse may build small. */
const MAXIMUM_CONFIG_CHARACTERS = 4 * 2 ** 20;

export interface ModelFile {
  /** Whatever JSON can hold: input, layers, loss, seed, …; what is in it is checked by whoever builds the network. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Parameters (and what else a network keeps) by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * The bytes of a model file, readable by everything that reads safetensors.
 *
 * @throws FormatError for a configuration too large, or a tensor name that the format reserves.
 * @throws ShapeError where a tensor's shape does not fit its data.
 */
export function encodeModel(file: ModelFile): Uint8Array {
  return finish(writeModel(file));
}

/** `encodeModel`, little by little: the tensors are to stay as they are until it is done. */
export function* writeModel({ config, tensors }: ModelFile): Work<Uint8Array> {
  const json = JSON.stringify({ ...config, version: VERSION });
  checkLength(json);
  return yield* writeSafetensors(tensors, { [METADATA_KEY]: json });
}

/**
 * Reads a model file. The configuration is an object, nothing more is known of it.
 *
 * @throws FormatError where the bytes are not safetensors, or hold no configuration of a version that this can read.
 */
export function decodeModel(bytes: Uint8Array): ModelFile {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const json = metadata[METADATA_KEY];
  if (json === undefined) {
    throw new FormatError(`model: expected the metadata entry "${METADATA_KEY}" that chainrule writes, got a safetensors file without it`);
  }
  checkLength(json);
  const { version, ...config } = parseObject(json);
  if (version !== VERSION) throw new FormatError(`model: expected version ${VERSION}, got ${JSON.stringify(version)}`);
  return { config, tensors };
}

function checkLength(json: string): void {
  if (json.length > MAXIMUM_CONFIG_CHARACTERS) {
    throw new FormatError(`model: expected a configuration of at most ${MAXIMUM_CONFIG_CHARACTERS} characters, got ${json.length}`);
  }
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json, refusePrototype);
  } catch (error) {
    // SyntaxError, or RangeError where it nests too deeply.
    throw new FormatError(`model: expected the configuration as JSON, got: ${(error as Error).message}`);
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
