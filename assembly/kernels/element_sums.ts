/**
 * The sums of an `elementwise` instruction, over one row or part of a row at a time: elements come block by block, and each sum is that of the
 * op `sum` (sums.ts). A sum has a tree of blocks, then the 16 partial sums of what it has come to, in scratch memory.
 */
import { LEVEL_BYTES } from '../scratch';
import { addBlock, BLOCK_STEPS, totalOf, withBlocks } from './sums';
import { constant, load4, sum } from './vector';

/** Of a sum: one vector level more than a tree has, for the partial sums, which lie first. */
const LEVELS: usize = 31;
export const ELEMENT_SUM_BYTES: usize = (1 + LEVELS) * LEVEL_BYTES;

/** Adds `size` elements to the sum at `place`, of which `blocks` blocks were added: whole blocks, or the last ones. */
export function addElements(place: usize, blocks: u32, x: usize, size: i32, areLast: bool): void {
  const tree = place + LEVEL_BYTES;
  let p0 = constant(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let rest = size;
  while (true) {
    const steps = min(rest >> 4, BLOCK_STEPS);
    for (const end = x + (<usize>steps << 6); x < end; x += 64) {
      p0 = sum(p0, v128.load(x));
      p1 = sum(p1, v128.load(x, 16));
      p2 = sum(p2, v128.load(x, 32));
      p3 = sum(p3, v128.load(x, 48));
    }
    rest -= steps << 4;
    if (steps < BLOCK_STEPS || (rest == 0 && areLast)) break;
    addBlock(tree, blocks++, p0, p1, p2, p3);
    p0 = p1 = p2 = p3 = constant(0);
    if (rest == 0) return;
  }
  if (rest > 0) p0 = sum(p0, load4(x, rest));
  if (rest > 4) p1 = sum(p1, load4(x + 16, rest - 4));
  if (rest > 8) p2 = sum(p2, load4(x + 32, rest - 8));
  if (rest > 12) p3 = sum(p3, load4(x + 48, rest - 12));
  v128.store(place, withBlocks(tree, blocks, p0));
  v128.store(place, withBlocks(tree + 16, blocks, p1), 16);
  v128.store(place, withBlocks(tree + 32, blocks, p2), 32);
  v128.store(place, withBlocks(tree + 48, blocks, p3), 48);
}

/** Once the last elements are added: the sum. */
export function totalOfElements(place: usize): f32 {
  return totalOf(place, 0, v128.load(place), v128.load(place, 16), v128.load(place, 32), v128.load(place, 48));
}

/** The 16 partial sums of a part, copied to `to`. */
export function copyPart(place: usize, to: usize): void {
  memory.copy(to, place, LEVEL_BYTES);
}
