/** The recurrent cells in plain loops over rows and steps, forward and backward: the reference of the ops in recurrent.ts. */

export interface Sequence {
  readonly rows: number;
  readonly steps: number;
  readonly units: number;
  readonly reverse: number;
}

type Numbers = Float64Array;
type Optional = Float64Array | undefined;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Where step `t` of row `b` begins in a tensor [rows, steps, width]. */
const at = (s: Sequence, width: number, b: number, t: number) => (b * s.steps + t) * width;

/** Calls `body` for every row and step in the order of the recurrence; `before` is the step before, undefined at the first. */
function forward(s: Sequence, body: (b: number, t: number, before: number | undefined) => void): void {
  for (let b = 0; b < s.rows; b++) {
    for (let i = 0; i < s.steps; i++) {
      const t = s.reverse ? s.steps - 1 - i : i;
      body(b, t, i === 0 ? undefined : s.reverse ? t + 1 : t - 1);
    }
  }
}

/** The same from the last step of the recurrence to its first. `cut`: no δ goes to the step before. */
function backward(
  s: Sequence & { readonly truncate: number },
  body: (b: number, t: number, before: number | undefined, cut: boolean) => void,
): void {
  for (let b = 0; b < s.rows; b++) {
    for (let i = s.steps - 1; i >= 0; i--) {
      const t = s.reverse ? s.steps - 1 - i : i;
      body(b, t, i === 0 ? undefined : s.reverse ? t + 1 : t - 1, i > 0 && s.truncate > 0 && i % s.truncate === 0);
    }
  }
}

const isMasked = (s: Sequence, mask: Optional, b: number, t: number) => mask !== undefined && mask[b * s.steps + t] === 0;

/** The state that a step begins with: what the step before left, or the initial one. */
function state(s: Sequence, states: Numbers, initial: Optional, b: number, before: number | undefined): Numbers {
  const { units } = s;
  if (before !== undefined) return states.subarray(at(s, units, b, before), at(s, units, b, before) + units);
  return initial ? initial.subarray(b * units, (b + 1) * units) : new Float64Array(units);
}

/** Σ over `units` of weight[gate] · h. */
function dot(weight: Numbers, gate: number, h: Numbers, units: number): number {
  let sum = 0;
  for (let p = 0; p < units; p++) sum += weight[gate * units + p] * h[p];
  return sum;
}

/** carried = δgates·W, or zeros where the δ is cut. */
function carry(carried: Numbers, deltaGates: Numbers, weight: Numbers, gates: number, units: number, cut: boolean): void {
  for (let j = 0; j < units; j++) {
    let sum = 0;
    if (!cut) for (let gate = 0; gate < gates; gate++) sum += deltaGates[gate] * weight[gate * units + j];
    carried[j] = sum;
  }
}

type RnnFrame = Sequence & { projected: Numbers; weight: Numbers; initial: Optional; mask: Optional; hidden: Numbers; relu: number };

export function rnn(s: RnnFrame): void {
  const { units } = s;
  forward(s, (b, t, before) => {
    const h = state(s, s.hidden, s.initial, b, before);
    const to = at(s, units, b, t);
    for (let j = 0; j < units; j++) {
      const sum = s.projected[to + j] + dot(s.weight, j, h, units);
      s.hidden[to + j] = isMasked(s, s.mask, b, t) ? h[j] : s.relu ? Math.max(0, sum) : Math.tanh(sum);
    }
  });
}

type RnnGradientFrame = Sequence & {
  delta: Numbers;
  hidden: Numbers;
  weight: Numbers;
  mask: Optional;
  deltaProjected: Numbers;
  deltaInitial: Numbers;
  relu: number;
  truncate: number;
};

export function rnnGradient(s: RnnGradientFrame): void {
  const { units } = s;
  s.deltaInitial.fill(0, 0, s.rows * units);
  backward(s, (b, t, _, cut) => {
    const from = at(s, units, b, t);
    const carried = s.deltaInitial.subarray(b * units, (b + 1) * units);
    const deltas = s.deltaProjected.subarray(from, from + units);
    const masked = isMasked(s, s.mask, b, t);
    for (let j = 0; j < units; j++) {
      const y = s.hidden[from + j];
      const delta = s.delta[from + j] + carried[j];
      deltas[j] = masked ? 0 : delta * (s.relu ? (y > 0 ? 1 : 0) : 1 - y * y);
      if (masked) carried[j] = cut ? 0 : delta;
    }
    if (!masked) carry(carried, deltas, s.weight, units, units, cut);
  });
}

type LstmFrame = Sequence & {
  projected: Numbers;
  weight: Numbers;
  initialHidden: Optional;
  initialCell: Optional;
  mask: Optional;
  hidden: Numbers;
  cell: Numbers;
  gates: Numbers;
};

export function lstm(s: LstmFrame): void {
  const { units } = s;
  forward(s, (b, t, before) => {
    const h = state(s, s.hidden, s.initialHidden, b, before);
    const c = state(s, s.cell, s.initialCell, b, before);
    const masked = isMasked(s, s.mask, b, t);
    const to = at(s, units, b, t);
    const gates = s.gates.subarray(4 * to, 4 * (to + units));
    for (let j = 0; j < units; j++) {
      const sum = (gate: number) => s.projected[4 * to + gate * units + j] + dot(s.weight, gate * units + j, h, units);
      const values = masked ? [0, 0, 0, 0] : [sigmoid(sum(0)), sigmoid(sum(1)), Math.tanh(sum(2)), sigmoid(sum(3))];
      const [input, forget, candidate, output] = values;
      values.forEach((value, gate) => {
        gates[gate * units + j] = value;
      });
      const cell = forget * c[j] + input * candidate;
      s.cell[to + j] = masked ? c[j] : cell;
      s.hidden[to + j] = masked ? h[j] : output * Math.tanh(cell);
    }
  });
}

type LstmGradientFrame = Sequence & {
  delta: Optional;
  deltaCell: Optional;
  gates: Numbers;
  cell: Numbers;
  weight: Numbers;
  initialCell: Optional;
  mask: Optional;
  deltaProjected: Numbers;
  deltaInitialHidden: Numbers;
  deltaInitialCell: Numbers;
  truncate: number;
};

export function lstmGradient(s: LstmGradientFrame): void {
  const { units } = s;
  s.deltaInitialHidden.fill(0, 0, s.rows * units);
  s.deltaInitialCell.fill(0, 0, s.rows * units);
  backward(s, (b, t, before, cut) => {
    const from = at(s, units, b, t);
    const carried = s.deltaInitialHidden.subarray(b * units, (b + 1) * units);
    const carriedCell = s.deltaInitialCell.subarray(b * units, (b + 1) * units);
    const c = state(s, s.cell, s.initialCell, b, before);
    const deltas = s.deltaProjected.subarray(4 * from, 4 * (from + units));
    const masked = isMasked(s, s.mask, b, t);
    for (let j = 0; j < units; j++) {
      const [input, forget, candidate, output] = [0, 1, 2, 3].map((gate) => s.gates[4 * from + gate * units + j]);
      const delta = (s.delta?.[from + j] ?? 0) + carried[j];
      const squashed = Math.tanh(s.cell[from + j]);
      const received = (s.deltaCell?.[from + j] ?? 0) + carriedCell[j];
      const deltaCell = received + delta * output * (1 - squashed * squashed);
      const values = [
        deltaCell * candidate * input * (1 - input),
        deltaCell * c[j] * forget * (1 - forget),
        deltaCell * input * (1 - candidate * candidate),
        delta * squashed * output * (1 - output),
      ];
      values.forEach((value, gate) => {
        deltas[gate * units + j] = masked ? 0 : value;
      });
      carriedCell[j] = cut ? 0 : masked ? received : deltaCell * forget;
      if (masked) carried[j] = cut ? 0 : delta;
    }
    if (!masked) carry(carried, deltas, s.weight, 4 * units, units, cut);
  });
}

type GruFrame = Sequence & {
  projected: Numbers;
  weight: Numbers;
  bias: Optional;
  initial: Optional;
  mask: Optional;
  hidden: Numbers;
  gates: Numbers;
};

/** gates: r, z, n, and the recurrent part of n. */
export function gru(s: GruFrame): void {
  const { units } = s;
  forward(s, (b, t, before) => {
    const h = state(s, s.hidden, s.initial, b, before);
    const masked = isMasked(s, s.mask, b, t);
    const to = at(s, units, b, t);
    const gates = s.gates.subarray(4 * to, 4 * (to + units));
    for (let j = 0; j < units; j++) {
      const recurrent = (gate: number) => dot(s.weight, gate * units + j, h, units) + (s.bias?.[gate * units + j] ?? 0);
      const projected = (gate: number) => s.projected[3 * to + gate * units + j];
      const reset = sigmoid(projected(0) + recurrent(0));
      const update = sigmoid(projected(1) + recurrent(1));
      const candidate = Math.tanh(projected(2) + reset * recurrent(2));
      [reset, update, candidate, recurrent(2)].forEach((value, gate) => {
        gates[gate * units + j] = masked ? 0 : value;
      });
      s.hidden[to + j] = masked ? h[j] : candidate + update * (h[j] - candidate);
    }
  });
}

type GruGradientFrame = Sequence & {
  delta: Numbers;
  hidden: Numbers;
  gates: Numbers;
  weight: Numbers;
  initial: Optional;
  mask: Optional;
  deltaProjected: Numbers;
  deltaRecurrent: Numbers;
  deltaInitial: Numbers;
  truncate: number;
};

export function gruGradient(s: GruGradientFrame): void {
  const { units } = s;
  s.deltaInitial.fill(0, 0, s.rows * units);
  backward(s, (b, t, before, cut) => {
    const from = at(s, units, b, t);
    const carried = s.deltaInitial.subarray(b * units, (b + 1) * units);
    const h = state(s, s.hidden, s.initial, b, before);
    const recurrent = s.deltaRecurrent.subarray(3 * from, 3 * (from + units));
    const direct = new Float64Array(units);
    const masked = isMasked(s, s.mask, b, t);
    for (let j = 0; j < units; j++) {
      const [reset, update, candidate, part] = [0, 1, 2, 3].map((gate) => s.gates[4 * from + gate * units + j]);
      const delta = s.delta[from + j] + carried[j];
      const deltaCandidate = delta * (1 - update) * (1 - candidate * candidate);
      const deltaReset = deltaCandidate * part * reset * (1 - reset);
      const deltaUpdate = delta * (h[j] - candidate) * update * (1 - update);
      [deltaReset, deltaUpdate, deltaCandidate].forEach((value, gate) => {
        s.deltaProjected[3 * from + gate * units + j] = masked ? 0 : value;
        recurrent[gate * units + j] = masked ? 0 : gate === 2 ? value * reset : value;
      });
      direct[j] = cut ? 0 : masked ? delta : delta * update;
    }
    carry(carried, recurrent, s.weight, 3 * units, units, cut || masked);
    for (let j = 0; j < units; j++) carried[j] += direct[j];
  });
}
