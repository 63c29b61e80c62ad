/** `chainrule predict`. */
import type { Network, TrainTest } from '../index.node.ts';
import { countClasses } from './data.ts';

/** Of outputs that are printed as they are. */
const DIGITS_OF_OUTPUTS = 6;

/**
 * A line for each sample of the test part. A network with as many outputs as the data has classes answers by its largest output: that class
 * and its probability, or the output itself where the loss knows no probabilities. Any other network: all outputs of the sample.
 */
export async function predictLines(network: Network, data: TrainTest): Promise<string[]> {
  const { shape, data: outputs } = await network.predictAsync(data.test.x, { probabilities: true });
  const [rows, ...sample] = shape;
  const width = sample.reduce((product, size) => product * size, 1);
  const isOfClasses = sample.length === 1 && width === countClasses(data);
  const format = isOfClasses ? formatClass : formatOutputs;
  return Array.from({ length: rows }, (_, row) => format(outputs.subarray(row * width, (row + 1) * width)));
}

type Outputs = Float32Array | Float64Array;

function formatClass(outputs: Outputs): string {
  let largest = 0;
  for (let i = 1; i < outputs.length; i++) if (outputs[i] > outputs[largest]) largest = i;
  return `${largest} ${outputs[largest].toFixed(4)}`;
}

function formatOutputs(outputs: Outputs): string {
  return Array.from(outputs, (output) => Number(output.toPrecision(DIGITS_OF_OUTPUTS))).join(' ');
}
