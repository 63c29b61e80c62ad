/**
 * A policy network, as in AlphaGo (Silver et al. 2016), for one question about a 9 × 9 board of Go: where does black capture the most? A group
 * of white stones is taken where black fills the last empty point that it touches, so the answer takes finding groups, counting what they
 * touch, and comparing their sizes. Convolutions look at the same few points everywhere; one over another, they follow a group from stone to
 * stone. The boards are generated, so the answer to each is known, and those asked about are none of those learned from.
 *
 *   node --import tsx examples/board-policy.ts
 */
import { fileURLToPath } from 'node:url';
import { adam, add, conv2d, flatten, type GraphValue, type Layer, Network, oneCycle, relu } from 'chainrule';

const SIDE = 9;
const POINTS = SIDE * SIDE;
/** What black sees: its own stones, white's, and where the board is, since beyond its edge a convolution sees zeros. */
const PLANES = 3;
const CHANNELS = 24;

const EMPTY = '.';
const BLACK = '#';
const WHITE = 'o';
type Board = readonly string[];

const NEIGHBOURS = Array.from({ length: POINTS }, (_, point) => {
  const [x, y] = [point % SIDE, Math.floor(point / SIDE)];
  const around = [x > 0 && point - 1, x < SIDE - 1 && point + 1, y > 0 && point - SIDE, y < SIDE - 1 && point + SIDE];
  return around.filter((neighbour) => neighbour !== false);
});

/** Where each point goes when the board is turned or mirrored, in the eight ways in which it stays the same. */
const SYMMETRIES = Array.from({ length: 8 }, (_, i) =>
  NEIGHBOURS.map((_, point) => {
    const [x, y] = [point % SIDE, Math.floor(point / SIDE)];
    const [a, b] = i & 1 ? [y, x] : [x, y];
    return (i & 2 ? SIDE - 1 - a : a) + SIDE * (i & 4 ? SIDE - 1 - b : b);
  }),
);

/** x + two convolutions of x (He et al. 2016). */
function residual(): Layer {
  const first = conv2d(CHANNELS, 3, { padding: 'same', activation: 'relu' });
  const second = conv2d(CHANNELS, 3, { padding: 'same' });
  return (x: GraphValue) => relu(add(x, second(first(x))));
}

export async function main({ epochs = 3, size = 4000, questions = 1000, seed = 1 } = {}) {
  const positions = generate(size + questions);
  const train = positions.slice(0, size).flatMap((position) => SYMMETRIES.map((turn) => turned(position, turn)));
  const known = new Set(train.map(({ board }) => board.join('')));
  const unseen = positions.slice(size).filter(({ board }) => !known.has(board.join('')));
  const network = await Network.create({
    input: [PLANES, SIDE, SIDE],
    layers: [conv2d(CHANNELS, 3, { padding: 'same', activation: 'relu' }), residual(), residual(), conv2d(1, 1), flatten()],
    loss: 'softmaxCrossEntropy', // a class for each point
    seed,
  });
  console.log(network.summary());
  const start = performance.now();
  await network.fit(samples(train), {
    epochs,
    batchSize: 32,
    optimizer: adam({ learningRate: 4e-3 }),
    schedule: oneCycle({ period: epochs * Math.ceil(train.length / 32) }),
    onEpoch({ epoch, loss, accuracy = 0 }) {
      console.log(`epoch ${epoch}  loss ${loss.toFixed(4)}  right ${(100 * accuracy).toFixed(1)} %`);
    },
  });
  console.log(`${epochs} epochs in ${((performance.now() - start) / 1000).toFixed(1)} s on ${network.backend.name}`);

  const asked = samples(unseen);
  const { accuracy = 0 } = await network.evaluate(asked);
  const policy = network.predict({ shape: [1, PLANES, SIDE, SIDE], data: planes([unseen[0].board]) }, { probabilities: true }).data;
  console.log(`\n${draw(unseen[0].board, policy)}\n`);
  network.dispose();
  const chance = unseen.reduce((sum, { moves }) => sum + 1 / moves, 0) / unseen.length;
  console.log(`the largest capture is found on ${(100 * accuracy).toFixed(1)} % of ${unseen.length} boards never seen;`);
  console.log(`any capture, taken by chance, would be the largest on ${(100 * chance).toFixed(1)} %`);
  return { accuracy, chance };
}

interface Position {
  readonly board: Board;
  /** The empty point where black captures the most. */
  readonly best: number;
  /** Points where black captures something. */
  readonly moves: number;
}

/** So many different boards with one best capture among several; from a Lehmer generator: the same ones in every run. */
function generate(count: number): Position[] {
  let state = 20260;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const found = new Map<string, Position>();
  while (found.size < count) {
    const board = withoutDead(scatter(random));
    const captures = [...capturesOf(board)].sort(([, a], [, b]) => b - a);
    if (captures.length > 1 && captures[0][1] > captures[1][1])
      found.set(board.join(''), { board, best: captures[0][0], moves: captures.length });
  }
  return [...found.values()];
}

/** The same position, seen from another side. */
function turned({ board, best, moves }: Position, turn: readonly number[]): Position {
  const stones = [...board];
  turn.forEach((to, from) => {
    stones[to] = board[from];
  });
  return { board: stones, best: turn[best], moves };
}

/** Stones that lie in clusters: each point's colour is that of the noise around it, and about one in five is empty. */
function scatter(random: () => number): Board {
  const noise = Array.from({ length: POINTS }, random);
  return noise.map((own, point) => {
    if (random() < 0.2) return EMPTY;
    const around = NEIGHBOURS[point].map((neighbour) => noise[neighbour]);
    return own + around.reduce((sum, one) => sum + one, 0) < (1 + around.length) / 2 ? WHITE : BLACK;
  });
}

/** The stones connected with the one at a point, and the empty points that they touch. */
function groupAt(board: Board, point: number) {
  const stones = new Set([point]);
  const liberties = new Set<number>();
  for (const stone of stones) {
    for (const neighbour of NEIGHBOURS[stone]) {
      if (board[neighbour] === EMPTY) liberties.add(neighbour);
      else if (board[neighbour] === board[point]) stones.add(neighbour);
    }
  }
  return { stones, liberties };
}

/** The board without the groups that touch no empty point: there are none in a game. */
function withoutDead(board: Board): Board {
  return board.map((stone, point) => (stone !== EMPTY && groupAt(board, point).liberties.size === 0 ? EMPTY : stone));
}

/** How many white stones black captures, at each point where it captures any. */
function capturesOf(board: Board): Map<number, number> {
  const captures = new Map<number, number>();
  const seen = new Set<number>();
  board.forEach((stone, point) => {
    if (stone !== WHITE || seen.has(point)) return;
    const { stones, liberties } = groupAt(board, point);
    for (const one of stones) seen.add(one);
    const [last] = liberties;
    if (liberties.size === 1) captures.set(last, (captures.get(last) ?? 0) + stones.size);
  });
  return captures;
}

function planes(boards: readonly Board[]): Float32Array {
  return Float32Array.from(
    boards.flatMap((board) =>
      [BLACK, WHITE].flatMap((colour) => board.map((stone) => Number(stone === colour))).concat(board.map(() => 1)),
    ),
  );
}

function samples(positions: readonly Position[]) {
  const data = planes(positions.map(({ board }) => board));
  return { x: { shape: [positions.length, PLANES, SIDE, SIDE], data }, y: Int32Array.from(positions, ({ best }) => best) };
}

/** The board, with the percentage that the network gives to empty points. */
function draw(board: Board, policy: ArrayLike<number>): string {
  const mark = (point: number) => {
    const percent = Math.round(100 * policy[point]);
    return board[point] === EMPTY && percent > 0 ? String(percent) : board[point];
  };
  const row = (y: number) => Array.from({ length: SIDE }, (_, x) => mark(y * SIDE + x).padStart(4)).join('');
  return Array.from({ length: SIDE }, (_, y) => row(y)).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
