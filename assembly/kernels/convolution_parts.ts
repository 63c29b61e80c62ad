/**
 * The gradient of a convolution's weight in parts of the samples, whose sums are added by pairs, pairs by pairs and so on. It depends on
 * nothing but the sizes: neither the number of threads nor the share of one may change a result.
 */
import { WEIGHT_LEAST_POSITIONS, WEIGHT_MOST_PARTS, WEIGHT_SUMS } from '../generated/constants';
import { isTogether, meetOthers, sharedScratch } from '../meeting';
import { threadScratch } from '../scratch';
import { weightByPlanes, weightIsByPlanes } from './convolution_planes';
import { moveRun } from './convolution_product';
import { axisX, axisY, Convolution } from './convolution_space';
import { weightGradient } from './convolution_weight';

/** As `weightParts` of src/ops/convolution.ts, which says why; `size` is the weight's. */
function weightParts(s: Convolution, size: i32): i32 {
  const positions = s.samples * axisY().grid * axisX().grid;
  let parts = WEIGHT_MOST_PARTS;
  while (parts > 1 && (parts > s.samples || size > WEIGHT_SUMS / (parts - 1) || parts > positions / WEIGHT_LEAST_POSITIONS)) parts >>= 1;
  return parts;
}

/** The convolution becomes that of samples [from, to) of image and δ. */
@inline
function takeSamples(s: Convolution, from: i32, to: i32, image: usize, delta: usize): void {
  s.samples = to - from;
  s.source = image + ((<usize>from * s.groups * s.channels * axisY().source * axisX().source) << 2);
  s.weights = delta + ((<usize>from * s.groups * s.rows * axisY().grid * axisX().grid) << 2);
}

let parts: i32 = 1;
/** The filters of all parts, and bytes of a filter's sums. */
let filters: i32 = 0;
let filterBytes: usize = 0;
/** Where the sums of the first part lie, those of the others, and of each part's filters over how many parts their sums run already. */
let result: usize = 0;
let others: usize = 0;
let spans: usize = 0;

@inline
function sumsOf(part: i32, filter: i32): usize {
  return (part ? others + <usize>(part - 1) * filters * filterBytes : result) + <usize>filter * filterBytes;
}

@inline
function spanOf(part: i32, filter: i32): usize {
  return spans + ((<usize>part * filters + filter) << 2);
}

/**
 * Adds the sums of parts by pairs, pairs by pairs and so on, for filters [first, end) whose parts all are from `begin` on and before `stop`,
 * counted as the filters of one part after those of the other.
 */
function addPairs(first: i32, end: i32, begin: i32, stop: i32): void {
  for (let size = 2; size <= parts; size <<= 1) {
    for (let part = 0; part < parts; part += size) {
      const from = part * filters;
      const last = (part + size - 1) * filters;
      for (let f = first; f < end; f++) {
        if (from + f < begin || last + f >= stop || load<i32>(spanOf(part, f)) >= size) continue;
        store<i32>(spanOf(part, f), size);
        moveRun(sumsOf(part + (size >> 1), f), sumsOf(part, f), <i32>(filterBytes >> 2), true);
      }
    }
  }
}

/**
 * The gradients of filters [first, first + count), alone or together with other threads. Of all parts' filters, one part's after the
 * other's, a thread then takes as large a range as its filters are of all: with as many threads as parts each takes whole parts. It adds up
 * what it has before it meets the others, so that little passes from core to core.
 */
export function weightInParts(s: Convolution, first: i32, count: i32, image: usize, delta: usize, out: usize): void {
  filters = s.groups * s.rows;
  const taps = s.channels * axisY().taps * axisX().taps;
  parts = weightParts(s, filters * taps);
  const samples = s.samples;
  const together = isTogether();
  const scale = together ? parts : 1;
  const shift = together ? filters : 0;
  filterBytes = <usize>taps << 2;
  result = out;
  others = together ? sharedScratch() : threadScratch();
  spans = sumsOf(parts, 0);
  const begin = first * scale;
  const end = begin + count * scale;
  for (let part = 0; part < parts; part++) {
    const from = max(begin - part * shift, 0);
    const to = min(end - part * shift, filters);
    if (from >= to) continue;
    takeSamples(s, (samples * part) / parts, (samples * (part + 1)) / parts, image, delta);
    s.out = sumsOf(part, 0);
    if (weightIsByPlanes(s)) weightByPlanes(s, from, to - from);
    else weightGradient(s, from, to - from);
    if (parts > 1) for (let f = from; f < to; f++) store<i32>(spanOf(part, f), 1);
  }
  if (parts == 1) return;
  if (together) {
    addPairs(0, filters, begin, end);
    meetOthers();
  }
  addPairs(first, first + count, 0, i32.MAX_VALUE);
}
