/**
 * A predictor's file: a compiled program with its weights, ready for the WASM kernels. It begins with MAGIC, the version of this form, a checksum of
 * what follows it and the length of the header, 32 bits each; then comes the header as JSON, then the arrays that it counts, each on a multiple of 8
 * bytes.
 */
import { FormatError, messageOf } from '../errors.ts';

/** `CRPR`, little-endian. */
const MAGIC = 0x52505243;
const VERSION = 2;
const PREFIX_BYTES = 16;
const CHECKED_FROM = 12;
const WORD_BYTES = 4;
const ALIGNMENT = 8;
/** Far more than thousands of inputs need. It bounds the work of JSON.parse. */
const MOST_HEADER_BYTES = 16 * 2 ** 20;
/** Of its arena and its scratch memory, 1 GiB: a file cannot ask for all that WebAssembly addresses. */
export const MOST_FLOATS = 2 ** 28;
export const MOST_ROWS = 2 ** 16;
/** The most elements of a row that have ranges: each is held against its own. */
const MOST_RANGED = 2 ** 24;
const MOST_AXES = 32;

/** A named place in the arena: elements of a row lie one after the other from `offset` on. */
export interface Port {
  readonly name: string;
  /** Of one row. */
  readonly shape: readonly number[];
  readonly offset: number;
}

/** An input. Its elements are numbers where there are no ranges. */
export interface InputPort extends Port {
  /** Runs of elements with one range, or with none: together the elements of a row. */
  readonly ranges?: readonly RangeRun[];
}

/** What is asked of `count` elements of a row, one after the other. */
export interface RangeRun {
  readonly count: number;
  readonly range?: {
    readonly as: 'index' | 'mask' | 'length';
    readonly most: number;
    readonly isIndex: boolean;
    /** What takes them, in words. */
    readonly taker: string;
  };
}

/** The header, but for the arrays' lengths. */
export interface PredictorHeader {
  /** Of the op table and the form of programs that the kernels must know. */
  readonly tableHash: number;
  readonly programVersion: number;
  /** Whether data and predictions go by names. */
  readonly isNamed: boolean;
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly Port[];
  /** The most rows of one run. */
  readonly rows: number;
  /** Floats of the arena, and of the kernels' scratch memory. */
  readonly arena: number;
  readonly scratch: number;
  /** For each run of `weights` its place in the arena and its length. */
  readonly weightRuns: readonly (readonly [offset: number, length: number])[];
}

/** The arrays, in the order of the file. */
export interface PredictorArrays {
  readonly literals: Float64Array;
  /** The program, with 0 for operands that are absent. */
  readonly code: Int32Array;
  /** Words of the code that are places in the arena, and those that are places among the literals. */
  readonly operandWords: Int32Array;
  readonly literalWords: Int32Array;
  /** Pairs of a word's place and its value for one row. */
  readonly rowWords: Int32Array;
  readonly weights: Float32Array;
}

export interface PredictorFile extends PredictorHeader, PredictorArrays {}

const ARRAYS = {
  literals: Float64Array,
  code: Int32Array,
  operandWords: Int32Array,
  literalWords: Int32Array,
  rowWords: Int32Array,
  weights: Float32Array,
} as const;
type ArrayName = keyof typeof ARRAYS;
const NAMES = Object.keys(ARRAYS) as ArrayName[];

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
const product = (shape: readonly number[]) => shape.reduce((size, one) => size * one, 1);
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function encodePredictor(file: PredictorFile): Uint8Array {
  if (!isLittleEndian) throw new FormatError('predictor: expected a little-endian machine, got a big-endian one');
  const { literals, code, operandWords, literalWords, rowWords, weights, ...header } = file;
  const arrays: PredictorArrays = { literals, code, operandWords, literalWords, rowWords, weights };
  const lengths = Object.fromEntries(NAMES.map((name) => [name, arrays[name].length]));
  const json = new TextEncoder().encode(JSON.stringify({ ...header, lengths }));
  const start = aligned(PREFIX_BYTES + json.length);
  const bytes = new Uint8Array(NAMES.reduce((end, name) => aligned(end + arrays[name].byteLength), start));
  bytes.set(json, PREFIX_BYTES);
  let at = start;
  for (const name of NAMES) {
    const { buffer, byteOffset, byteLength } = arrays[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at = aligned(at + byteLength);
  }
  new Uint32Array(bytes.buffer, 0, 4).set([MAGIC, VERSION, 0, json.length]);
  new Uint32Array(bytes.buffer)[2] = checksumOf(bytes);
  return bytes;
}

/**
 * Of the words from CHECKED_FROM on: bytes that were spoilt on their way to a page are refused before they run. It keeps nobody from making up a
 * file.
 */
function checksumOf({ buffer, byteOffset, byteLength }: Uint8Array): number {
  const words = new Uint32Array(buffer, byteOffset + CHECKED_FROM, (byteLength - CHECKED_FROM) / WORD_BYTES);
  let sum = 0;
  for (let i = 0; i < words.length; i++) {
    sum ^= words[i];
    sum = Math.imul((sum << 15) | (sum >>> 17), 0x9e3779b1);
  }
  return sum >>> 0;
}

/**
 * The parts of a file, copied, its numbers held against one another: whatever lies in the arena lies within it. What its program does there is for
 * the kernels, which can reach nothing but the memory of this predictor.
 *
 * @throws FormatError for bytes that are no such file, or that ask for too much.
 */
export function decodePredictor(given: Uint8Array): PredictorFile {
  // Not a Buffer of Node's, whose `slice` copies nothing.
  const lent = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const bytes = lent.byteOffset % WORD_BYTES ? lent.slice() : lent;
  const header = headerOf(bytes);
  let at = aligned(PREFIX_BYTES + header.jsonBytes);
  const arrays = {} as { -readonly [Name in ArrayName]: PredictorArrays[Name] };
  for (const name of NAMES) {
    const { BYTES_PER_ELEMENT } = ARRAYS[name];
    const length = header.lengths[name];
    if (!isCount(length) || at + length * BYTES_PER_ELEMENT > bytes.length) refuse(`the ${name} that it says it has`);
    const own = bytes.slice(at, at + length * BYTES_PER_ELEMENT).buffer;
    (arrays as Record<string, unknown>)[name] = new ARRAYS[name](own);
    at = aligned(at + length * BYTES_PER_ELEMENT);
  }
  const { jsonBytes: _, lengths: __, ...rest } = header;
  const file: PredictorFile = { ...rest, ...arrays };
  checkHeader(file);
  checkArrays(file);
  return file;
}

type ReadHeader = PredictorHeader & { readonly jsonBytes: number; readonly lengths: Readonly<Record<ArrayName, number>> };

function headerOf(bytes: Uint8Array): ReadHeader {
  if (bytes.length < PREFIX_BYTES) refuse('its first bytes');
  const [magic, version, checksum, jsonBytes] = new Uint32Array(bytes.buffer, bytes.byteOffset, PREFIX_BYTES / WORD_BYTES);
  if (magic !== MAGIC) throw new FormatError('predictor: expected the bytes that toPredictor() makes, got others');
  if (version !== VERSION) throw new FormatError(`predictor: expected version ${VERSION} of its form, got ${version}`);
  if (bytes.length % ALIGNMENT || checksum !== checksumOf(bytes)) refuse('the bytes that were written');
  if (jsonBytes > Math.min(MOST_HEADER_BYTES, bytes.length - PREFIX_BYTES)) refuse('a whole header');
  try {
    const read = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + jsonBytes)));
    return { ...read, lengths: { ...read.lengths }, jsonBytes };
  } catch (error) {
    throw new FormatError(`predictor: expected JSON in its header, got: ${messageOf(error)}`, { cause: error });
  }
}

function refuse(expected: string): never {
  throw new FormatError(`predictor: expected ${expected}, got a file that is cut off or changed`);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string';
const isListOf = <T>(value: unknown, check: (one: T) => boolean): boolean => Array.isArray(value) && value.every((one) => check(one ?? {}));

function checkHeader({ tableHash, programVersion, isNamed, inputs, outputs, rows, arena, scratch, weightRuns }: PredictorHeader): void {
  const isWhole =
    [tableHash, programVersion, rows, arena, scratch].every(isCount) &&
    typeof isNamed === 'boolean' &&
    arena + scratch <= MOST_FLOATS &&
    rows >= 1 &&
    rows <= MOST_ROWS;
  if (!isWhole) refuse(`sizes, of at most ${MOST_FLOATS} numbers and ${MOST_ROWS} rows`);
  const lies = ({ name, shape, offset }: Port) =>
    isText(name) && isListOf(shape, isCount) && shape.length <= MOST_AXES && isCount(offset) && offset + rows * product(shape) <= arena;
  if (!isListOf(inputs, (one: InputPort) => lies(one) && areRanges(one)) || !isListOf(outputs, lies) || !inputs.length || !outputs.length)
    refuse('inputs and outputs within its memory');
  const isRun = ([offset, length]: readonly number[]) => isCount(offset) && isCount(length) && offset + length <= arena;
  if (!isListOf(weightRuns, (run: readonly number[]) => Array.isArray(run) && isRun(run))) refuse('weights within its memory');
}

function areRanges({ ranges, shape }: InputPort): boolean {
  if (ranges === undefined) return true;
  const isRange = ({ as, most, isIndex, taker }: NonNullable<RangeRun['range']>) =>
    ['index', 'mask', 'length'].includes(as) && isCount(most) && typeof isIndex === 'boolean' && isText(taker);
  const isRun = ({ count, range }: RangeRun) => isCount(count) && (range === undefined || isRange(range ?? {}));
  const size = product(shape);
  return size <= MOST_RANGED && isListOf(ranges, isRun) && ranges.reduce((sum, { count }) => sum + count, 0) === size;
}

function checkArrays({ code, operandWords, literalWords, rowWords, literals, arena, weights, weightRuns }: PredictorFile): void {
  const areWithin = (words: Int32Array, limit: number) =>
    words.every((word) => word >= 0 && word < code.length && code[word] >= 0 && code[word] < limit);
  if (!areWithin(operandWords, arena) || !areWithin(literalWords, literals.length)) refuse('operands within its memory');
  if (!isWholeCode(code)) refuse('whole instructions');
  if (rowWords.length % 2 || rowWords.some((word, i) => i % 2 === 0 && !(word >= 0 && word < code.length))) refuse('sizes within its code');
  if (weightRuns.reduce((sum, [, length]) => sum + length, 0) !== weights.length) refuse('a value for each weight');
}

/** Whether each instruction says how many words it has, so that the kernels come to the end. */
function isWholeCode(code: Int32Array): boolean {
  let at = 0;
  while (at + 1 < code.length && code[at + 1] > 1) at += code[at + 1];
  return at === code.length;
}
