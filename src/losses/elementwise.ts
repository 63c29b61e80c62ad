/** Losses of elements: each prediction with its own target. */
import { ShapeError } from '../errors.ts';
import { GraphExpressions } from '../graph/expressions.ts';
import type { GraphValue } from '../graph/graph.ts';
import { formatShape, sameShape } from '../ops/shape.ts';

/** The op applied to predictions and targets of the same shape. Throws ShapeError for others. */
export function elementwise(op: string, x: GraphValue, y: GraphValue, alpha?: number): GraphValue {
  if (!sameShape(x.shape, y.shape))
    throw new ShapeError(`loss: expected targets of shape ${formatShape(x.shape)}, got ${formatShape(y.shape)}`);
  return new GraphExpressions(x.graph).apply(op, [x, y], alpha === undefined ? {} : { alpha });
}
