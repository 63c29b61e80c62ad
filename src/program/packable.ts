/** Which matrices of a program a backend may keep packed from run to run. */
import { HEADER_WORDS, type Instruction, instructions, type Program } from './format.ts';
import { accesses } from './shares.ts';

/**
 * Four words for each operand that is a matrix of parameters which the program never writes: the code word that names the operand,
 * the matrix's rows and columns, and 1 where it lies
 * transposed; 2 more where products read it rounded to bfloat16.
 */
export type Packable = Int32Array;
export const PACKABLE_WORDS = 4;
/**
 * The limit for all copies of a program together: 64 MB. Copies make products of a few rows two to three times as fast, and those of 64
 * rows or more no faster; the memory of a large network is worth more than that.
 */
export const MOST_PACKED_ELEMENTS = 2 ** 24;

/** The operands whose packed copies stay valid until parameters are written from outside. */
export function packableMatrices(program: Program): Packable {
  if (program.parameters.size === 0) return new Int32Array(0);
  const all = [...instructions(program)];
  const written = all.flatMap((one) => accesses(one, undefined, program.maximumRows).filter((access) => access.writes));
  const parameters = new Set([...program.parameters.values()].map(({ offset }) => offset));
  const isKept = (from: number, to: number) => parameters.has(from) && written.every((access) => access.to <= from || to <= access.from);
  return Int32Array.from(
    all
      .flatMap((one) => matricesOf(one, isKept))
      .filter(withinLimit())
      .flat(),
  );
}

/** Takes matrices in their order, each that fits beside those taken before. */
function withinLimit(): (matrix: readonly number[]) => boolean {
  let left = MOST_PACKED_ELEMENTS;
  return ([, rows, columns]) => {
    const fits = rows * columns <= left;
    if (fits) left -= rows * columns;
    return fits;
  };
}

function matricesOf(instruction: Instruction, isKept: (from: number, to: number) => boolean): number[][] {
  const { op, at, operands, scalars } = instruction;
  return Object.entries(op.packs).flatMap(([name, matrixOf]) => {
    const matrix = matrixOf(scalars);
    if (!matrix || matrix.rows <= 0 || matrix.columns <= 0) return [];
    const offset = operands[name];
    if (!isKept(offset, offset + matrix.rows * matrix.columns)) return [];
    return [
      [
        at + HEADER_WORDS + Object.keys(operands).indexOf(name),
        matrix.rows,
        matrix.columns,
        Number(matrix.transposed) + 2 * Number(matrix.rounded),
      ],
    ];
  });
}
