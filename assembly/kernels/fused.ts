/** A run of element-wise operations that walks memory once: blocks and steps are those of native/kernels/fused.h. */
import {
  ELEMENT_BLOCK,
  ELEMENT_FUNCTION_BITS,
  ELEMENT_INPUTS,
  ELEMENT_LITERALS,
  ELEMENT_OUTPUTS,
  ELEMENT_PART,
  ELEMENT_PLACE_BITS,
  ELEMENT_REGISTERS,
  ELEMENT_RESULT_BITS,
  ELEMENT_STEPS,
  ELEMENT_SUM,
  ElementwiseWord,
} from '../generated/constants';
import { computeElements } from '../generated/element_functions';
import { meetOthers, sharedScratch } from '../meeting';
import { LEVEL_BYTES, threadScratch } from '../scratch';
import { addElements, copyPart, ELEMENT_SUM_BYTES, totalOfElements } from './element_sums';
import { copy } from './elementwise';
import { sumOfRow } from './reductions';
import { BLOCK_STEPS, totalOfParts } from './sums';
import { ceilDivide } from '../sizes';

const FIRST_OUTPUT: i32 = ELEMENT_INPUTS;
const FIRST_REGISTER: i32 = FIRST_OUTPUT + ELEMENT_OUTPUTS;
const FIRST_LITERAL: i32 = FIRST_REGISTER + ELEMENT_REGISTERS;

/** Bits of a way: the input moves with the outer, the middle, the inner size. */
const OUTER: i32 = 4;
const MIDDLE: i32 = 2;
const INNER: i32 = 1;
const WHOLE: i32 = 7;

const BLOCK_BYTES: usize = <usize>ELEMENT_BLOCK << 2;
/**
 * Scratch memory: the literals, a 1, the places (an address and a step each), a block for each register, one for each input, and what each
 * sum takes.
 */
const ONE_AT: usize = <usize>ELEMENT_LITERALS << 2;
const PLACES_AT: usize = 64;
const REGISTERS_AT: usize = BLOCK_BYTES;
const REPEATED_AT: usize = REGISTERS_AT + <usize>ELEMENT_REGISTERS * BLOCK_BYTES;
const SUMS_AT: usize = REPEATED_AT + <usize>ELEMENT_INPUTS * BLOCK_BYTES;

/** Elements of a block of a sum; bytes of what a part of a row comes to, for all sums. */
const BLOCK_TERMS: i32 = BLOCK_STEPS * 16;
const PART_BYTES: usize = <usize>ELEMENT_OUTPUTS * LEVEL_BYTES;

/** Where in a row the elements begin that are repeated (−1: none are), and how many there are. */
let repeatedFrom: i32 = -1;
let repeatedSize: i32 = 0;

@inline
function word(at: usize, index: i32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

@inline
function setPlace(place: i32, at: usize, step: i32): void {
  const entry = threadScratch() + PLACES_AT + (<usize>place << 3);
  store<u32>(entry, <u32>at);
  store<i32>(entry, step, 4);
}

@inline
function addressOf(place: i32): usize {
  return <usize>load<u32>(threadScratch() + PLACES_AT + (<usize>place << 3));
}

@inline
function stepOf(place: i32): i32 {
  return load<i32>(threadScratch() + PLACES_AT + (<usize>place << 3), 4);
}

/** Executes the instruction at `at`; of the elements that each sum goes over, `count` from `first` on are this thread's. */
export function elementwise(first: i32, count: i32, at: usize): void {
  takeLiterals(at);
  for (let i = 0; i < ELEMENT_REGISTERS; i++) setPlace(FIRST_REGISTER + i, threadScratch() + REGISTERS_AT + <usize>i * BLOCK_BYTES, 1);
  repeatedFrom = -1;
  const reduced = word(at, ElementwiseWord.reduced);
  const elements = word(at, ElementwiseWord.outer) * word(at, ElementwiseWord.middle) * word(at, ElementwiseWord.inner);
  if (count < reduced) runParts(at, first, count, elements / reduced, reduced);
  else runRows(at, elements, reduced ? reduced : word(at, ElementwiseWord.inner));
}

/** All rows: as many as make a block at a time, or longer ones one after the other. */
function runRows(at: usize, elements: i32, row: i32): void {
  const rowsOfBlock = ELEMENT_BLOCK / row;
  if (rowsOfBlock > 0) {
    const block = rowsOfBlock * row;
    for (let i = 0; i < elements; i += block) runBlock(at, i, min(elements - i, block), row, 0, true);
  } else {
    for (let r = 0; r < elements / row; r++) {
      runRow(at, r * row, row);
      for (let j = nextSum(at, -1); j >= 0; j = nextSum(at, j)) store<f32>(sumAt(at, j, r), totalOfElements(sumPlace(j)));
    }
  }
}

/** A row that is longer than a block, or a part of one. */
function runRow(at: usize, from: i32, size: i32): void {
  for (let i = 0; i < size; i += ELEMENT_BLOCK) {
    runBlock(at, from + i, min(size - i, ELEMENT_BLOCK), 0, i / BLOCK_TERMS, size - i <= ELEMENT_BLOCK);
  }
}

/**
 * Rows that threads compute together, each a range of whole parts: they leave the parts' sums in shared memory and meet; one adds them up. The
 * memory is there twice, since one thread may write for the next row while another still reads.
 */
function runParts(at: usize, first: i32, count: i32, rows: i32, reduced: i32): void {
  const parts = ceilDivide(reduced, ELEMENT_PART);
  for (let r = 0; r < rows; r++) {
    const shared = sharedScratch() + <usize>((r & 1) * parts) * PART_BYTES;
    for (let i = first; i < first + count; i += ELEMENT_PART) {
      runRow(at, r * reduced + i, min(reduced - i, ELEMENT_PART));
      const part = shared + <usize>(i / ELEMENT_PART) * PART_BYTES;
      for (let j = nextSum(at, -1); j >= 0; j = nextSum(at, j)) copyPart(sumPlace(j), part + <usize>j * LEVEL_BYTES);
    }
    meetOthers();
    if (first > 0 || count == 0) continue;
    for (let j = nextSum(at, -1); j >= 0; j = nextSum(at, j)) {
      store<f32>(sumAt(at, j, r), totalOfParts(shared + <usize>j * LEVEL_BYTES, parts, PART_BYTES));
    }
  }
}

/** The next output after number `j` that is a sum; −1 where none is. */
function nextSum(at: usize, j: i32): i32 {
  let next = ELEMENT_OUTPUTS;
  for (let i = ElementwiseWord.step0; i < ElementwiseWord.step0 + ELEMENT_STEPS; i++) {
    const step = word(at, i);
    const output = outputOf(step);
    if (functionOf(step) == ELEMENT_SUM && output > j) next = min(next, output);
  }
  return next < ELEMENT_OUTPUTS ? next : -1;
}

/** Where output j, a sum, has the number of a row. */
@inline
function sumAt(at: usize, j: i32, row: i32): usize {
  return <usize>word(at, ElementwiseWord.out0 + j) + (<usize>row << 2);
}

@inline
function sumPlace(j: i32): usize {
  return threadScratch() + SUMS_AT + <usize>j * ELEMENT_SUM_BYTES;
}

function takeLiterals(at: usize): void {
  const count = <f64>word(at, ElementwiseWord.count);
  const counted = word(at, ElementwiseWord.counted);
  for (let i = 0; i < ELEMENT_LITERALS; i++) {
    const value = load<f64>(<usize>word(at, ElementwiseWord.literal0 + i));
    const place = threadScratch() + (<usize>i << 2);
    store<f32>(place, <f32>((counted >> i) & 1 ? value / count : value));
    setPlace(FIRST_LITERAL + i, place, 0);
  }
  store<f32>(threadScratch() + ONE_AT, 1);
}

@inline
function wayOf(at: usize, input: i32): i32 {
  return (word(at, ElementwiseWord.ways) >> (3 * input)) & WHOLE;
}

/** Where, in bytes, an input that is read in that way has its part of a row of the inner size. */
function offsetOf(at: usize, way: i32, row: i32): usize {
  const middle = word(at, ElementwiseWord.middle);
  const inner = way & INNER ? word(at, ElementwiseWord.inner) : 1;
  const outer = way & OUTER ? (row / middle) * (way & MIDDLE ? middle : 1) : 0;
  return <usize>((outer + (way & MIDDLE ? row % middle : 0)) * inner) << 2;
}

/**
 * The inputs' elements of a block, `size` from element `from` of the domain on. Over more than one row of the inner size, what is repeated
 * is repeated in memory.
 */
function takeInputs(at: usize, from: i32, size: i32): void {
  const inner = word(at, ElementwiseWord.inner);
  const row = from / inner;
  const start = from % inner;
  const isOfOneRow = start + size <= inner;
  for (let k = 0; k < ELEMENT_INPUTS; k++) {
    const way = wayOf(at, k);
    const input = <usize>word(at, ElementwiseWord.x0 + k);
    if (way == WHOLE) setPlace(k, input + (<usize>from << 2), 1);
    else if (isOfOneRow || way == 0) setPlace(k, input + offsetOf(at, way, row) + (way & INNER ? <usize>start << 2 : 0), way & INNER);
    else {
      const to = threadScratch() + REPEATED_AT + <usize>k * BLOCK_BYTES;
      // What is the same in all rows is there already, where the block before began at the same place of a row.
      if (way != INNER || start != repeatedFrom || size > repeatedSize) repeat(at, input, way, row, start, size, inner, to);
      setPlace(k, to, 1);
    }
  }
  repeatedFrom = isOfOneRow ? -1 : start;
  repeatedSize = size;
}

function repeat(at: usize, from: usize, way: i32, row: i32, start: i32, size: i32, inner: i32, to: usize): void {
  while (size > 0) {
    const n = min(inner - start, size);
    copy(from + offsetOf(at, way, row) + (way & INNER ? <usize>start << 2 : 0), way & INNER, to, n);
    to += <usize>n << 2;
    size -= n;
    start = 0;
    row++;
  }
}

/**
 * Elements of the domain, through all steps: whole rows of length `row`, or (0) a piece of a row, after `blocks` blocks of its sums, which may
 * be the last.
 */
function runBlock(at: usize, from: i32, size: i32, row: i32, blocks: u32, isLast: bool): void {
  takeInputs(at, from, size);
  for (let j = 0; j < ELEMENT_OUTPUTS; j++) setPlace(FIRST_OUTPUT + j, sumAt(at, j, from), 1);
  for (let i = ElementwiseWord.step0; i < ElementwiseWord.step0 + ELEMENT_STEPS; i++) {
    const step = word(at, i);
    if (step == 0) return;
    const f = functionOf(step);
    const x = sourceOf(step, 0);
    if (f == ELEMENT_SUM) {
      const j = outputOf(step);
      if (row) sumRows(addressOf(x), sumAt(at, j, from / row), size / row, row);
      else addElements(sumPlace(j), blocks, addressOf(x), size, isLast);
      continue;
    }
    const y = sourceOf(step, 1);
    const z = sourceOf(step, 2);
    const w = sourceOf(step, 3);
    const one = threadScratch() + ONE_AT;
    const to = addressOf(FIRST_OUTPUT + outputOf(step));
    computeElements(f, addressOf(x), stepOf(x), addressOf(y), stepOf(y), addressOf(z), stepOf(z), addressOf(w), stepOf(w), one, to, size);
  }
}

function sumRows(x: usize, out: usize, rows: i32, row: i32): void {
  for (let r = 0; r < rows; r++, x += <usize>row << 2, out += 4) store<f32>(out, sumOfRow(x, row));
}

@inline
function functionOf(step: i32): i32 {
  return step & ((1 << ELEMENT_FUNCTION_BITS) - 1);
}

/** Where the result goes: the number of an output, or, behind the outputs, of a register. */
@inline
function outputOf(step: i32): i32 {
  return (step >> ELEMENT_FUNCTION_BITS) & ((1 << ELEMENT_RESULT_BITS) - 1);
}

/** The place of source k. */
@inline
function sourceOf(step: i32, k: i32): i32 {
  return (step >> (ELEMENT_FUNCTION_BITS + ELEMENT_RESULT_BITS + k * ELEMENT_PLACE_BITS)) & ((1 << ELEMENT_PLACE_BITS) - 1);
}
