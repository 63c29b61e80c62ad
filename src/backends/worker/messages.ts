/** What a page and its worker tell each other. All of it is plain data, which `postMessage` copies. */
import type { GlobalModule } from '../../globals.ts';
import type { Program, Slot } from '../../program/format.ts';
import type { SentError } from '../../sent-errors.ts';
import type { BackendSettings, DataBinding, Elements, NonFinite, Run } from '../backend.ts';

/** The first message: the kernels, and how many threads can run at the same time. */
export interface Start {
  readonly module: GlobalModule;
  readonly cores: number;
}

/** The name of a place, or its index among the program's slots. */
export type PlaceKey = string | number;

/** Values of shared parameters, from `start` on; all of them come before the next message of another kind. With the first the worker reserves memory. */
export interface SharedValues {
  readonly type: 'shared';
  readonly elements: number;
  /** Of all the parameters. */
  readonly length: number;
  readonly start: number;
  readonly values: Float32Array;
}

/** The end of shared parameters. */
export interface SharedEnd {
  readonly type: 'free';
  readonly elements: number;
}

export interface Opening {
  readonly type: 'open';
  readonly program: Program;
  readonly seed: number;
  readonly settings: BackendSettings;
  readonly elements?: number;
}

/** The data of a binding without its values. These come in pieces, then `bind`. */
export interface BindingPlan extends Omit<DataBinding, 'columns'> {
  readonly type: 'plan';
  readonly columns: readonly { readonly width: number; readonly isIndex: boolean }[];
}

export interface BindingPiece {
  readonly type: 'piece';
  readonly column: number;
  readonly start: number;
  readonly values: Float32Array | Int32Array;
}

/** What needs no answer. An error is the answer to the session's next question. */
export type Command =
  | Opening
  | BindingPlan
  | BindingPiece
  | { readonly type: 'share'; readonly elements: number }
  | { readonly type: 'write'; readonly to: PlaceKey; readonly values: ArrayLike<number>; readonly start?: number }
  | { readonly type: 'bind' }
  | { readonly type: 'unbind' }
  | { readonly type: 'cancel' }
  | { readonly type: 'dispose' };

export type Question =
  | { readonly type: 'run'; readonly run: Run }
  | { readonly type: 'read'; readonly from: PlaceKey; readonly length?: number; readonly start?: number }
  | { readonly type: 'nonFinite'; readonly runs: readonly Run[] };

/** What a run has done. */
export interface Ran {
  readonly done: number;
  readonly records: Float64Array;
  /** The shared parameters, where the program writes them. */
  readonly shared?: Elements;
}

/** The answers to questions, by their type. */
export interface Answers {
  readonly run: Ran;
  readonly read: Elements;
  readonly nonFinite: NonFinite | undefined;
}

export type ToSession = { readonly session: number } & (Command | (Question & { readonly call: number }));
export type ToWorker = SharedValues | SharedEnd | ToSession;

/** An answer to a question; without `call` the end of the worker. */
export interface FromWorker {
  readonly call?: number;
  readonly answer?: unknown;
  readonly error?: SentError;
}

/** The places of a program in one order, the same for a copy of it. */
export const slotsOf = ({ parameters, state, carried, inputs, outputs }: Program): readonly Slot[] =>
  [parameters, state, carried, inputs, outputs].flatMap((slots) => [...slots.values()]);
