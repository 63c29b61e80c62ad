/** Convolutions of few samples: threads share the planes of a result, rows of weights or lines of each, and it has the bits of one thread. */
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { type NativeAddon, nativeBackend } from '../../src/backends/native.ts';
import { opNamed } from '../../src/ops/registry.ts';
import { BATCH } from '../../src/ops/shape.ts';
import '../../src/ops/table.ts';
import type { Shape } from '../../src/ops/spec.ts';
import { EAGER } from '../native/networks.ts';
import { addonFile, all, expectAddon } from '../native/programs.ts';
import { assemble } from './case-program.ts';
import { make } from './make-case.ts';

type Planes = readonly [channels: number, size: number, filters: number, kernel: number, stride: number, groups: number];
/** By Winograd's filtering in wide rows and in narrow ones, pointwise, by tiles, with stride, in groups, depthwise. */
const PLANES: readonly Planes[] = [
  [17, 37, 20, 3, 1, 1],
  [18, 13, 16, 3, 1, 1],
  [24, 13, 40, 1, 1, 1],
  [3, 29, 21, 5, 1, 1],
  [5, 31, 34, 3, 2, 1],
  [65, 5, 72, 3, 1, 1],
  [6, 15, 10, 3, 1, 2],
  [19, 12, 19, 3, 1, 19],
];

function casesOf([channels, size, filters, kernel, stride, groups]: Planes) {
  const edge = kernel >> 1;
  const out = Math.ceil(size / stride);
  const image: Shape = [BATCH, channels, size, size];
  const result: Shape = [BATCH, filters, out, out];
  const weight: Shape = [filters, channels / groups, kernel, kernel];
  const form = { padding: [edge, edge, edge, edge], stride: [stride, stride], groups };
  return [
    ['conv2d', [image, weight], form],
    ['conv2dAffine', [image, weight, [filters]], { ...form, activation: 'gelu' }],
    ['conv2dInput', [result, weight], { ...form, size: [size, size] }],
    ['conv2dDelta', [result, weight, image], { ...form, size: [size, size], activation: 'tanh' }],
  ] as const;
}

if (expectAddon) {
  const addon = createRequire(import.meta.url)(addonFile) as NativeAddon;
  const backend = nativeBackend(addon, EAGER);

  it.each(PLANES.map((planes, i) => [1 + 2 * (i % 2), ...planes] as const))(
    '%s samples of %s × %s², %s filters of %s², stride %s, in %s groups',
    (rows, ...planes) => {
      for (const [name, shapes, attributes] of casesOf(planes)) {
        const { program } = assemble(make(opNamed(name), shapes, { attributes, rows, maximumRows: rows }));
        for (const numerics of ['fast', 'fused'] as const) {
          const run = (threads: number) => {
            const session = backend.with({ threads, numerics }).openArena(program, 1);
            session.write(
              0,
              Float32Array.from({ length: program.arenaSize }, (_, i) => Math.sin(i * i)),
            );
            session.run(all(program, { rows }));
            return session.read(0, program.arenaSize);
          };
          const alone = run(1);
          for (const threads of [2, 20]) expect(Buffer.compare(bytes(run(threads)), bytes(alone)), `${name}, ${threads} threads`).toBe(0);
        }
      }
    },
  );
}

const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
