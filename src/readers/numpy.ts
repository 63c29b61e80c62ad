/** NumPy's arrays as datasets. */
import type { Column } from '../datasets/chunk.ts';
import { sliceRows } from '../datasets/chunk.ts';
import { Dataset } from '../datasets/dataset.ts';
import { CHUNK_ROWS } from '../datasets/source.ts';
import { DataError, OptionError } from '../errors.ts';
import { NPY_BEGINNING, type NpyArray, parseNpyHeader, readNpyElements } from '../formats/npy.ts';
import { parseNpz } from '../formats/npz.ts';
import { describe } from '../options.ts';
import { abortable } from './abortable.ts';
import { type ArrayFormat, arraySource } from './array-files.ts';
import { allBytes, inputOf, isInput, type ReaderInput } from './input.ts';

/** A row of an array: a number, a vector, or a tensor. */
export type ArrayRow = number | Readonly<Float32Array | Float64Array | Int32Array | Uint8Array> | object;

const NPY: ArrayFormat = {
  name: 'npy',
  beginning: NPY_BEGINNING,
  parse(beginning) {
    const header = parseNpyHeader(beginning);
    const { shape, start, type } = header;
    if (header.isFortran && shape.length > 1)
      throw new DataError(
        `npy: expected an array by rows (C order), of which a row can be read alone, got one by columns (Fortran order) of shape [${shape.join(', ')}]; parseNpy reads it whole`,
      );
    return { shape, start, bytes: type.bytes, read: (bytes) => steady(type.bytes, readNpyElements(header, bytes)) };
  },
};

/** Integers of 8 bytes as float64 in all chunks: those of one chunk may fit into int32 where others do not. */
const steady = <T extends NpyArray['data']>(bytes: number, data: T) =>
  bytes === 8 && data instanceof Int32Array ? Float64Array.from(data) : data;

/**
 * The rows of NPY files, which are read in pieces: numbers keep their type, so that bytes stay bytes; int64 and uint64 become float64, float16
 * float32.
 *
 * @param files A file, whose rows are the rows of the dataset; or several by name, `{ x: 'x.npy', y: 'y.npy' }`, whose rows are records. Each may
 *   be gzipped, or a stream that is read once.
 * @throws OptionError for what is neither. Reading throws FormatError where a file is not NPY or not as long as its header says, DataError where
 *   arrays differ in rows, have none, or lie by columns.
 */
export function npy(files: ReaderInput): Dataset<ArrayRow>;
export function npy<const Name extends string>(files: Readonly<Record<Name, ReaderInput>>): Dataset<Readonly<Record<Name, ArrayRow>>>;
export function npy(files: ReaderInput | Readonly<Record<string, ReaderInput>>): Dataset<ArrayRow> {
  return new Dataset(arraySource(NPY, isInput(files) ? [{ path: [], input: inputOf('npy', files) }] : byName(files)));
}

function byName(files: unknown) {
  const named = typeof files === 'object' && files !== null ? Object.entries(files) : [];
  if (named.length === 0) throw new OptionError(`npy: expected a file or files by name, got ${describe(files)}`);
  return named.map(([name, file]) => ({ path: [name], input: inputOf(`npy.${name}`, file) }));
}

/**
 * The rows of an NPZ file's arrays, records of their names. The arrays are in memory once the first row is asked for.
 *
 * @param file A path, a `file:` URL, a stream that is read once, or a function that gives one.
 * @param names Which arrays, and how they are called: `{ x: 'x_train', y: 'y_train' }`. Default: all, by their names.
 * @throws OptionError for anything else. Reading throws FormatError where the file is not NPZ, DataError for an array that it does not have, and
 *   where arrays differ in rows or have none.
 */
export function npz<const Name extends string = string>(
  file: ReaderInput,
  names?: Readonly<Record<Name, string>>,
): Dataset<Readonly<Record<Name, ArrayRow>>> {
  const input = inputOf('npz', file);
  const chosen = names === undefined ? undefined : arrayNames(names);
  let loaded: Promise<readonly Column[]> | undefined;
  const columns = () => {
    loaded ??= allBytes(input)
      .then(parseNpz)
      .then((arrays) => columnsOf(input.name, arrays, chosen))
      .catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
    return loaded;
  };
  const slices = async function* (skip: number) {
    const all = await columns();
    const rows = rowsOf(all[0]);
    for (let at = skip; at < rows; at += CHUNK_ROWS) yield sliceRows({ rows, columns: all }, at, Math.min(rows, at + CHUNK_ROWS));
  };
  return new Dataset({
    rows: undefined,
    isSteady: true,
    read: ({ skip, signal }) => abortable(slices(skip), signal),
  });
}

function arrayNames(names: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  const entries = typeof names === 'object' && names !== null ? Object.entries(names) : [];
  if (entries.length === 0 || !entries.every(([, array]) => typeof array === 'string'))
    throw new OptionError(`npz.names: expected names of arrays, { x: 'x_train', y: 'y_train' }, got ${describe(names)}`);
  return entries as [string, string][];
}

type ArrayColumn = Extract<Column, { readonly data: unknown }>;

function columnsOf(
  file: string,
  arrays: ReadonlyMap<string, NpyArray>,
  names?: readonly (readonly [string, string])[],
): readonly ArrayColumn[] {
  const chosen = names ?? [...arrays.keys()].map((name) => [name, name] as const);
  const columns = chosen.map(([name, array]): ArrayColumn => {
    const found = arrays.get(array);
    if (!found) throw new DataError(`npz: ${file}: expected an array ${array}, got ${[...arrays.keys()].join(', ') || 'none'}`);
    const [rows, ...shape] = found.shape;
    if (rows === undefined || shape.includes(0))
      throw new DataError(`npz: ${file}: ${array}: expected an axis of rows, and elements in a row, got shape [${found.shape.join(', ')}]`);
    return { path: [name], shape, data: found.data };
  });
  const [first] = columns;
  if (!first) throw new DataError(`npz: ${file}: expected arrays, got none`);
  const other = columns.find((column) => rowsOf(column) !== rowsOf(first));
  if (other)
    throw new DataError(`npz: ${file}: expected ${rowsOf(first)} rows in ${other.path[0]} as in ${first.path[0]}, got ${rowsOf(other)}`);
  return columns;
}

const rowsOf = (column: Column) => {
  const { data, shape } = column as ArrayColumn;
  return data.length / shape.reduce((product, size) => product * size, 1);
};
