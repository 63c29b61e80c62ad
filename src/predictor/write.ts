/** Writes a compiled program as a predictor's file. */
import { placeWords, wordsPerRow } from '../backends/wasm/code.ts';
import { toWords } from '../backends/words.ts';
import type { Program, Slot } from '../program/format.ts';
import { scratchFloats } from '../program/scratch.ts';
import { encodePredictor, type InputPort, type Port } from './file.ts';

/** A program that predicts, with what it reads. */
export interface PredictorParts {
  readonly program: Program;
  readonly isNamed: boolean;
  readonly inputs: readonly Omit<InputPort, 'offset'>[];
  readonly outputs: readonly Omit<Port, 'offset'>[];
  /** The values of the program's parameters; indices are an Int32Array. */
  parameter(name: string): ArrayLike<number>;
}

const UNDIVIDED = new Int32Array(0);

export function writePredictor({ program, isNamed, inputs, outputs, parameter }: PredictorParts): Uint8Array {
  const { operands, absent, literals } = placeWords(program);
  const gone = new Set(absent);
  const values = [
    ...program.constants.map(({ offset, values }) => [offset, values] as const),
    ...[...program.parameters].map(([name, { offset }]) => [offset, parameter(name)] as const),
  ];
  return encodePredictor({
    ...{ tableHash: program.tableHash, programVersion: program.version, isNamed, rows: program.maximumRows },
    inputs: inputs.map((one) => placed(one, program.inputs)),
    outputs: outputs.map((one) => placed(one, program.outputs)),
    ...{ arena: program.arenaSize, scratch: scratchFloats(program), literals: program.literals },
    code: program.code.map((word, at) => (gone.has(at) ? 0 : word)),
    operandWords: Int32Array.from(operands),
    literalWords: Int32Array.from(literals),
    rowWords: wordsPerRow(program, UNDIVIDED),
    weightRuns: values.map(([offset, { length }]) => [offset, length]),
    weights: joined(values.map(([, elements]) => elements)),
  });
}

const placed = <P extends Omit<Port, 'offset'>>(port: P, slots: ReadonlyMap<string, Slot>) => ({
  ...port,
  offset: (slots.get(port.name) as Slot).offset,
});

function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part instanceof Int32Array ? toWords(part) : part, at);
    at += part.length;
  }
  return all;
}
