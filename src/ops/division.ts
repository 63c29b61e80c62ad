/** How threads share one instruction. */

/** Elements of a cache line: where shares may end anywhere, they end between lines. */
export const CACHE_LINE = 16;

/**
 * How threads divide one instruction: over independent outputs, never within a block of a sum, so that results do not depend on the number
 * of threads. A thread's share is a range of one size. The same kernel computes it as if it were the whole: that size is made smaller, and
 * every operand whose extent grows with it is moved along.
 */
export interface Division<O extends string, S extends string> {
  /** The size that is divided. */
  readonly over: S;
  /** A second size, divided within each unit of the first where there are few of those: the kernel takes a range of it. */
  readonly within?: S;
  /**
   * How often the threads meet in the kernel. Where given, all threads compute each unit together, each a range of `within`, and read the
   * others' ranges after a meeting. Without `within` they compute the whole together, each a range of `over`.
   */
  readonly meetings?: number;
  /** True where no share may begin within a row of the batch, though `over` has several elements for each. */
  readonly byRows?: boolean;
  /** The granule of ranges that a kernel takes, in elements; default a cache line. */
  readonly granule?: number;
  /** Operands in which the part of a unit is spread over the whole. Only for kernels that take a range of `over`. */
  readonly scattered?: readonly O[];
  /** Of what they compute together, the operands that the first thread alone touches. */
  readonly ofFirst?: readonly O[];
  /** How a single thread computes it in parts that need nothing of each other, where threads that meet divide it otherwise. */
  readonly alone?: Division<O, S>;
}
