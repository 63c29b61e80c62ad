/** A run of element-wise operations that walks memory once: blocks and steps are those of native/kernels/fused.h. */
import {
  ELEMENT_BLOCK,
  ELEMENT_FUNCTION_BITS,
  ELEMENT_INPUTS,
  ELEMENT_LITERALS,
  ELEMENT_OUTPUTS,
  ELEMENT_PLACE_BITS,
  ELEMENT_REGISTERS,
  ELEMENT_STEPS,
  HEADER_WORDS,
} from '../generated/constants';
import { computeElements } from '../generated/element_functions';
import { threadScratch } from '../scratch';
import { copy } from './elementwise';

const FIRST_OUTPUT: i32 = ELEMENT_INPUTS;
const FIRST_REGISTER: i32 = FIRST_OUTPUT + ELEMENT_OUTPUTS;
const FIRST_LITERAL: i32 = FIRST_REGISTER + ELEMENT_REGISTERS;

/** Words of the instruction. */
const SIZES: i32 = HEADER_WORDS + ELEMENT_INPUTS + ELEMENT_OUTPUTS;
const WAYS: i32 = SIZES + 3;
const COUNT: i32 = WAYS + 1;
const COUNTED: i32 = COUNT + 1;
const FIRST_LITERAL_WORD: i32 = COUNTED + 1;
const FIRST_STEP_WORD: i32 = FIRST_LITERAL_WORD + ELEMENT_LITERALS;

/** Bits of a way: the input moves with the outer, the middle, the inner size. */
const OUTER: i32 = 4;
const MIDDLE: i32 = 2;
const INNER: i32 = 1;
const WHOLE: i32 = 7;

const BLOCK_BYTES: usize = <usize>ELEMENT_BLOCK << 2;
/** Scratch memory: the literals, a 1, the places (an address and a step each), a block for each register, and one for each input. */
const ONE_AT: usize = <usize>ELEMENT_LITERALS << 2;
const PLACES_AT: usize = 64;
const REGISTERS_AT: usize = BLOCK_BYTES;
const REPEATED_AT: usize = REGISTERS_AT + <usize>ELEMENT_REGISTERS * BLOCK_BYTES;

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

/** Executes the instruction at `at`. */
export function elementwise(at: usize): void {
  takeLiterals(at);
  for (let i = 0; i < ELEMENT_REGISTERS; i++) setPlace(FIRST_REGISTER + i, threadScratch() + REGISTERS_AT + <usize>i * BLOCK_BYTES, 1);
  const inner = word(at, SIZES + 2);
  const rows = word(at, SIZES) * word(at, SIZES + 1);
  const rowsOfBlock = ELEMENT_BLOCK / inner;
  if (rows == 1 || rowsOfBlock < 2) {
    for (let row = 0; row < rows; row++) runRow(at, row, inner);
  } else {
    for (let row = 0; row < rows; row += rowsOfBlock) runRows(at, row, min(rows - row, rowsOfBlock), inner);
  }
}

function takeLiterals(at: usize): void {
  const count = <f64>word(at, COUNT);
  const counted = word(at, COUNTED);
  for (let i = 0; i < ELEMENT_LITERALS; i++) {
    const value = load<f64>(<usize>word(at, FIRST_LITERAL_WORD + i));
    const place = threadScratch() + (<usize>i << 2);
    store<f32>(place, <f32>((counted >> i) & 1 ? value / count : value));
    setPlace(FIRST_LITERAL + i, place, 0);
  }
  store<f32>(threadScratch() + ONE_AT, 1);
}

@inline
function wayOf(at: usize, input: i32): i32 {
  return (word(at, WAYS) >> (3 * input)) & WHOLE;
}

/** Where, in bytes, an input that is read in that way has its part of a row. */
function offsetOf(at: usize, way: i32, row: i32): usize {
  const middle = word(at, SIZES + 1);
  const inner = way & INNER ? word(at, SIZES + 2) : 1;
  const outer = way & OUTER ? (row / middle) * (way & MIDDLE ? middle : 1) : 0;
  return <usize>((outer + (way & MIDDLE ? row % middle : 0)) * inner) << 2;
}

function takeOutputs(at: usize, offset: usize): void {
  for (let j = 0; j < ELEMENT_OUTPUTS; j++) setPlace(FIRST_OUTPUT + j, <usize>word(at, HEADER_WORDS + ELEMENT_INPUTS + j) + offset, 1);
}

/** A row, in blocks. */
function runRow(at: usize, row: i32, inner: i32): void {
  for (let start = 0; start < inner; start += ELEMENT_BLOCK) {
    for (let k = 0; k < ELEMENT_INPUTS; k++) {
      const way = wayOf(at, k);
      const offset = offsetOf(at, way, row) + (way & INNER ? <usize>start << 2 : 0);
      setPlace(k, <usize>word(at, HEADER_WORDS + k) + offset, way & INNER);
    }
    takeOutputs(at, <usize>(row * inner + start) << 2);
    runBlock(at, min(inner - start, ELEMENT_BLOCK));
  }
}

/** Whole rows, which are one block: what is repeated along them or between them is repeated in memory. */
function runRows(at: usize, row: i32, rows: i32, inner: i32): void {
  const offset = <usize>(row * inner) << 2;
  for (let k = 0; k < ELEMENT_INPUTS; k++) {
    const way = wayOf(at, k);
    const from = <usize>word(at, HEADER_WORDS + k);
    if (way == WHOLE) setPlace(k, from + offset, 1);
    else if (way == 0) setPlace(k, from, 0);
    else {
      const to = threadScratch() + REPEATED_AT + <usize>k * BLOCK_BYTES;
      // The same in all rows is repeated once: no block has more rows than the first.
      if (row == 0 || way != INNER) repeat(at, from, way, row, rows, inner, to);
      setPlace(k, to, 1);
    }
  }
  takeOutputs(at, offset);
  runBlock(at, rows * inner);
}

function repeat(at: usize, from: usize, way: i32, row: i32, rows: i32, inner: i32, to: usize): void {
  for (let r = row; r < row + rows; r++, to += <usize>inner << 2) copy(from + offsetOf(at, way, r), way & INNER, to, inner);
}

function runBlock(at: usize, size: i32): void {
  for (let i = FIRST_STEP_WORD; i < FIRST_STEP_WORD + ELEMENT_STEPS; i++) {
    const step = word(at, i);
    if (step == 0) return;
    const x = placeOf(step, 1);
    const y = placeOf(step, 2);
    const f = step & ((1 << ELEMENT_FUNCTION_BITS) - 1);
    const z = placeOf(step, 3);
    const to = addressOf(placeOf(step, 0));
    computeElements(f, addressOf(x), stepOf(x), addressOf(y), stepOf(y), addressOf(z), stepOf(z), threadScratch() + ONE_AT, to, size);
  }
}

@inline
function placeOf(step: i32, field: i32): i32 {
  return (step >> (ELEMENT_FUNCTION_BITS + field * ELEMENT_PLACE_BITS)) & ((1 << ELEMENT_PLACE_BITS) - 1);
}
