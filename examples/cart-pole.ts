/**
 * A pole is balanced on a cart that can only be pushed to the left or to the right: deep Q-learning (Mnih et al. 2015) on the task of Barto,
 * Sutton & Anderson 1983. A network learns the value of both pushes in each state, from its own attempts. Every attempt adds to a memory of
 * moves, and after each move the network takes a training step on a batch drawn from it: `network.trainer` takes such steps from outside.
 *
 *   node --import tsx examples/cart-pole.ts
 */
import { fileURLToPath } from 'node:url';
import { adam, dense, Network } from 'chainrule';

/** Position and speed of the cart, angle and angular speed of the pole. */
type State = readonly [x: number, speed: number, angle: number, turning: number];

const NUMBERS = 4;
const PUSHES = 2;
/** An attempt ends where the pole falls or the cart leaves its track, which is worth −1, and after this many moves. */
const LONGEST = 500;
/** Moves on average over a hundred attempts from which the task counts as solved. */
const SOLVED = 475;
const BATCH = 64;
const DISCOUNT = 0.99;
const MEMORY = 20_000;

export async function main({ moves = 20_000, seed = 1 } = {}) {
  const random = randomFrom(seed);
  const create = () =>
    Network.create({
      input: [NUMBERS],
      layers: [dense(128, { activation: 'relu' }), dense(128, { activation: 'relu' }), dense(PUSHES)],
      loss: 'huber',
      seed,
      reproducible: true,
    });
  const [network, target] = await Promise.all([create(), create()]);
  const trainer = await network.trainer({ batchSize: BATCH, optimizer: adam({ learningRate: 1e-3 }), clip: { norm: 10 } });
  const memory = new Memory();
  const returns: number[] = [];
  const start = performance.now();

  let state = beginning(random);
  let length = 0;
  for (let move = 0; move < moves; move++) {
    const curiosity = Math.max(0.02, 1 - move / 3000);
    const push = random() < curiosity ? Math.floor(random() * PUSHES) : best(network, state);
    const next = pushed(state, push);
    length++;
    memory.add(state, push, next, hasFallen(next));
    const isOver = hasFallen(next) || length === LONGEST;
    if (isOver) returns.push(length);
    [state, length] = isOver ? [beginning(random), 0] : [next, length];
    if (move < 1000) continue;
    if (move % 250 === 0) target.setParameters(network.parameters());
    trainer.step(lesson(memory.draw(random), network, target));
    if (move % 500 > 0) continue;
    const balanced = mean(Array.from({ length: 10 }, () => attempt(network, random)));
    if (move % 2500 === 0 || balanced >= SOLVED) console.log(`${String(move).padStart(6)} moves  without curiosity ${balanced.toFixed(0)}`);
    if (balanced >= SOLVED) break;
  }
  const { step } = trainer.progress;
  const seconds = (performance.now() - start) / 1000;
  trainer.dispose();

  const lengths = Array.from({ length: 100 }, () => attempt(network, random));
  console.log(`${step} steps of ${BATCH} moves in ${seconds.toFixed(1)} s on ${network.backend.name}`);
  console.log(
    `100 further attempts: ${mean(lengths).toFixed(1)} of ${LONGEST} moves on average, by chance ${mean(returns.slice(0, 20)).toFixed(1)}`,
  );
  network.dispose();
  target.dispose();
  return { mean: mean(lengths), byChance: mean(returns.slice(0, 20)) };
}

/** Moves that were made, the oldest overwritten by the newest. */
class Memory {
  readonly states = new Float32Array(MEMORY * NUMBERS);
  readonly nexts = new Float32Array(MEMORY * NUMBERS);
  readonly pushes = new Uint8Array(MEMORY);
  readonly falls = new Uint8Array(MEMORY);
  #count = 0;

  add(state: State, push: number, next: State, falls: boolean): void {
    const at = this.#count++ % MEMORY;
    this.states.set(state, at * NUMBERS);
    this.nexts.set(next, at * NUMBERS);
    this.pushes[at] = push;
    this.falls[at] = Number(falls);
  }

  /** Moves drawn at random. */
  draw(random: () => number) {
    const states = new Float32Array(BATCH * NUMBERS);
    const nexts = new Float32Array(BATCH * NUMBERS);
    const drawn = Array.from({ length: BATCH }, (_, i) => {
      const at = Math.floor(random() * Math.min(this.#count, MEMORY));
      states.set(this.states.subarray(at * NUMBERS, (at + 1) * NUMBERS), i * NUMBERS);
      nexts.set(this.nexts.subarray(at * NUMBERS, (at + 1) * NUMBERS), i * NUMBERS);
      return { push: this.pushes[at], falls: this.falls[at] === 1 };
    });
    return { states: { shape: [BATCH, NUMBERS], data: states }, nexts: { shape: [BATCH, NUMBERS], data: nexts }, drawn };
  }
}

/**
 * The batch that a step learns: the value of each move made is what it earned and the best that followed, by an older copy of the network
 * (van Hasselt et al. 2016: the network itself says which is best). The other push keeps its value, so that it adds nothing to the loss.
 */
function lesson({ states, nexts, drawn }: ReturnType<Memory['draw']>, network: Network, target: Network) {
  const values = network.predict(states).data;
  const chosen = network.predict(nexts).data;
  const later = target.predict(nexts).data;
  drawn.forEach(({ push, falls }, i) => {
    const next = chosen[i * PUSHES + 1] > chosen[i * PUSHES] ? 1 : 0;
    values[i * PUSHES + push] = falls ? -1 : DISCOUNT * later[i * PUSHES + next];
  });
  return { x: states, y: { shape: [BATCH, PUSHES], data: values } };
}

function best(network: Network, state: State): number {
  const [left, right] = network.predict([state]).data;
  return right > left ? 1 : 0;
}

/** The moves of an attempt by the network alone. */
function attempt(network: Network, random: () => number): number {
  let state = beginning(random);
  for (let length = 1; length < LONGEST; length++) {
    state = pushed(state, best(network, state));
    if (hasFallen(state)) return length;
  }
  return LONGEST;
}

const beginning = (random: () => number): State =>
  [random(), random(), random(), random()].map((one) => (one - 0.5) / 10) as unknown as State;

const hasFallen = ([x, , angle]: State) => Math.abs(x) > 2.4 || Math.abs(angle) > (12 * Math.PI) / 180;

/** The state a fiftieth of a second later: a cart of 1 kg, a pole of 0.1 kg whose middle is half a metre up, a push of 10 N. */
function pushed([x, speed, angle, turning]: State, push: number): State {
  const [gravity, poleMass, mass, half, seconds] = [9.8, 0.1, 1.1, 0.5, 0.02];
  const force = push === 1 ? 10 : -10;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const along = (force + poleMass * half * turning * turning * sine) / mass;
  const turn = (gravity * sine - cosine * along) / (half * (4 / 3 - (poleMass * cosine * cosine) / mass));
  const speedUp = along - (poleMass * half * turn * cosine) / mass;
  return [x + seconds * speed, speed + seconds * speedUp, angle + seconds * turning, turning + seconds * turn];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Numbers from 0 to below 1 that a seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
