// Training images (60000 x 784, 0..1) and labels from the MNIST-format folder that CHAINRULE_FASHION_MNIST names: see ../images.ts.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

function file(name) {
  const plain = join(process.env.CHAINRULE_FASHION_MNIST ?? '', name);
  return existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
}

export function load() {
  const X = Float32Array.from(file('train-images-idx3-ubyte').subarray(16), (v) => v / 255);
  const Y = Int32Array.from(file('train-labels-idx1-ubyte').subarray(8));
  return { X, Y };
}
