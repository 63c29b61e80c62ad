/** Ops that know about classes. A class index that is no class of its row yields NaN rather than a stray read or write. */
import { Comparison } from '../generated/constants';
import { exponentials, maximumOf, scaleRow } from './reductions';

/** The class index stored at `from`; −1 where it is none. */
function classAt(from: usize, columns: i32): i32 {
  const index = load<f32>(from);
  return index >= 0 && index < <f32>columns && nearest(index) == index ? <i32>index : -1;
}

export function pick(x: usize, index: usize, out: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++, index += 4, out += 4, x += <usize>columns << 2) {
    const picked = classAt(index, columns);
    store<f32>(out, picked < 0 ? f32.NaN : load<f32>(x + (<usize>picked << 2)));
  }
}

export function scatter(x: usize, index: usize, out: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++, index += 4, x += 4, out += <usize>columns << 2) {
    const hot = classAt(index, columns);
    const rest: f32 = hot < 0 ? f32.NaN : 0;
    for (let j = 0; j < columns; j++) store<f32>(out + (<usize>j << 2), j == hot ? load<f32>(x) : rest);
  }
}

/** The losses are formed from logits − largest, so that large logits lose no digits; their sum over classes is in double precision. */
export function softmaxCrossEntropy(
  logits: usize,
  target: usize,
  losses: usize,
  probabilities: usize,
  rows: i32,
  columns: i32,
  sparse: i32,
): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, logits += row, losses += 4, probabilities += row) {
    const largest = maximumOf(logits, columns);
    const total = exponentials(logits, probabilities, columns, largest);
    const log = <f64>Mathf.log(<f32>total);
    scaleRow(probabilities, columns, <f32>(1 / total));
    if (sparse) {
      store<f32>(losses, <f32>indexLoss(logits, classAt(target, columns), largest, log));
      target += 4;
    } else {
      store<f32>(losses, <f32>probabilityLoss(logits, target, columns, largest, log));
      target += row;
    }
  }
}

function indexLoss(logits: usize, index: i32, largest: f32, log: f64): f64 {
  return index < 0 ? NaN : <f64>largest - <f64>load<f32>(logits + (<usize>index << 2)) + log;
}

function probabilityLoss(logits: usize, target: usize, columns: i32, largest: f32, log: f64): f64 {
  let loss: f64 = 0;
  for (let j = 0; j < columns; j++, logits += 4, target += 4) {
    loss += <f64>load<f32>(target) * (<f64>largest - <f64>load<f32>(logits) + log);
  }
  return loss;
}

/** `out` may be `probabilities`. */
export function softmaxCrossEntropyGradient(
  delta: usize,
  probabilities: usize,
  target: usize,
  out: usize,
  rows: i32,
  columns: i32,
  sparse: i32,
  deltaStep: i32,
): void {
  const row = <usize>columns << 2;
  for (let r = 0; r < rows; r++, delta += <usize>deltaStep << 2, probabilities += row, out += row) {
    if (sparse) {
      indexDelta(load<f32>(delta), probabilities, classAt(target, columns), out, columns);
      target += 4;
    } else {
      probabilityDelta(load<f32>(delta), probabilities, target, out, columns);
      target += row;
    }
  }
}

function indexDelta(delta: f32, probabilities: usize, index: i32, out: usize, columns: i32): void {
  const total: f32 = index < 0 ? f32.NaN : 1;
  for (let j = 0; j < columns; j++) {
    const hot: f32 = j == index ? 1 : 0;
    const at = <usize>j << 2;
    store<f32>(out + at, delta * (load<f32>(probabilities + at) * total - hot));
  }
}

function probabilityDelta(delta: f32, probabilities: usize, target: usize, out: usize, columns: i32): void {
  let total: f64 = 0;
  const row = <usize>columns << 2;
  for (let at: usize = 0; at < row; at += 4) total += <f64>load<f32>(target + at);
  for (let at: usize = 0; at < row; at += 4) {
    store<f32>(out + at, delta * (load<f32>(probabilities + at) * <f32>total - load<f32>(target + at)));
  }
}

export function correct(
  prediction: usize,
  target: usize,
  out: usize,
  rows: i32,
  columns: i32,
  comparison: i32,
  threshold: f64,
): void {
  const row = <usize>columns << 2;
  let right = 0;
  for (let r = 0; r < rows; r++, prediction += row) {
    if (comparison == Comparison.index) {
      right += i32(<f32>argmax(prediction, columns) == load<f32>(target));
      target += 4;
    } else {
      if (comparison == Comparison.largest) right += i32(argmax(prediction, columns) == argmax(target, columns));
      else right += i32(sameSides(prediction, target, columns, threshold));
      target += row;
    }
  }
  store<f32>(out, <f32>right);
}

/** The first of the largest. */
function argmax(x: usize, columns: i32): i32 {
  let best = 0;
  for (let j = 1; j < columns; j++) if (load<f32>(x + (<usize>j << 2)) > load<f32>(x + (<usize>best << 2))) best = j;
  return best;
}

function sameSides(prediction: usize, target: usize, columns: i32, threshold: f64): bool {
  for (let j = 0; j < columns; j++, prediction += 4, target += 4) {
    if (<f64>load<f32>(prediction) > threshold != load<f32>(target) > 0.5) return false;
  }
  return true;
}
