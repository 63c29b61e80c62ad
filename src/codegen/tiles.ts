/**
 * The register tiles of the matrix product, fully unrolled: the innermost of its loops, written once for every size and for either
 * way in which A can lie.
 */

/** Lanes of a vector, and their bytes. */
const LANES = 4;
const VECTOR_BYTES = 16;

/** The most rows of tiles of one and of two vectors. With more the registers do not suffice. */
const MOST_ROWS = { 1: 6, 2: 4 } as const;

type Vectors = keyof typeof MOST_ROWS;

/** How a tile finds A: its rows `strideA` apart, or its steps of k `strideA` apart and its rows side by side. */
type Lie = 'Rows' | 'Steps';

const PARAMETERS = ['a', 'strideA', 'b', 'strideB', 'out', 'strideOut'].map((name) => `${name}: usize`).join(', ');
const SIGNATURE = `${PARAMETERS}, depth: i32, columns: i32, accumulate: bool`;
const ARGUMENTS = 'a, strideA, b, strideB, out, strideOut, depth, columns, accumulate';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const lines = (items: readonly string[]) => items.map((item) => `${item}\n`).join('');
/** The `memory.offset` of a load or a store as its last argument, left out where it is 0. */
const at = (vector: number) => (vector ? `, ${vector * VECTOR_BYTES}` : '');

/** assembly/generated/tiles.ts, after its banner. */
export function tiles(): string {
  const sizes = ([2, 1] as const).flatMap((vectors) => range(MOST_ROWS[vectors]).map((row) => [row + 1, vectors] as const));
  return [
    "import { load4, multiplyAdd, store4 } from '../kernels/vector';\n",
    ...([2, 1] as const).map(
      (vectors) =>
        `\n/** The most rows of a tile of ${vectors * LANES} columns. */\nexport const ROWS_OF_${vectors * LANES}: i32 = ${MOST_ROWS[vectors]};\n`,
    ),
    ...([2, 1] as const).flatMap((vectors) => (['Rows', 'Steps'] as const).map((lie) => selection(vectors, lie))),
    ...sizes.flatMap(([rows, vectors]) => (['Rows', 'Steps'] as const).map((lie) => tile(rows, vectors, lie))),
  ].join('');
}

function name(rows: number, vectors: Vectors, lie: Lie): string {
  return `multiply${rows}x${vectors * LANES}${lie}`;
}

function selection(vectors: Vectors, lie: Lie): string {
  const cases = range(MOST_ROWS[vectors]).map((row) => `    case ${row + 1}: ${name(row + 1, vectors, lie)}(${ARGUMENTS}); break;`);
  return (
    `\n/** out = A·B for a tile of \`rows\` rows, or out += A·B; up to ${vectors * LANES} \`columns\` are stored. A ${
      lie === 'Rows' ? 'lies by rows' : 'is transposed'
    }. */\n` +
    `@inline\nexport function multiplyTile${vectors * LANES}${lie}(rows: i32, ${SIGNATURE}): void {\n  switch (rows) {\n${lines(cases)}  }\n}\n`
  );
}

function tile(rows: number, vectors: Vectors, lie: Lie): string {
  const sums = range(rows).flatMap((r) => range(vectors).map((v) => `  let c${r}${v} = f32x4.splat(0);`));
  return `\nfunction ${name(rows, vectors, lie)}(${SIGNATURE}): void {\n${lines(sums)}${loop(rows, vectors, lie)}${stores(rows, vectors)}}\n`;
}

function loop(rows: number, vectors: Vectors, lie: Lie): string {
  const pointers = lie === 'Rows' ? range(rows - 1).map((r) => `  let a${r + 1} = ${r ? `a${r}` : 'a'} + strideA;`) : [];
  const steps = lie === 'Rows' ? ['a += 4', ...range(rows - 1).map((r) => `a${r + 1} += 4`)] : ['a += strideA'];
  const right = range(vectors).map((v) => `    const b${v} = v128.load(b${at(v)});`);
  const element = (r: number) => {
    if (lie === 'Steps') return `v128.load32_splat(a${r ? `, ${4 * r}` : ''})`;
    return `v128.load32_splat(a${r || ''})`;
  };
  const products = range(rows).flatMap((r) => [
    `    ${r ? '' : 'let '}x = ${element(r)};`,
    ...range(vectors).map((v) => `    c${r}${v} = multiplyAdd(x, b${v}, c${r}${v});`),
  ]);
  const header = `  for (let p = depth; p > 0; p--, b += strideB, ${steps.join(', ')}) {`;
  return lines([...pointers, header, ...right, ...products, '  }']);
}

/** Whole rows are stored inline, partial ones vector by vector. */
function stores(rows: number, vectors: Vectors): string {
  const each = (write: (r: number, v: number) => string, indent: string) =>
    range(rows).flatMap((r) => [...(r ? [`${indent}out += strideOut;`] : []), ...range(vectors).map((v) => `${indent}${write(r, v)}`)]);
  const last = (vectors - 1) * LANES;
  const left = last ? `columns - ${last}` : 'columns';
  const to = last ? `out + ${last * 4}` : 'out';
  const part = (r: number, v: number) => {
    if (v < vectors - 1) return `v128.store(out, accumulate ? f32x4.add(v128.load(out), c${r}${v}) : c${r}${v});`;
    return `store4(${to}, accumulate ? f32x4.add(load4(${to}, ${left}), c${r}${v}) : c${r}${v}, ${left});`;
  };
  return lines([
    `  if (columns < ${vectors * LANES}) {`,
    ...each(part, '    '),
    '  } else if (accumulate) {',
    ...each((r, v) => `v128.store(out, f32x4.add(v128.load(out${at(v)}), c${r}${v})${at(v)});`, '    '),
    '  } else {',
    ...each((r, v) => `v128.store(out, c${r}${v}${at(v)});`, '    '),
    '  }',
  ]);
}
