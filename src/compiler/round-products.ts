/**
 * Products in bfloat16: each of the two factors of a product is rounded to bfloat16 before it is multiplied, the sums stay float32. What an
 * op multiplies the table says (`factors`); it is done to the gradients too, after they were made, so that these are those of the functions
 * that were not rounded.
 */
import type { Graph, GraphValue } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';

/**
 * How products are computed: of the factors as they are; of factors that operations before them have rounded to bfloat16; or, where the
 * backend can, of factors that they round themselves.
 */
export type ProductForm = 'float32' | 'rounded' | 'bfloat16';

/** The graph with its products in a form. To be given one without rounded factors. */
export function roundProducts(old: Graph, form: ProductForm): Graph {
  if (form === 'float32') return old;
  const images = new Map<GraphValue, GraphValue>();
  return rewrite(old, (operation, inputs, graph) => {
    const { op } = operation;
    const { factors } = op;
    if (!factors) return undefined;
    if (form === 'bfloat16' && 'rounded' in op.attributes) return graph.apply(op, inputs, { ...operation.attributes, rounded: true });
    const rounded = inputs.map((input, i) => (input && factors.includes(op.inputs[i]) ? roundedOf(input, graph, images) : input));
    return graph.copy(operation, rounded);
  });
}

/** One rounding serves all products of a value, and of what shares its memory. */
function roundedOf(value: GraphValue, graph: Graph, images: Map<GraphValue, GraphValue>): GraphValue {
  const known = images.get(value);
  if (known) return known;
  const { operation } = value;
  const [made] = operation?.op.view
    ? graph.copy(operation, [roundedOf(operation.inputs[0] as GraphValue, graph, images)])
    : graph.apply('roundBfloat16', [graph.numbers(value)]);
  images.set(value, made);
  return made;
}
