/** What readers make of files that were changed by chance: rows, or a typed error. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { csv, idx, jsonLines, npy, npz } from 'chainrule/data';
import { type HasSource, SOURCE } from '../../src/datasets/source.ts';
import { DataError, FormatError, OptionError } from '../../src/errors.ts';
import { RandomStream } from '../../src/random/philox.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/npy.json', import.meta.url), 'utf8')) as {
  readonly npy: Record<string, { readonly bytes: string }>;
  readonly npz: { readonly bytes: Record<string, string> };
};
const decoded = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const text = (lines: readonly string[]) => Buffer.from(lines.join('\n'));

const CSV = text(['age,job,"pay, net"', '41,clerk,10.5', ',"nurse\n""day""",-2e3', '7,,', '1,ü,"2"', '']);
const JSON_LINES = text(['{"x":[1,2],"y":0}', '', '{"y":1,"x":[3,4]}', '{"x":[5,6e1],"y":"ü"}']);
const IDX = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8);
const LABELS = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 3, 4);

interface ReaderCase {
  readonly files: readonly Uint8Array[];
  /** A dataset of a file that comes in pieces. */
  open(pieces: () => Uint8Array[]): HasSource;
  /** CHAINRULE_BACKEND while it is read: the addon reads CSV, or TypeScript does. */
  readonly backend?: string;
}

/** A reader by name, with files that it reads. */
export const READERS: Readonly<Record<string, ReaderCase>> = {
  csv: { files: [CSV, gzipSync(CSV)], open: (pieces) => csv(pieces, { target: 'job' }) },
  'csv by TypeScript': { files: [CSV, gzipSync(CSV)], open: (pieces) => csv(pieces, { target: 'job' }), backend: 'wasm' },
  'csv without a header': { files: [CSV], open: (pieces) => csv(pieces, { header: false, types: { column0: 'text' } }) },
  jsonLines: { files: [JSON_LINES, gzipSync(JSON_LINES)], open: (pieces) => jsonLines(pieces) },
  'jsonLines with a target': { files: [JSON_LINES], open: (pieces) => jsonLines(pieces, { target: 'y' }) },
  npy: { files: Object.values(golden.npy).map(({ bytes }) => decoded(bytes)), open: (pieces) => npy(pieces) },
  npz: { files: Object.values(golden.npz.bytes).map(decoded), open: (pieces) => npz(pieces) },
  idx: { files: [IDX, gzipSync(IDX)], open: (pieces) => idx(pieces, () => [LABELS]) },
};

/** Bytes that mean something to one reader or another. */
const TELLING = [...Buffer.from('",\n\r{}[]:e-.0 \'()'), 0, 255, 0x1f, 0x8b];

/** One to three changes: bytes changed, a bit turned, bytes put in or taken out, a part of another file put in, the end cut off. */
function mutate(original: Uint8Array, other: Uint8Array, random: RandomStream): Uint8Array {
  let bytes = [...original];
  for (let changes = 1 + random.integer(3); changes > 0; changes--) {
    const at = random.integer(bytes.length + 1);
    const kind = random.integer(7);
    if (kind === 0) bytes[at] = random.integer(256);
    else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(8));
    else if (kind === 2) bytes.splice(at, 0, TELLING[random.integer(TELLING.length)]);
    else if (kind === 3) bytes.splice(at, 1 + random.integer(4));
    else if (kind === 4) bytes[at] = TELLING[random.integer(TELLING.length)];
    else if (kind === 5) bytes.splice(at, random.integer(8), ...other.slice(random.integer(other.length)).slice(0, 16));
    else bytes = bytes.slice(0, at);
  }
  return Uint8Array.from(bytes);
}

/** In pieces cut anywhere. */
function inPieces(bytes: Uint8Array, random: RandomStream): Uint8Array[] {
  const at = random.integer(bytes.length + 1);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

/** Reads files changed by chance. Gives how many were read; throws any error that no reader may throw. */
export async function readMutations(reader: string, mutations: number, seed: number): Promise<number> {
  const before = process.env.CHAINRULE_BACKEND;
  const { backend } = READERS[reader];
  if (backend) process.env.CHAINRULE_BACKEND = backend;
  try {
    return await readEach(reader, mutations, seed);
  } finally {
    if (before === undefined) delete process.env.CHAINRULE_BACKEND;
    else process.env.CHAINRULE_BACKEND = before;
  }
}

async function readEach(reader: string, mutations: number, seed: number): Promise<number> {
  const { files, open } = READERS[reader];
  const random = new RandomStream(seed, 0);
  let read = 0;
  for (let i = 0; i < mutations; i++) {
    const bytes = mutate(files[i % files.length], files[random.integer(files.length)], random);
    const pieces = inPieces(bytes, random);
    try {
      for await (const { rows } of open(() => pieces)[SOURCE].read({ seed: 0, epoch: 0, skip: random.integer(3) }))
        if (!(rows > 0)) throw new Error(`a chunk of ${rows} rows`);
      read++;
    } catch (error) {
      if (!(error instanceof DataError || error instanceof FormatError || error instanceof OptionError))
        throw new Error(`${reader}: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`, { cause: error });
    }
  }
  return read;
}
