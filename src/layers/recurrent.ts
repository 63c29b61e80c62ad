/** Recurrent layers over sequences [batch, time, features]: the simple network, the long short-term memory, the gated unit. */

import { OptionError, ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import { add, matmul, multiply, reshape } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { type InitializerOption, optionalInitializer } from '../initializers.ts';
import { RECURRENT } from '../ops/recurrent.ts';
import { opIn } from '../ops/registry.ts';
import { formatShape } from '../ops/shape.ts';
import type { OpSpec } from '../ops/spec.ts';
import {
  flag,
  integer,
  type OptionsRead,
  oneOf,
  optional,
  readOptions,
  storableOptions,
  type TableOf,
  withDefault,
} from '../options/table.ts';
import { checkInteger } from '../options.ts';
import { definedBy } from './definition.ts';
import { type Layer, type LayerBody, type LayerScope, makeLayer } from './layer.ts';
import type { LastStepLayer, SequenceInputs, StepsLayer } from './shapes.ts';

export interface RecurrentOptions {
  /** Gives the hidden state of every step, [batch, time, units]; default false: of the last alone, [batch, units]. */
  readonly returnSequences?: boolean;
  /** Gives the final state too: [output, hidden] or, of an LSTM, [output, hidden, cell]; states are [batch, units]. Default false. */
  readonly returnState?: boolean;
  /** Takes the initial state as its last inputs: hidden or, an LSTM, hidden and cell. Default false: zeros. */
  readonly initialState?: boolean;
  /**
   * Takes a mask [batch, time] as its second input, 1 for steps that count and 0 for padding: a step of padding leaves the state as it was,
   * and its output in a sequence is 0. `sequenceMask` and `paddingMask` make one. Data given for a mask is checked; of one that the network
   * computes, whatever is not 0 counts. Default false.
   */
  readonly masked?: boolean;
  /** Runs from the last step to the first; the final state is then that of the first. Default false. */
  readonly reverse?: boolean;
  /**
   * Truncated backpropagation through time (Williams & Peng 1990) within a long sequence: the state goes on, and no δ passes from step k, 2k,
   * … of the recurrence to the step before. Gradients are those of consecutive chunks of k steps, added up. Default: never cut.
   */
  readonly truncate?: number;
  /**
   * Truncated backpropagation across training steps: row r of a mini-batch begins with the state that row r of the mini-batch before ended
   * with, through which no δ passes; the first of an epoch begins with zeros. The data holds consecutive chunks in the order of mini-batches, to
   * be fitted with `shuffle: false`. Evaluation and prediction begin with zeros. Default false.
   */
  readonly stateful?: boolean;
  /** Whether there are biases; default true. */
  readonly bias?: boolean;
  /** How the weight on the input begins; this and the others' default is U(±1/√units), PyTorch's. */
  readonly initializer?: InitializerOption;
  /** How the weight on the state begins. */
  readonly recurrentInitializer?: InitializerOption;
  /** How the biases begin. */
  readonly biasInitializer?: InitializerOption;
}

export interface RnnOptions extends RecurrentOptions {
  /** Default 'tanh'. */
  readonly activation?: 'tanh' | 'relu';
}

/** A recurrent layer that gives its state too. */
export type StateLayer = Layer<SequenceInputs, readonly GraphValue[]>;

type WithState<O extends RecurrentOptions> = O & { readonly returnState: true };
type WithSteps<O extends RecurrentOptions> = O & { readonly returnSequences: true; readonly returnState?: false };
type WithLastStep<O extends RecurrentOptions> = O & { readonly returnSequences?: false; readonly returnState?: false };

const RECURRENT_OPTIONS = {
  returnSequences: withDefault(flag, false),
  returnState: withDefault(flag, false),
  initialState: withDefault(flag, false),
  masked: withDefault(flag, false),
  reverse: withDefault(flag, false),
  stateful: withDefault(flag, false),
  bias: withDefault(flag, true),
  initializer: optionalInitializer,
  recurrentInitializer: optionalInitializer,
  biasInitializer: optionalInitializer,
  truncate: optional(integer()),
} satisfies TableOf<RecurrentOptions>;

const RNN_OPTIONS = { ...RECURRENT_OPTIONS, activation: withDefault(oneOf(['tanh', 'relu']), 'tanh') } satisfies TableOf<RnnOptions>;

type Read = OptionsRead<typeof RECURRENT_OPTIONS>;

/** The properties of a cell. */
interface Cell {
  readonly type: 'rnn' | 'lstm' | 'gru';
  /** Gates, each of as many rows of the weights as there are units. */
  readonly gates: number;
  /** States that go from step to step: hidden, and an LSTM's cell. */
  readonly states: readonly string[];
  /** All steps: the states' sequences, hidden first. */
  run(x: GraphValue, given: Given): readonly GraphValue[];
}

interface Given {
  readonly weightInput: GraphValue;
  readonly weightState: GraphValue;
  readonly biasInput: GraphValue | undefined;
  readonly biasState: GraphValue | undefined;
  readonly initial: readonly (GraphValue | undefined)[];
  readonly mask: GraphValue | undefined;
  readonly attributes: Readonly<Record<string, boolean | number>>;
}

/** x·Wᵀ + bias for all steps in one product. */
function project(x: GraphValue, weight: GraphValue, bias: GraphValue | undefined): GraphValue {
  const product = matmul(x, weight, { transposeB: true });
  return bias ? add(product, bias) : product;
}

/** The projection where both biases are added alike. */
function projectWithBoth(x: GraphValue, { weightInput, biasInput, biasState }: Given): GraphValue {
  return project(x, weightInput, biasInput && biasState && add(biasInput, biasState));
}

const apply = (op: OpSpec, inputs: readonly (GraphValue | undefined)[], { attributes }: Given) =>
  new GraphExpressions((inputs[0] as GraphValue).graph).applyAll(op, inputs, attributes);

const CELLS = {
  rnn: {
    type: 'rnn',
    gates: 1,
    states: ['hidden'],
    run: (x, given) => apply(opIn(RECURRENT, 'rnn'), [projectWithBoth(x, given), given.weightState, given.initial[0], given.mask], given),
  },
  lstm: {
    type: 'lstm',
    gates: 4,
    states: ['hidden', 'cell'],
    run: (x, given) =>
      apply(opIn(RECURRENT, 'lstm'), [projectWithBoth(x, given), given.weightState, ...given.initial, given.mask], given).slice(0, 2),
  },
  gru: {
    type: 'gru',
    gates: 3,
    states: ['hidden'],
    run: (x, given) => {
      const projected = project(x, given.weightInput, given.biasInput);
      return apply(opIn(RECURRENT, 'gru'), [projected, given.weightState, given.biasState, given.initial[0], given.mask], given).slice(
        0,
        1,
      );
    },
  },
} as const satisfies Record<string, Cell>;

/**
 * The simple recurrent layer (Elman 1990), h[t] = f(W_ih·x[t] + b_ih + W_hh·h[t−1] + b_hh), on [batch, time, features]. Its parameters have
 * PyTorch's names and shapes: `weight_ih_l0` [units, features], `weight_hh_l0` [units, units], `bias_ih_l0` and `bias_hh_l0` [units].
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function rnn(units: number, options: WithState<RnnOptions>): StateLayer;
export function rnn<const Units extends number>(units: Units, options: WithSteps<RnnOptions>): StepsLayer<Units>;
export function rnn<const Units extends number>(units: Units, options?: WithLastStep<RnnOptions>): LastStepLayer<Units>;
export function rnn(units: number, options?: RnnOptions): Layer<SequenceInputs>;
export function rnn(units: number, options: RnnOptions = {}): Layer<SequenceInputs> | StateLayer {
  const { activation, ...read } = readOptions('rnn', RNN_OPTIONS, options);
  return recurrent(CELLS.rnn, units, read, storableOptions(RNN_OPTIONS, options), { relu: activation === 'relu' });
}

export const RNN = definedBy('rnn', rnn, 'units');

/**
 * The long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates): i, f, o = σ and g = tanh of W_ih·x[t] + b_ih + W_hh·h[t−1] +
 * b_hh, c[t] = f⊙c[t−1] + i⊙g, h[t] = o⊙tanh c[t]. Parameters as PyTorch's, the gates in the order i f g o: `weight_ih_l0` [4·units, features],
 * `weight_hh_l0` [4·units, units], `bias_ih_l0` and `bias_hh_l0` [4·units].
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function lstm(units: number, options: WithState<RecurrentOptions>): StateLayer;
export function lstm<const Units extends number>(units: Units, options: WithSteps<RecurrentOptions>): StepsLayer<Units>;
export function lstm<const Units extends number>(units: Units, options?: WithLastStep<RecurrentOptions>): LastStepLayer<Units>;
export function lstm(units: number, options?: RecurrentOptions): Layer<SequenceInputs>;
export function lstm(units: number, options: RecurrentOptions = {}): Layer<SequenceInputs> | StateLayer {
  const read = readOptions('lstm', RECURRENT_OPTIONS, options);
  return recurrent(CELLS.lstm, units, read, storableOptions(RECURRENT_OPTIONS, options));
}

export const LSTM = definedBy('lstm', lstm, 'units');

/**
 * The gated recurrent unit (Cho et al. 2014) as PyTorch has it: r, z = σ of W_ih·x[t] + b_ih + q for q = W_hh·h[t−1] + b_hh, n =
 * tanh(W_ih·x[t] + b_ih + r⊙q), h[t] = (1−z)⊙n + z⊙h[t−1], each with its own rows of the parameters in the order r z n: `weight_ih_l0`
 * [3·units, features], `weight_hh_l0` [3·units, units], `bias_ih_l0` and `bias_hh_l0` [3·units].
 *
 * @throws OptionError for an unknown or impossible option.
 */
export function gru(units: number, options: WithState<RecurrentOptions>): StateLayer;
export function gru<const Units extends number>(units: Units, options: WithSteps<RecurrentOptions>): StepsLayer<Units>;
export function gru<const Units extends number>(units: Units, options?: WithLastStep<RecurrentOptions>): LastStepLayer<Units>;
export function gru(units: number, options?: RecurrentOptions): Layer<SequenceInputs>;
export function gru(units: number, options: RecurrentOptions = {}): Layer<SequenceInputs> | StateLayer {
  const read = readOptions('gru', RECURRENT_OPTIONS, options);
  return recurrent(CELLS.gru, units, read, storableOptions(RECURRENT_OPTIONS, options));
}

export const GRU = definedBy('gru', gru, 'units');

/** The parts of a recurrent layer. */
export interface Recurrence {
  readonly cell: Cell;
  readonly options: Read;
  /** Makes the same layer in the other direction, with initialisers that its config may not hold. */
  reversed(): StateLayer;
}

/** By the bodies of recurrent layers. */
const RECURRENCES = new WeakMap<object, Recurrence>();

/** `stored` are the options that its config holds. */
function recurrent(
  cell: Cell,
  units: number,
  options: Read,
  stored: Readonly<Record<string, unknown>>,
  attributes: Given['attributes'] = {},
): StateLayer {
  checkInteger(`${cell.type}(units)`, units);
  if (options.stateful && options.initialState)
    throw new OptionError(`${cell.type}: expected either an initial state or stateful, got both`);
  const body: LayerBody<SequenceInputs, readonly GraphValue[]> = (scope, ...inputs) => {
    const { x, mask, initial } = readInputs(cell, units, inputs, options);
    const carried = options.stateful && scope.training ? carryStates(scope, cell, units, x, options) : undefined;
    const sequences = cell.run(x, {
      ...parametersOf(scope, cell, units, x.shape[2], options),
      initial: carried ?? initial,
      mask,
      attributes: { ...attributes, reverse: options.reverse, truncate: options.truncate ?? 0 },
    });
    const finals = sequences.map((sequence) => finalState(sequence, options));
    carried?.forEach((state, i) => {
      scope.assign(state, finals[i]);
    });
    const output = options.returnSequences ? withoutPadding(sequences[0], mask) : finals[0];
    return (options.returnState ? [output, ...finals] : output) as readonly GraphValue[];
  };
  const reverse = { reverse: true };
  const reversed = () => recurrent(cell, units, { ...options, ...reverse }, { ...stored, ...reverse }, attributes);
  RECURRENCES.set(body, { cell, options, reversed });
  return makeLayer({ type: cell.type, units, ...stored }, body);
}

/** The parts of a layer made by `rnn`, `lstm` or `gru`; undefined for other layers. */
export function recurrenceOf({ body }: { readonly body?: object }): Recurrence | undefined {
  return body && RECURRENCES.get(body);
}

/** The inputs of a layer with these options. Throws for another number of inputs, or another shape. */
function readInputs(cell: Cell, units: number, inputs: SequenceInputs, { masked, initialState }: Read) {
  const [x, ...rest] = inputs;
  const names = [...(masked ? ['mask'] : []), ...(initialState ? cell.states : [])];
  if (rest.length !== names.length) {
    const expected = ['a sequence', ...names].join(', ');
    throw new OptionError(`${cell.type}: expected ${names.length + 1} inputs (${expected}), got ${inputs.length}`);
  }
  if (x.shape.length !== 3 || x.shape.some((size, axis) => axis > 0 && size < 1))
    throw new ShapeError(`${cell.type}: expected an input of [batch, time, features], got ${formatShape(x.shape)}`);
  names.forEach((name, i) => {
    const expected = name === 'mask' ? x.shape.slice(0, 2) : [x.shape[0], units];
    if (rest[i].shape.join() !== expected.join())
      throw new ShapeError(`${cell.type}: expected ${name} of shape ${formatShape(expected)}, got ${formatShape(rest[i].shape)}`);
  });
  const initial = cell.states.map((_, i) => (initialState ? rest[i + (masked ? 1 : 0)] : undefined));
  return { x, mask: masked ? rest[0] : undefined, initial };
}

function parametersOf(scope: LayerScope, { gates }: Cell, units: number, features: number, options: Read) {
  const usual: InitializerOption = { type: 'uniform', limit: 1 / Math.sqrt(units) };
  const suffix = options.reverse ? '_reverse' : '';
  const bias = (name: string) =>
    !options.bias ? undefined : scope.parameter(`${name}_l0${suffix}`, [gates * units], options.biasInitializer ?? usual);
  const weight = (name: string, fanIn: number, initializer: InitializerOption = usual) =>
    scope.parameter(`${name}_l0${suffix}`, [gates * units, fanIn], initializer, { fanIn, fanOut: units });
  return {
    weightInput: weight('weight_ih', features, options.initializer),
    weightState: weight('weight_hh', units, options.recurrentInitializer),
    biasInput: bias('bias_ih'),
    biasState: bias('bias_hh'),
  };
}

/** Memory for the states that one training step hands to the next. */
function carryStates({ graph }: LayerScope, { states }: Cell, units: number, x: GraphValue, { reverse }: Read): GraphValue[] {
  return states.map((name) => graph.carry(`${graph.layerPath}.${name}${reverse ? '_reverse' : ''}`, [x.shape[0], units]));
}

/** The state after the recurrence's last step. */
function finalState(sequence: GraphValue, { reverse }: Read): GraphValue {
  const [rows, steps, units] = sequence.shape;
  const last = reverse ? 0 : steps - 1;
  return reshape(new GraphExpressions(sequence.graph).slice(sequence, 1, last, last + 1), [rows, units]);
}

function withoutPadding(sequence: GraphValue, mask: GraphValue | undefined): GraphValue {
  return mask ? multiply(sequence, reshape(mask, [...mask.shape, 1])) : sequence;
}
