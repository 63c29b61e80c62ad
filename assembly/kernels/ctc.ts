/**
 * Connectionist temporal classification: the states, their scratch memory and the orders of operations are those of native/kernels/ctc.h.
 */
import { CtcArguments, CtcGradientArguments } from '../generated/arguments';
import { threadScratch } from '../scratch';
import { fillRun } from './movement';
import { exponentials } from './reductions';
import { largestOf } from './row_parts';
import { logOfExponentials } from '../generated/vector_functions';
import { difference, load4, store4, sum } from './vector';

/** The row under way: its labels, the class of a blank, and how many states it has; 0 where a label is no class. */
let labels: usize = 0;
let blank: i32 = 0;
let states: i32 = 0;

/** Its scratch memory. */
let passes: usize = 0;
let leading: usize = 0;
let following: usize = 0;
let row: usize = 0;
let all: usize = 0;

/** For rows of at most `length` labels. */
function layOut(length: i32): void {
  const most = <usize>(2 * length + 1) << 2;
  passes = threadScratch();
  following = passes + most + 8;
  leading = following + 8;
  row = following + most + 8;
  all = row + most;
}

@inline
function classOf(state: i32): i32 {
  return state & 1 ? load<i32>(labels + (<usize>(state >> 1) << 2)) : blank;
}

function beginRow(at: usize, length: i32, classes: i32): void {
  labels = at;
  let count = 0;
  for (; count < length; count++, at += 4) {
    const label = load<i32>(at);
    if (label < 0) break;
    if (label >= classes) {
      states = 0;
      return;
    }
  }
  states = 2 * count + 1;
  notePasses();
}

function notePasses(): void {
  fillRun(passes, states + 2, -Infinity);
  for (let i = 3; i < states; i += 2) if (classOf(i) != classOf(i - 2)) store<f32>(passes + (<usize>i << 2), 0);
}

/** The steps of a row whose length lies at `at`, if that is not 0. */
function stepsOf(at: usize, steps: i32): i32 {
  if (!at) return steps;
  const length = load<f32>(at);
  if (length >= <f32>steps) return steps;
  return length > 0 ? <i32>ceil<f32>(length) : 0;
}

/** out = ln(e^x + e^y + e^(z + pass)), state by state; −∞ where all are. */
function mergePaths(x: usize, y: usize, z: usize, pass: usize, out: usize, count: i32): void {
  for (let rest = count; rest > 0; rest -= 4, x += 16, y += 16, z += 16, pass += 16, out += 16) {
    const third = sum(load4(z, rest), load4(pass, rest));
    store4(out, logOfExponentials(load4(x, rest), load4(y, rest), third), rest);
  }
}

/** row += the logarithms of the states' classes at a step. */
function addLogs(logs: usize): void {
  const ofBlank = load<f32>(logs + (<usize>blank << 2));
  for (let i = 0; i < states; i++) {
    const at = row + (<usize>i << 2);
    store<f32>(at, load<f32>(at) + (i & 1 ? load<f32>(logs + (<usize>classOf(i) << 2)) : ofBlank));
  }
}

function copyLess(x: usize, by: f32, out: usize): void {
  const shift = f32x4.splat(by);
  for (let rest = states; rest > 0; rest -= 4, x += 16, out += 16) store4(out, difference(load4(x, rest), shift), rest);
}

/** ln p of the labels; −∞ where no path reads as them. */
function logProbability(logs: usize, classes: i32, steps: i32, keeps: bool): f64 {
  const bytes = <usize>states << 2;
  fillRun(following, states + 2, -Infinity);
  store<f32>(leading, 0);
  let total: f64 = 0;
  for (let t = 0; t < steps; t++, logs += <usize>classes << 2) {
    mergePaths(leading, leading - 4, leading - 8, passes, row, states);
    addLogs(logs);
    const largest = largestOf(row, states);
    if (largest == -Infinity) return -Infinity;
    total += <f64>largest;
    copyLess(row, largest, leading);
    if (keeps) memory.copy(all + bytes * t, leading, bytes);
  }
  const last = leading + bytes - 4;
  mergePaths(last, last - 4, leading - 8, passes, row, 1);
  return total + <f64>load<f32>(row);
}

/** `lengths` may be 0: absent. */
export function ctc(args: CtcArguments): void {
  let logs = args.logs;
  let from = args.labels;
  const lengths = args.lengths;
  let losses = args.losses;
  const rows = args.rows;
  const steps = args.steps;
  const classes = args.classes;
  const length = args.length;
  const zeroInfinity = args.zeroInfinity;
  layOut(length);
  blank = args.blank;
  for (let r = 0; r < rows; r++, logs += <usize>(steps * classes) << 2, from += <usize>length << 2, losses += 4) {
    beginRow(from, length, classes);
    if (states == 0) {
      store<f32>(losses, f32.NaN);
      continue;
    }
    const log = logProbability(logs, classes, stepsOf(lengths ? lengths + (<usize>r << 2) : 0, steps), false);
    store<f32>(losses, log == -Infinity && zeroInfinity ? 0 : <f32>-log);
  }
}

/** out of one step: `factor` times the probabilities of the states, for the classes of each. */
function addStates(probabilities: usize, factor: f32, out: usize, classes: i32): void {
  fillRun(out, classes, 0);
  for (let i = 0; i < states; i++, probabilities += 4) {
    const to = out + (<usize>classOf(i) << 2);
    store<f32>(to, load<f32>(to) + factor * load<f32>(probabilities));
  }
}

/** δ of the steps of a row with a path, from the last to the first. Probabilities are made to sum to 1 step by step. */
function deltas(delta: f32, logs: usize, out: usize, classes: i32, steps: i32): void {
  const bytes = <usize>states << 2;
  const width = <usize>classes << 2;
  fillRun(following, states + 2, -Infinity);
  store<f32>(following + bytes - 4, 0);
  for (let t = steps - 1; t >= 0; t--) {
    mergePaths(following, following + 4, following + 8, passes + 8, row, states);
    const through = all + bytes * t;
    for (let rest = states, at: usize = 0; rest > 0; rest -= 4, at += 16) {
      store4(through + at, sum(load4(through + at, rest), load4(row + at, rest)), rest);
    }
    const total = exponentials(through, through, states, largestOf(through, states));
    addStates(through, -delta / total, out + width * t, classes);
    addLogs(logs + width * t);
    copyLess(row, largestOf(row, states), following);
  }
}

/** `lengths` may be 0: absent. */
export function ctcGradient(args: CtcGradientArguments): void {
  let delta = args.delta;
  let logs = args.logs;
  let from = args.labels;
  const lengths = args.lengths;
  let out = args.out;
  const rows = args.rows;
  const steps = args.steps;
  const classes = args.classes;
  const length = args.length;
  const zeroInfinity = args.zeroInfinity;
  layOut(length);
  blank = args.blank;
  const size = steps * classes;
  const bytes = <usize>size << 2;
  for (let r = 0; r < rows; r++, logs += bytes, out += bytes, from += <usize>length << 2, delta += 4) {
    beginRow(from, length, classes);
    if (states == 0) {
      fillRun(out, size, NaN);
      continue;
    }
    const own = stepsOf(lengths ? lengths + (<usize>r << 2) : 0, steps);
    if (logProbability(logs, classes, own, true) == -Infinity) {
      fillRun(out, size, zeroInfinity ? 0 : NaN);
      continue;
    }
    deltas(load<f32>(delta), logs, out, classes, own);
    fillRun(out + (<usize>(own * classes) << 2), (steps - own) * classes, 0);
  }
}
