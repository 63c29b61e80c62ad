/**
 * The memory between the module's own data and the host's regions, which kernels may use for the length of one call: nothing in it
 * outlives an instruction.
 */
const ALIGNMENT: usize = 64;

/** Bytes of the panel into which a matrix product packs B. */
export const PANEL_BYTES: usize = 16384;
/** Bytes of the tile in which a matrix product forms what is narrower than a tile. */
export const TILE_BYTES: usize = 256;

// @ts-ignore: decorator
@inline
export function panel(): usize {
  return (__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

// @ts-ignore: decorator
@inline
export function tile(): usize {
  return panel() + PANEL_BYTES;
}

/** The first byte that the host may use. */
export function regionsStart(): usize {
  return tile() + TILE_BYTES;
}
