/**
 * The computational graph by itself (Zhang et al. "Dive into Deep Learning"; Goodfellow et al. "Deep Learning", 6.5): four functions, each
 * compiled together with its gradients by reverse mode.
 *
 *   node --import tsx examples/computational-graph.ts
 */
import { fileURLToPath } from 'node:url';
import { add, differentiate, divide, matmul, maximum, multiply, sigmoid, square, subtract, sum, type Tensor } from 'chainrule';

export async function main() {
  return { product: await product(), logistic: await logistic(), hidden: await hidden(), regression: await regression() };
}

/** z = x·y: each factor's gradient is the other factor. */
async function product() {
  const z = await differentiate(({ x, y }) => multiply(x, y), { x: [], y: [] });
  const { value, gradients } = z({ x: 3, y: 4 });
  show('z = x·y at x = 3, y = 4', z.graph, value, gradients);
  z.dispose();
  return { value, gradients: numbers(gradients) };
}

/** ŷ = σ(xᵀw + b), the prediction of logistic regression: every gradient holds ŷ(1 − ŷ). */
async function logistic() {
  const prediction = await differentiate(({ x, w, b }) => sum(sigmoid(add(matmul(x, w), b))), { x: [1, 2], w: [2, 1], b: [1] });
  const { value, gradients } = prediction({ x: [[1, -2]], w: [[0.5], [0.25]], b: [0.1] });
  show('ŷ = σ(xᵀw + b)', prediction.graph, value, gradients);
  prediction.dispose();
  return { value, gradients: numbers(gradients) };
}

/** H = max{0, XW + b}, a layer of rectified linear units. What is differentiated is the sum of H, whose δ is 1 everywhere. */
async function hidden() {
  const h = await differentiate(({ x, w, b }) => sum(maximum(add(matmul(x, w), b), 0)), { x: [2, 2], w: [2, 3], b: [3] });
  const values = {
    x: [
      [1, 2],
      [-1, 0.5],
    ],
    w: [
      [1, -1, 0.5],
      [0.25, 2, -1],
    ],
    b: [0.1, 0.2, -0.3],
  };
  const { value, gradients } = h(values);
  show('H = max{0, XW + b}, summed', h.graph, value, gradients);
  console.log(`compiled:\n${h.program}\n`);
  h.dispose();
  return { value, gradients: numbers(gradients) };
}

/** Linear regression with a penalty: w is used by the prediction and by λΣw², and its gradient is the sum of both uses' gradients. */
async function regression() {
  const cost = await differentiate(
    ({ x, y, w, lambda }) => {
      const errors = subtract(matmul(x, w), y);
      return add(divide(sum(square(errors)), 2), multiply(lambda, sum(square(w))));
    },
    { x: [3, 2], y: [3, 1], w: [2, 1], lambda: [] },
  );
  const x = [
    [1, 0],
    [0, 2],
    [1, 1],
  ];
  const { value, gradients } = cost({ x, y: [[1], [2], [3]], w: [[0.5], [-1]], lambda: 0.1 });
  show('½‖Xw − y‖² + λΣw²', cost.graph, value, gradients);
  console.log(`as a picture (Graphviz):\n${cost.toDot()}`);
  cost.dispose();
  return { value, gradients: numbers(gradients) };
}

function show(title: string, graph: string, value: number, gradients: Record<string, Tensor>): void {
  console.log(`${title}\n${'─'.repeat(title.length)}\n${graph}\n\nvalue ${value.toFixed(6)}`);
  for (const [name, values] of Object.entries(numbers(gradients)))
    console.log(`∂/∂${name} = [${values.map((v) => v.toFixed(6)).join(', ')}]`);
  console.log();
}

function numbers<Name extends string>(tensors: Record<Name, Tensor>) {
  return Object.fromEntries(Object.entries<Tensor>(tensors).map(([name, { data }]) => [name, [...data]])) as Record<Name, number[]>;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
