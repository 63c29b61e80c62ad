// Generated from the op table by src/codegen: do not edit, run `npm run generate`.

/** Compared when a backend loads: a binary made from another op table is refused. */
export const TABLE_HASH: u32 = 652096873;

/** The program format that the dispatch reads. */
export const PROGRAM_VERSION: i32 = 1;

/** Words of an instruction before its operands. */
export const HEADER_WORDS: i32 = 2;

/** Steps of k in a block: part of the contract of gemm.ts. */
export const BLOCK_DEPTH: i32 = 512;

/** Elements of a part of a long row, see kernels/row_parts.ts. */
export const ROW_PART: i32 = 4096;

/** Of sums of a convolution's weight: their parts, see kernels/convolution_parts.ts. */
export const WEIGHT_MOST_PARTS: i32 = 8;
export const WEIGHT_SUMS: i32 = 262144;
export const WEIGHT_LEAST_POSITIONS: i32 = 512;

/** Queries and keys of a tile: part of the contract of kernels/attention.ts. */
export const ATTENTION_TILE: i32 = 64;

/** Of products of bytes: columns of a panel, rows that are quantised together, the largest numbers of a weight and of an activation. */
export const BYTE_PANEL: i32 = 16;
export const BYTE_ROWS: i32 = 48;
export const MOST_WEIGHT: i32 = 127;
export const MOST_ACTIVATION: i32 = 255;

/** Of an `elementwise` instruction: its places, the bits of the word of a step, the elements of a block. */
export const ELEMENT_INPUTS: i32 = 8;
export const ELEMENT_OUTPUTS: i32 = 4;
export const ELEMENT_REGISTERS: i32 = 8;
export const ELEMENT_LITERALS: i32 = 12;
export const ELEMENT_STEPS: i32 = 24;
export const ELEMENT_FUNCTION_BITS: i32 = 7;
export const ELEMENT_RESULT_BITS: i32 = 4;
export const ELEMENT_PLACE_BITS: i32 = 5;
export const ELEMENT_BLOCK: i32 = 1024;
export const ELEMENT_PART: i32 = 1024;
/** The number of the function that adds elements up, the last of all. */
export const ELEMENT_SUM: i32 = 83;

/** An index of nothing. */
export const NO_INDEX: i32 = -2147483648;

/** Words of `elementwise`, from the start of the instruction. */
export const enum ElementwiseWord {
  x0 = 2,
  x1 = 3,
  x2 = 4,
  x3 = 5,
  x4 = 6,
  x5 = 7,
  x6 = 8,
  x7 = 9,
  out0 = 10,
  out1 = 11,
  out2 = 12,
  out3 = 13,
  outer = 14,
  middle = 15,
  inner = 16,
  sums = 17,
  reduced = 18,
  ways = 19,
  count = 20,
  counted = 21,
  literal0 = 22,
  literal1 = 23,
  literal2 = 24,
  literal3 = 25,
  literal4 = 26,
  literal5 = 27,
  literal6 = 28,
  literal7 = 29,
  literal8 = 30,
  literal9 = 31,
  literal10 = 32,
  literal11 = 33,
  step0 = 34,
  step1 = 35,
  step2 = 36,
  step3 = 37,
  step4 = 38,
  step5 = 39,
  step6 = 40,
  step7 = 41,
  step8 = 42,
  step9 = 43,
  step10 = 44,
  step11 = 45,
  step12 = 46,
  step13 = 47,
  step14 = 48,
  step15 = 49,
  step16 = 50,
  step17 = 51,
  step18 = 52,
  step19 = 53,
  step20 = 54,
  step21 = 55,
  step22 = 56,
  step23 = 57,
}

/** What a stream of random numbers is for. */
export const enum Purpose {
  initialize = 0,
  shuffle = 1,
  dropout = 2,
  split = 3,
  check = 4,
  rounding = 5,
  rows = 6,
  augment = 7,
}

/** How `correct` compares. */
export const enum Comparison {
  index = 0,
  largest = 1,
  threshold = 2,
}

/** Ids of the activations that a matmul can fuse, as programs hold them. */
export const enum Activation {
  identity = 0,
  sigmoid = 1,
  tanh = 2,
  relu = 3,
  leakyRelu = 4,
  elu = 5,
  selu = 6,
  gelu = 7,
  geluTanh = 8,
  silu = 9,
  softplus = 10,
  hardSigmoid = 11,
  hardSwish = 12,
}

/** Functions of one argument. */
export const enum Unary {
  identity = 0,
  sigmoid = 1,
  tanh = 2,
  relu = 3,
  leakyRelu = 4,
  elu = 5,
  selu = 6,
  gelu = 7,
  geluTanh = 8,
  silu = 9,
  softplus = 10,
  hardSigmoid = 11,
  hardSwish = 12,
  negate = 13,
  exp = 14,
  log = 15,
  sqrt = 16,
  square = 17,
  abs = 18,
  sign = 19,
  step = 20,
  erf = 21,
  clamp = 22,
  roundBfloat16 = 23,
}

/** Functions of two arguments. */
export const enum Binary {
  add = 0,
  subtract = 1,
  multiply = 2,
  divide = 3,
  power = 4,
  maximum = 5,
  minimum = 6,
  squaredError = 7,
  absoluteError = 8,
  huberError = 9,
  logisticError = 10,
  bernoulliError = 11,
  relativeEntropy = 12,
}

/** Formulas of several functions: src/ops/compositions.ts. */
export const enum Composition {
  addAdd = 0,
  addSubtract = 1,
  addMultiply = 2,
  addSubtractFrom = 3,
  subtractAdd = 4,
  subtractSubtract = 5,
  subtractMultiply = 6,
  subtractSubtractFrom = 7,
  multiplyAdd = 8,
  multiplySubtract = 9,
  multiplyMultiply = 10,
  multiplySubtractFrom = 11,
  divideAdd = 12,
  divideSubtract = 13,
  divideMultiply = 14,
  divideSubtractFrom = 15,
  sqrtAdd = 16,
  sqrtSubtract = 17,
  sqrtMultiplyAdd = 18,
  divideBySqrtAdd = 19,
  sumOfProducts = 20,
  differenceOfProducts = 21,
  productPlusSquare = 22,
  productMinusQuotient = 23,
  subtractQuotientOfProduct = 24,
  subtractProductOfQuotient = 25,
  interpolate = 26,
}
