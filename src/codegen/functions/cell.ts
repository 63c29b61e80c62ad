/** What the cells of recurrences compute of an element: src/ops/recurrent-cells.ts has the formulas. Gates come from their values. */
export const CELL = `
// δ of a gate's sum, whose value a sigmoid gave: δ of what it was multiplied into, and by what.
gateDelta(delta, factor, gate) = delta * factor * sigmoidDerivative(gate)

// The same, where tanh gave the value.
candidateDelta(delta, factor, candidate) = delta * factor * tanhDerivative(candidate)

// The cell of a long short-term memory.
lstmState(input, forget, candidate, before) = forget * before + input * candidate

// The state of a gated recurrent unit, between what it was and the candidate.
gruState(update, candidate, before) = candidate + update * (before - candidate)
`;
