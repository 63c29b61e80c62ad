/** The files by which peers get a network: see `peers/exchange.py`. */
import { writeFileSync } from 'node:fs';
import { encodeSafetensors, type Tensor } from 'chainrule';
import type { Prediction } from '../inference.ts';
import type { Training } from '../training.ts';
import type { TrainingWorkload } from '../workloads.ts';

/** A class as the values that its outputs should have. */
function oneHot(classes: Int32Array): Tensor {
  const count = Math.max(...new Set(classes)) + 1;
  const data = new Float32Array(classes.length * count);
  classes.forEach((index, row) => {
    data[row * count + index] = 1;
  });
  return { shape: [classes.length, count], data };
}

/** As float64, classes and indices of any size are exact. */
function tensorOf(values: Tensor | Int32Array): Tensor {
  return values instanceof Int32Array ? { shape: [values.length], data: Float64Array.from(values) } : values;
}

/** The weights that a network begins with, its data, and what a step does. */
export function writeTraining(path: string, workload: TrainingWorkload, { initial, data }: Training): void {
  const { batch, loss, optimizer } = workload;
  const isClassified = loss === 'softmaxCrossEntropy';
  const y = data.y instanceof Int32Array && !isClassified ? oneHot(data.y) : data.y;
  write(path, workload, new Map([...initial, ['x', data.x], ['y', y]]), {
    batch: String(batch),
    loss: String(loss),
    optimizer: JSON.stringify(optimizer),
    targets: isClassified ? 'indices' : 'values',
  });
}

/** A network's weights and the rows to predict. */
export function writePrediction(path: string, workload: TrainingWorkload, { weights, x }: Prediction): void {
  write(path, workload, new Map([...weights, ['x', x]]), {});
}

function write(
  path: string,
  { id, inputs = 'values' }: TrainingWorkload,
  values: ReadonlyMap<string, Tensor | Int32Array>,
  more: Readonly<Record<string, string>>,
): void {
  const tensors = new Map([...values].map(([name, value]) => [name, tensorOf(value)]));
  writeFileSync(path, encodeSafetensors(tensors, { network: id, inputs, ...more }));
}
