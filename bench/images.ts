/**
 * The images that workloads learn: an MNIST-format folder that is given, or images made from a seed. What is measured is time, which does not
 * depend on what the images show: made ones have the size of Fashion-MNIST, 60 000 of 28 × 28, and about as many zeros.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MADE = join(import.meta.dirname ?? '.', 'images');
const SIDE = 28;
const CLASSES = 10;
const PARTS = [
  { name: 'train', count: 60_000, seed: 1 },
  { name: 't10k', count: 10_000, seed: 2 },
] as const;

/** Where the four files are: the folder given, the environment's (CHAINRULE_FASHION_MNIST), or the one with made images. */
export function imageFolder(given?: string): string {
  const folder = given ?? process.env.CHAINRULE_FASHION_MNIST;
  if (folder !== undefined) return folder;
  if (!existsSync(MADE)) makeImages(MADE);
  return MADE;
}

/** Writes the four files. They are there whole, or not at all. */
export function makeImages(folder: string, parts: readonly { name: string; count: number; seed: number }[] = PARTS): void {
  const begun = `${folder}.${process.pid}`;
  mkdirSync(begun, { recursive: true });
  for (const { name, count, seed } of parts) {
    const { images, labels } = draw(count, seed);
    writeFileSync(join(begun, `${name}-images-idx3-ubyte`), idx([count, SIDE, SIDE], images));
    writeFileSync(join(begun, `${name}-labels-idx1-ubyte`), idx([count], labels));
  }
  renameSync(begun, folder);
}

/** Each class is a patch of its own in the picture, brighter or darker from sample to sample, under noise; half of the pixels are 0. */
function draw(count: number, seed: number): { images: Uint8Array; labels: Uint8Array } {
  const random = generator(seed);
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    const label = Math.floor(random() * CLASSES);
    const brightness = 100 + 100 * random();
    labels[i] = label;
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++, at++) {
        const isInside = Math.abs(y - 7 - 14 * Math.floor(label / 5)) < 6 && Math.abs(x - 4 - 5 * (label % 5)) < 4;
        const noise = random() - 0.5;
        images[at] = Math.max(0, (isInside ? brightness : 0) + 110 * noise);
      }
    }
  }
  return { images, labels };
}

/** Bytes in the format that src/data/idx.ts reads. */
function idx(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, i) => {
    header.setUint32(4 + 4 * i, size);
  });
  const file = new Uint8Array(header.byteLength + bytes.length);
  file.set(new Uint8Array(header.buffer));
  file.set(bytes, header.byteLength);
  return file;
}

/** Lehmer's generator: the same numbers everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
