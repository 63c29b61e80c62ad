/** Parts of updates that several optimisers have. */

import { GraphExpressions } from '../graph/expressions.ts';
import { add, multiply, power, subtract } from '../graph/functions.ts';
import type { GraphValue } from '../graph/graph.ts';
import type { OptimizerScope } from './optimizer.ts';

type Scope = OptimizerScope<unknown>;

/** g + weightDecay·p. */
export function withDecay(scope: Scope, gradient: GraphValue, parameter: GraphValue): GraphValue {
  return scope.weightDecay === 0 ? gradient : add(gradient, multiply(parameter, scope.weightDecay));
}

/** p·(1 − η·weightDecay): weight decay beside the gradient, Loshchilov & Hutter 2019. */
export function shrunk(scope: Scope, parameter: GraphValue, learningRate: GraphValue): GraphValue {
  return scope.weightDecay === 0 ? parameter : multiply(parameter, subtract(1, multiply(learningRate, scope.weightDecay)));
}

/** Gradient and parameter after weight decay: added to the gradient, or taken from the parameter. */
export function decayed(scope: Scope, decoupled: boolean, parameter: GraphValue, gradient: GraphValue, learningRate: GraphValue) {
  return decoupled
    ? { p: shrunk(scope, parameter, learningRate), g: gradient }
    : { p: parameter, g: withDecay(scope, gradient, parameter) };
}

/** β·before + (1 − β)·x. */
export const averageOf = (before: GraphValue, beta: number, x: GraphValue) => add(multiply(before, beta), multiply(x, 1 - beta));

/** A state that is the moving average of x: its next value. */
export function average(scope: Scope, kind: string, beta: number, x: GraphValue): GraphValue {
  const state = scope.state(kind);
  const next = averageOf(state, beta, x);
  scope.assign(state, next);
  return next;
}

/** 1 − βᵗ: what an average that began at 0 is divided by in step t. */
export const bias = (scope: Scope, beta: number) => subtract(1, power(beta, scope.step));

/** √Σx². */
export const norm = (x: GraphValue) => new GraphExpressions(x.graph).apply('norm', [x]);
