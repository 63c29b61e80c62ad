/**
 * An LSTM reads brackets one character at a time, `([{}{`, and says after each which one closes the innermost open bracket, or that none is
 * open. That takes a memory of every open bracket in order. It is trained by its answers at every step, is asked about strings that it has
 * never read, and closes strings by reading its own answers.
 *
 *   node --import tsx examples/character-rnn.ts
 */
import { fileURLToPath } from 'node:url';
import { adam, dense, lstm, Network } from 'chainrule';

const OPENING = '([{';
const CLOSING = ')]}';
const CHARACTERS = OPENING + CLOSING;
/** The answer where nothing is open. */
const DONE = CLOSING.length;
/** The answer that is not asked for: behind the end of a string. */
const NONE = -1;
/** The longest string, completed. */
const STEPS = 20;
const DEEPEST = 4;

/** Strings from a Lehmer generator: the same ones in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/** The open brackets of a string, the innermost last. */
function openIn(text: string): string[] {
  const open: string[] = [];
  for (const character of text) {
    if (OPENING.includes(character)) open.push(character);
    else open.pop();
  }
  return open;
}

function answerTo(text: string): number {
  const innermost = openIn(text).at(-1);
  return innermost === undefined ? DONE : OPENING.indexOf(innermost);
}

/** A string of that many characters in which every closing bracket suits. */
function randomText(length: number, below: (n: number) => number): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    const open = openIn(text);
    const opens = open.length === 0 || (open.length < DEEPEST && below(2) === 0);
    text += opens ? OPENING[below(OPENING.length)] : CLOSING[answerTo(text)];
  }
  return text;
}

/** One-hot characters [texts, steps, characters], behind them zeros. */
function encode(texts: readonly string[]) {
  const data = new Float32Array(texts.length * STEPS * CHARACTERS.length);
  texts.forEach((text, row) => {
    [...text].forEach((character, step) => {
      data[(row * STEPS + step) * CHARACTERS.length + CHARACTERS.indexOf(character)] = 1;
    });
  });
  return { shape: [texts.length, STEPS, CHARACTERS.length], data };
}

/** The answer after each character; where `asked` says so, after the last alone. */
function answers(texts: readonly string[], asked: 'always' | 'last'): number[][] {
  return texts.map((text) =>
    Array.from({ length: STEPS }, (_, step) => {
      const isAsked = asked === 'last' ? step === text.length - 1 : step < text.length;
      return isAsked ? answerTo(text.slice(0, step + 1)) : NONE;
    }),
  );
}

export async function main({ epochs = 20, size = 2000 } = {}) {
  const below = generator(20260);
  const strings = new Set<string>();
  while (strings.size < size + 1000) strings.add(randomText(1 + below(STEPS), below));
  const all = [...strings];
  const train = all.slice(0, size);
  const unseen = all.slice(size).filter((text) => !train.some((read) => read.startsWith(text)));

  const network = await Network.create({
    input: [STEPS, CHARACTERS.length],
    layers: [lstm(64, { returnSequences: true }), dense(DONE + 1)],
    loss: { type: 'softmaxCrossEntropy', ignore: NONE },
    seed: 3,
  });
  console.log(network.summary());
  const validation = { x: encode(unseen), y: answers(unseen, 'last') };
  await network.fit(
    { x: encode(train), y: answers(train, 'always') },
    {
      epochs,
      batchSize: 50,
      optimizer: adam({ learningRate: 5e-3 }),
      clip: { norm: 1 },
      validation,
      onEpoch({ epoch, loss, validationAccuracy = 0, seconds }) {
        if (epoch % 5 === 0)
          console.log(
            `epoch ${String(epoch).padStart(2)}  loss ${loss.toFixed(4)}  unseen ${(100 * validationAccuracy).toFixed(2)} %  ${seconds.toFixed(2)} s`,
          );
      },
    },
  );
  const { accuracy = 0 } = await network.evaluate(validation);

  /** Appends the network's answers until it says that nothing is open. */
  const close = (text: string): string => {
    let closed = text;
    while (closed.length < STEPS) {
      const scores = network.predict(encode([closed])).data;
      const logits = scores.subarray((closed.length - 1) * (DONE + 1), closed.length * (DONE + 1));
      const answer = logits.indexOf(Math.max(...logits));
      if (answer === DONE) break;
      closed += CLOSING[answer];
    }
    return closed;
  };
  const completions = unseen
    .filter((text) => text.length + openIn(text).length <= STEPS)
    .slice(0, 200)
    .map((text) => ({ text, closed: close(text) }));
  const right = completions.filter(
    ({ text, closed }) =>
      closed ===
      text +
        [...openIn(text)]
          .reverse()
          .map((open) => CLOSING[OPENING.indexOf(open)])
          .join(''),
  );
  for (const { text, closed } of completions.slice(0, 5)) console.log(`${text.padEnd(STEPS)} → ${closed}`);
  console.log(
    `${unseen.length} strings never read: ${(100 * accuracy).toFixed(2)} % right; ${right.length} of ${completions.length} closed rightly`,
  );
  network.dispose();
  return { accuracy, closed: right.length / completions.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
