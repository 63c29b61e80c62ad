/**
 * The workspace: memory that the host allocates once and that kernels may use for the length of one call; nothing in it outlives an
 * instruction. No two threads may run with one workspace.
 */
import { CONVOLUTION_BYTES } from './kernels/convolution_sizes';
import { BLOCK_BYTES, PRODUCT_BYTES, STRIPS_BYTES } from './kernels/product';
import { RECURRENCE_BYTES } from './kernels/recurrence';

const ALIGNMENT: usize = 64;

/**
 * Four vectors, for the ends of arrays that are no whole vectors; then five times sixteen elements, four sources and a result, for steps that
 * take so many at a time; blocks of random words in the same place.
 */
const VECTORS_BYTES: usize = 64;
const PARTS_BYTES: usize = VECTORS_BYTES + 320;

/** The longest instruction has fewer words than these hold. */
const INSTRUCTION_BYTES: usize = 256;

/** Four vectors of sums for each level of a tree of blocks (a memory holds fewer than 2³²); and for two such trees. */
export const LEVEL_BYTES: usize = 64;
const TREE_BYTES: usize = 32 * LEVEL_BYTES;

/** Of matrix products or of convolutions: no instruction is both. */
const PRODUCTS_BYTES: usize = PRODUCT_BYTES + STRIPS_BYTES + BLOCK_BYTES;
const KERNEL_BYTES: usize = CONVOLUTION_BYTES > PRODUCTS_BYTES ? CONVOLUTION_BYTES : PRODUCTS_BYTES;

/** What the host must allocate, on 64 bytes. */
export const workspaceBytes: i32 = <i32>(PARTS_BYTES + INSTRUCTION_BYTES + 2 * TREE_BYTES + RECURRENCE_BYTES + KERNEL_BYTES);

let workspace: usize = 0;

/** The workspace of everything that is run from now on. */
export function useWorkspace(at: usize): void {
  workspace = at;
}

/** VECTORS_BYTES for the ends of arrays, see kernels/elementwise.ts. */
@inline
export function partsPlace(): usize {
  return workspace;
}

/** Five times sixteen elements, see there. */
@inline
export function sixteens(): usize {
  return workspace + VECTORS_BYTES;
}

/** INSTRUCTION_BYTES for a thread's share of an instruction, written as an instruction. */
@inline
export function instructionPlace(): usize {
  return workspace + PARTS_BYTES;
}

/** TREE_BYTES for the sum under way, see kernels/sums.ts. */
@inline
export function blockSums(): usize {
  return workspace + PARTS_BYTES + INSTRUCTION_BYTES;
}

/** TREE_BYTES for a second sum over the same elements. */
@inline
export function otherBlockSums(): usize {
  return blockSums() + TREE_BYTES;
}

/** RECURRENCE_BYTES for the description of the recurrence under way, whose products are described below. */
@inline
export function recurrencePlace(): usize {
  return otherBlockSums() + TREE_BYTES;
}

@inline
function kernelPlace(): usize {
  return recurrencePlace() + RECURRENCE_BYTES;
}

/** CONVOLUTION_BYTES for the convolution under way, in the place of a product's. */
@inline
export function convolutionPlace(): usize {
  return kernelPlace();
}

/** PRODUCT_BYTES for the description of the matrix product under way. */
@inline
export function productPlace(): usize {
  return kernelPlace();
}

/** STRIPS_BYTES for packed strips of A. */
@inline
export function packedStrips(): usize {
  return kernelPlace() + PRODUCT_BYTES;
}

/** BLOCK_BYTES for a packed block of B. */
@inline
export function packedBlock(): usize {
  return kernelPlace() + PRODUCT_BYTES + STRIPS_BYTES;
}

let scratch: usize = 0;

/** Where everything that is run from now on has the memory that its program's `scratch` asks for (src/ops/spec.ts). */
export function useScratch(at: usize): void {
  scratch = at;
}

@inline
export function threadScratch(): usize {
  return scratch;
}

/** The first byte that the host may use. */
export function regionsStart(): usize {
  return (__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}
