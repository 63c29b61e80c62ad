/**
 * The gradient of a convolution's weight in parts of the samples, whose sums are added in their order. It depends on nothing but the sizes:
 * neither the number of threads nor the share of one may change a result.
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

/**
 * The gradients of filters [first, first + count), alone or together with other threads. Of all parts' filters, one part's after the
 * other's, a thread then takes as large a range as its filters are of all: with as many threads as parts each takes whole parts.
 */
export function weightInParts(s: Convolution, first: i32, count: i32, image: usize, delta: usize, out: usize): void {
  const filters = s.groups * s.rows;
  const taps = s.channels * axisY().taps * axisX().taps;
  const parts = weightParts(s, filters * taps);
  const samples = s.samples;
  const together = isTogether();
  const scale = together ? parts : 1;
  const shift = together ? filters : 0;
  const partBytes = (<usize>filters * taps) << 2;
  // The first part's sums are written to out.
  const sums = (together ? sharedScratch() : threadScratch()) - partBytes;
  const begin = first * scale;
  const end = begin + count * scale;
  for (let part = 0; part < parts; part++) {
    const from = max(begin - part * shift, 0);
    const to = min(end - part * shift, filters);
    if (from >= to) continue;
    takeSamples(s, (samples * part) / parts, (samples * (part + 1)) / parts, image, delta);
    s.out = part ? sums + <usize>part * partBytes : out;
    if (weightIsByPlanes(s)) weightByPlanes(s, from, to - from);
    else weightGradient(s, from, to - from);
  }
  if (parts == 1) return;
  if (together) meetOthers();
  const place = (<usize>first * taps) << 2;
  for (let part = 1; part < parts; part++) moveRun(sums + <usize>part * partBytes + place, out + place, count * taps, true);
}
