/** The digits data set that comes with the package. */
import { fraction, integer, readOptions, type TableOf, withDefault } from '../options/table.ts';
import { PURPOSE, permutation, RandomStream } from '../random/philox.ts';
import { DIGITS } from './digits.generated.ts';
import type { LabelledData, TrainTest } from './types.ts';

const PIXELS = 64;
const DARKEST = 16;
/** The pixels, the label, the end of the line. */
const LINE = PIXELS + 2;
const IMAGES = DIGITS.length / LINE;
const ZERO = 'a'.charCodeAt(0);

export interface DigitsOptions {
  /** Decides which images are held out: an integer from 0; default 0. */
  readonly seed?: number;
  /** The share of the images that is held out for `test`: 0 ≤ test < 1; default 0.2. */
  readonly test?: number;
}

const OPTIONS = { seed: withDefault(integer(0), 0), test: withDefault(fraction, 0.2) } satisfies TableOf<DigitsOptions>;

/**
 * 1797 handwritten digits of 8 × 8 pixels, split at random into `train` and `test` (by default 1438 and 359): x is [images, 64],
 * float32 from 0 (white) to 1 (black), y holds the digits 0 to 9. The same seed gives the same split everywhere.
 *
 * Optical Recognition of Handwritten Digits, UCI, E. Alpaydin and C. Kaynak, 1998, CC BY 4.0.
 *
 * @throws OptionError for an unknown option, a `seed` that is not an integer from 0, a `test` outside 0 ≤ test < 1.
 */
export function digits(options: DigitsOptions = {}): TrainTest {
  const { seed, test } = readOptions('digits', OPTIONS, options);
  const order = new Int32Array(IMAGES);
  permutation(order, new RandomStream(seed, PURPOSE.split));
  const testImages = Math.round(IMAGES * test);
  return { train: select(order.subarray(testImages)), test: select(order.subarray(0, testImages)) };
}

function select(images: Int32Array): LabelledData {
  const x = new Float32Array(images.length * PIXELS);
  const y = new Int32Array(images.length);
  for (let row = 0; row < images.length; row++) {
    const start = images[row] * LINE;
    for (let pixel = 0; pixel < PIXELS; pixel++) x[row * PIXELS + pixel] = (DIGITS.charCodeAt(start + pixel) - ZERO) / DARKEST;
    y[row] = DIGITS.charCodeAt(start + PIXELS) - ZERO;
  }
  return { x: { shape: [images.length, PIXELS], data: x }, y };
}
