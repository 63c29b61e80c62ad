/**
 * Packed copies of the matrices by which a program multiplies a single row (assembly/kernels/gemm_packed.ts): such a product is reading
 * its matrix. A matrix is packed when it is used unchanged for the second time, so that a caller who changes the weights before every run
 * pays nothing. Where memory is short, matrices stay as they are.
 */
import { instructions, type Program, scalarWord } from '../../program/format.ts';
import { PACKABLE_WORDS, packableMatrices } from '../../program/packable.ts';
import type { WasmMemory } from './memory.ts';

const WORD_BYTES = 4;
const USES_BEFORE = 1;
/** Panels are whole. */
const PANEL_COLUMNS = 32;

interface Matrix {
  /** The code word of the operand, and that of the scalar that says how it lies: 0, 1 where transposed, or the address of the packed copy. */
  readonly operandWord: number;
  readonly layoutWord: number;
  readonly offset: number;
  readonly k: number;
  readonly n: number;
}

const lengthOf = ({ k, n }: Matrix) => k * n;

export class PackedMatrices {
  readonly #memory: WasmMemory;
  readonly #code: number;
  readonly #matrices: readonly Matrix[];
  #region: number | undefined;
  #uses = 0;
  #arePacked = false;

  /** `code`: where the program's placed code lies. */
  constructor(memory: WasmMemory, program: Program, code: number) {
    this.#memory = memory;
    this.#code = code;
    this.#matrices = matricesOf(program);
  }

  /** Elements of the arena were written. */
  changed(offset: number, length: number): void {
    if (!this.#matrices.some((matrix) => offset < matrix.offset + lengthOf(matrix) && matrix.offset < offset + length)) return;
    this.#uses = 0;
    if (this.#arePacked) for (const { layoutWord } of this.#matrices) this.#memory.setInteger(this.#address(layoutWord), 1);
    this.#arePacked = false;
  }

  /** Before a run with one row. Returns the region of the copies, where it is new. */
  prepare(): number | undefined {
    if (this.#arePacked || this.#matrices.length === 0 || this.#uses++ < USES_BEFORE) return undefined;
    const isNew = this.#region === undefined;
    this.#region ??= this.#allocate();
    if (this.#region === undefined) return undefined;
    let to = this.#region;
    for (const matrix of this.#matrices) {
      const { operandWord, layoutWord, k, n } = matrix;
      this.#memory.packColumns(this.#memory.integerAt(this.#address(operandWord)), n, k, to);
      this.#memory.setInteger(this.#address(layoutWord), to);
      to += lengthOf(matrix) * WORD_BYTES;
    }
    this.#arePacked = true;
    return isNew ? this.#region : undefined;
  }

  #address(word: number): number {
    return this.#code + word * WORD_BYTES;
  }

  #allocate(): number | undefined {
    const elements = this.#matrices.reduce((sum, matrix) => sum + lengthOf(matrix), 0);
    try {
      return this.#memory.allocate(elements * WORD_BYTES, 'packed weights');
    } catch {
      return undefined;
    }
  }
}

/** The transposed ones that a product of one row, or of as many as the batch has, takes, where they are whole panels. */
function matricesOf(program: Program): Matrix[] {
  const packable = packableMatrices(program);
  const found = new Map<number, readonly number[]>();
  for (let i = 0; i < packable.length; i += PACKABLE_WORDS) found.set(packable[i], [...packable.subarray(i + 1, i + PACKABLE_WORDS)]);
  return [...instructions(program)].flatMap(({ op, at, words, scalars }) =>
    [...found].flatMap(([word, [k, n, lies]]) => {
      const isOwn = word > at && word < at + words && lies === 1 && Math.abs(scalars.m) === 1 && !scalars.transposeA;
      if (!isOwn || n % PANEL_COLUMNS) return [];
      return [{ operandWord: word, layoutWord: at + scalarWord(op, 'transposeB'), offset: program.code[word], k, n }];
    }),
  );
}
