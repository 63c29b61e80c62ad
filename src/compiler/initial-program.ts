/** The program that draws the initial values of a network's parameters where they lie. */
import type { Distribution } from '../graph/source.ts';
import { TABLE_HASH } from '../ops/numbers.generated.ts';
import { RANDOM } from '../ops/random.ts';
import { opIn } from '../ops/registry.ts';
import { count } from '../ops/shape.ts';
import type { Shape } from '../ops/spec.ts';
import { NETWORK } from '../origin.ts';
import { PROGRAM_VERSION, type Program } from '../program/format.ts';
import type { ParameterLayout } from '../program/parameter-layout.ts';
import { verify } from '../program/verify.ts';
import { writeCode } from './encode.ts';

/** The most elements of an instruction: some milliseconds on native and WASM. */
const PIECE = 2 ** 18;

/** A parameter to be drawn. */
export interface Drawing {
  readonly name: string;
  readonly shape: Shape;
  readonly distribution: Distribution;
  /** The random stream that it is drawn from. */
  readonly stream: number;
}

/** Its arena holds the parameters alone, to be shared. */
export function compileInitialProgram(drawings: readonly Drawing[], { offsets, size }: ParameterLayout): Program {
  const drafts = drawings.flatMap((drawing) => pieces(drawing, offsets.get(drawing.name) as number));
  const program: Program = {
    version: PROGRAM_VERSION,
    tableHash: TABLE_HASH,
    ...writeCode(drafts).words,
    arenaSize: size,
    sharedSize: size,
    maximumRows: 1,
    constants: [],
    parameters: new Map(drawings.map(({ name, shape }) => [name, { offset: offsets.get(name) as number, shape }])),
    state: new Map(),
    carried: new Map(),
    inputs: new Map(),
    outputs: new Map(),
    records: new Map(),
    recordWidth: 0,
    origins: drafts.map(() => NETWORK),
    buffers: [],
    unplannedSize: size,
  };
  verify(program);
  return program;
}

function pieces({ shape, distribution, stream }: Drawing, offset: number) {
  const op = opIn(RANDOM, distribution.type === 'normal' ? 'drawNormal' : 'drawUniform');
  const scale: Record<string, number> =
    distribution.type === 'normal' ? { deviation: distribution.deviation } : { limit: distribution.limit };
  const elements = count(shape);
  return Array.from({ length: Math.ceil(elements / PIECE) }, (_, i) => {
    const first = i * PIECE;
    const scalars = { size: Math.min(PIECE, elements - first), first, stream, ...scale };
    return { op, operands: { out: offset + first }, scalars };
  });
}
