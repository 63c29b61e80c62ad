/** TensorBoard's messages: events, summaries, graphs, hyper-parameters. The numbers are those of fields in its .proto files. */
import type { FitBegin } from '../training/reports.ts';
import type { Histogram } from './histogram.ts';
import { bytes, double, entry, type Field, float, integer, message, packedDoubles, text } from './protobuf.ts';

/** The first event of a file. */
export const versionEvent = (): Field[] => [...at(), text(3, 'brain.Event:2')];

/** Says that events of earlier files from this step on are void. */
export const startEvent = (step: number): Field[] => [...at(step), message(7, integer(1, 1))];

export const summaryEvent = (step: number, values: readonly Field[]): Field[] => [...at(step), message(5, ...values)];

export const graphEvent = ({ layers }: FitBegin['model']): Field[] => [...at(), message(4, ...nodesOf(layers), message(4, integer(1, 22)))];

export const scalar = (tag: string, value: number): Field => message(1, text(1, tag), float(2, value));

export function histogram(tag: string, { minimum, maximum, count, sum, sumOfSquares, limits, counts }: Histogram): Field {
  const figures = [minimum, maximum, count, sum, sumOfSquares].map((figure, i) => double(i + 1, figure));
  return message(1, text(1, tag), message(5, ...figures, packedDoubles(6, limits), packedDoubles(7, counts)));
}

export type HyperParameters = ReadonlyMap<string, string | number | boolean>;

/** The values of a run for the HParams page. */
export function hyperParameters(values: HyperParameters): Field {
  const entries = [...values].map(([name, value]) => entry(1, name, protoValue(value)));
  return hparams('_hparams_/session_start_info', message(3, ...entries, double(5, now())));
}

/** How a run ended. */
export const ending = (succeeded: boolean): Field =>
  hparams('_hparams_/session_end_info', message(4, integer(1, succeeded ? 1 : 2), double(2, now())));

/** The parts that every event has. */
const at = (step = 0): Field[] => [double(1, now()), integer(2, step)];

/** Seconds since 1970. */
const now = () => Date.now() / 1000;

function nodesOf(layers: FitBegin['model']['layers']): Field[] {
  const uses = new Map<string, FitBegin['model']['layers'][number]>(layers.map((layer) => [layer.name, layer]));
  const inputs = new Set(layers.flatMap((layer) => layer.inputs).filter((name) => !uses.has(name)));
  return [
    ...[...inputs].map((name) => message(1, text(1, name), text(2, 'input'))),
    ...[...uses.values()].map(({ name, type, shape, inputs: takes, parameters }) =>
      message(
        1,
        ...[text(1, name), text(2, type), ...takes.map((one) => text(3, one))],
        ...[entry(5, '_output_shapes', message(1, message(7, ...shapeOf(shape)))), entry(5, 'parameters', integer(3, parameters))],
      ),
    ),
  ];
}

/** An axis of unknown size, the batch, is −1, as a varint of ten bytes. */
const shapeOf = (shape: readonly number[]): Field[] => shape.map((size) => message(2, size < 0 ? MINUS_ONE : integer(1, size)));
const MINUS_ONE = Buffer.from([8, ...Array(9).fill(255), 1]);

/** A field of google.protobuf.Value. */
function protoValue(value: string | number | boolean): Field {
  if (typeof value === 'number') return double(2, value);
  return typeof value === 'string' ? text(3, value) : integer(4, Number(value));
}

/** A summary value without a number, whose metadata hold a message of the HParams page. */
const hparams = (tag: string, content: Field): Field =>
  message(1, text(1, tag), message(9, message(1, text(1, 'hparams'), bytes(2, Buffer.concat([integer(1, 0), content])))));
