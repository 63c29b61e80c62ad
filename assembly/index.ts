/** What the host calls. The host owns all memory: it places contexts, programs, arenas and data, and passes pointers in. */
import { Context } from './context';
import { PROGRAM_VERSION, TABLE_HASH } from './generated/constants';
import { interpret, interpretPart } from './interpreter';

export * from './layout';
export { regionsStart, workspaceBytes } from './scratch';

/** The op table and the program format that this binary was made from. */
export const tableHash: u32 = TABLE_HASH;
export const programVersion: i32 = PROGRAM_VERSION;

/** Whether the products are made for relaxed SIMD, and may round a product and its sum at once. */
export const relaxed: bool = ASC_FEATURE_RELAXED_SIMD;

/** Packs a transposed matrix for products of one row. */
export { packColumns } from './kernels/gemm_packed';

/** x·y + sum, rounded as those of products are. */
export { addProduct } from './kernels/vector';

/** Runs a session's program, see `interpret`; `session` points to its Context. Returns the repeats done. */
export function run(session: usize, from: i32, to: i32, first: i32, repeats: i32, rows: i32): i32 {
  interpret(changetype<Context>(session), from, to, first, repeats, rows);
  return repeats;
}

/** Runs one of `parts` parts of the instruction at code word `at`, which the session's program divides. */
export function runPart(session: usize, at: i32, part: i32, parts: i32, repeat: i32, rows: i32): void {
  interpretPart(changetype<Context>(session), at, part, parts, repeat, rows);
}
