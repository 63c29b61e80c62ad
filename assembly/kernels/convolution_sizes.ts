/** How a convolution cuts up its work, and shares out the workspace. */
import { BLOCK_DEPTH } from '../generated/constants';

/** Elements of the copy of the image, of packed weights or δ, and of the sums. */
export const IMAGE_FLOATS: i32 = 128 * 1024;
export const OPERAND_FLOATS: i32 = 64 * BLOCK_DEPTH;
export const SUMS_FLOATS: i32 = 64 * 1024;
/** Taps whose places are held at once, at least BLOCK_DEPTH. */
export const MOST_TAPS: i32 = 2048;

export const DESCRIPTION_BYTES: usize = 256;
export const TAPS_BYTES: usize = MOST_TAPS << 2;
/** Tiles read up to a tile's width beyond the copy's end. */
export const IMAGE_BYTES: usize = (IMAGE_FLOATS + 64) << 2;
export const OPERAND_BYTES: usize = OPERAND_FLOATS << 2;
export const SUMS_BYTES: usize = SUMS_FLOATS << 2;

export const CONVOLUTION_BYTES: usize = DESCRIPTION_BYTES + TAPS_BYTES + IMAGE_BYTES + OPERAND_BYTES + SUMS_BYTES;
