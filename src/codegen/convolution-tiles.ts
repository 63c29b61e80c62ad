/** The register tiles of the convolutions, fully unrolled: native/kernels/convolution_tile.h says what they compute. */

/** The most rows of a tile, which is two vectors wide: with more the registers do not suffice. */
const MOST_ROWS = 4;
const VECTORS = 2;

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const lines = (items: readonly string[]) => items.map((item) => `${item}\n`).join('');
const at = (vector: number) => (vector ? `, ${vector * 16}` : '');

const TAP_PARAMETERS = 'weights: usize, strideWeights: usize, image: usize, taps: usize, depth: i32, sums: usize, strideSums: usize';
const POSITION_PARAMETERS =
  'image: usize, taps: usize, regionRows: i32, columnBytes: usize, pitch: usize, delta: usize, sums: usize, strideSums: usize';

interface Kind {
  readonly name: string;
  readonly parameters: string;
  readonly comment: string;
  readonly body: (rows: number) => string[];
}

const sumsOf = (rows: number) => range(rows).flatMap((r) => range(VECTORS).map((v) => `  let c${r}${v} = f32x4.splat(0);`));

/** c += x · b for every row, `element` naming x. */
function products(rows: number, indent: string, element: (r: number) => string): string[] {
  return range(rows).flatMap((r) => [
    `${indent}${r ? '' : 'let '}x = v128.load32_splat(${element(r)});`,
    ...range(VECTORS).map((v) => `${indent}c${r}${v} = multiplyAdd(x, b${v}, c${r}${v});`),
  ]);
}

/** Every row's sums go to memory, `value` naming what is stored. */
function stores(rows: number, value: (r: number, v: number) => string): string[] {
  return range(rows).flatMap((r) => [
    ...(r ? ['  sums += strideSums;'] : []),
    ...range(VECTORS).map((v) => `  v128.store(sums, ${value(r, v)}${at(v)});`),
  ]);
}

const KINDS: readonly Kind[] = [
  {
    name: 'multiplyTaps',
    parameters: TAP_PARAMETERS,
    comment: 'sums = weights · windows for some filters and eight neighbouring positions; `taps` holds byte offsets.',
    body: (rows) => [
      ...range(rows - 1).map((r) => `  let weights${r + 1} = ${r ? `weights${r}` : 'weights'} + strideWeights;`),
      ...sumsOf(rows),
      `  for (let p = depth; p > 0; p--, taps += 4, ${range(rows)
        .map((r) => `weights${r || ''} += 4`)
        .join(', ')}) {`,
      '    const from = image + <usize>load<i32>(taps);',
      ...range(VECTORS).map((v) => `    const b${v} = v128.load(from${at(v)});`),
      ...products(rows, '    ', (r) => `weights${r || ''}`),
      '  }',
      ...stores(rows, (r, v) => `c${r}${v}`),
    ],
  },
  {
    name: 'multiplyPositions',
    parameters: POSITION_PARAMETERS,
    comment: 'sums += windowsᵀ · δ for some taps and eight neighbouring filters, over the positions of a region.',
    body: (rows) => [
      ...range(rows).map((r) => `  let line${r} = image + <usize>load<i32>(taps${r ? `, ${4 * r}` : ''});`),
      ...sumsOf(rows),
      '  for (let y = regionRows; y > 0; y--) {',
      `    for (let at: usize = 0; at < columnBytes; at += 4, delta += ${VECTORS * 16}) {`,
      ...range(VECTORS).map((v) => `      const b${v} = v128.load(delta${at(v)});`),
      ...products(rows, '      ', (r) => `line${r} + at`),
      '    }',
      ...range(rows).map((r) => `    line${r} += pitch;`),
      '  }',
      ...stores(rows, (r, v) => `f32x4.add(v128.load(sums${at(v)}), c${r}${v})`),
    ],
  },
];

const namesOf = (parameters: string) =>
  parameters
    .split(', ')
    .map((parameter) => parameter.split(':')[0])
    .join(', ');

function selection({ name, parameters, comment }: Kind): string {
  const cases = range(MOST_ROWS).map((row) => `    case ${row + 1}: ${name}${row + 1}(${namesOf(parameters)}); break;`);
  return `\n/** ${comment} */\n@inline\nexport function ${name}(rows: i32, ${parameters}): void {\n  switch (rows) {\n${lines(cases)}  }\n}\n`;
}

/** assembly/generated/convolution_tiles.ts, after its banner. */
export function convolutionTiles(): string {
  return [
    "import { multiplyAdd } from '../kernels/vector';\n",
    `\n/** The most rows of a tile. */\nexport const TILE_ROWS: i32 = ${MOST_ROWS};\n`,
    `\n/** The columns of a tile. */\nexport const TILE_COLUMNS: i32 = ${VECTORS * 4};\n`,
    ...KINDS.map(selection),
    ...KINDS.flatMap(({ name, parameters, body }) =>
      range(MOST_ROWS).map((row) => `\nfunction ${name}${row + 1}(${parameters}): void {\n${lines(body(row + 1))}}\n`),
    ),
  ].join('');
}
