/** Predictions by a compiled program on the WASM kernels: what a page needs that trains nothing. */
// The declarations use Symbol.dispose, which is missing from some programs' libraries.
/// <reference lib="esnext.disposable" preserve="true" />
import { firstNotFinite } from '../backends/finite.ts';
import { WasmMemory } from '../backends/wasm/memory.ts';
import { type DataContract, prepareSamples } from '../data/samples.ts';
import { FormatError, messageOf, OptionError, StateError } from '../errors.ts';
import { finish } from '../event-loop/slices.ts';
import type { GlobalModule } from '../globals.ts';
import type { ElementRange, ElementRanges } from '../model/element-ranges.ts';
import type { TensorLike } from '../nested.ts';
import { checkNames } from '../options.ts';
import { NETWORK } from '../origin.ts';
import { type Tensor, tensorOver } from '../tensor.ts';
import type { InputPort, Port, PredictorFile } from './file.ts';

const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;
const REGION_ALIGNMENT = 64;

/** The shape of one sample or prediction; of named ones, by name. */
export type PredictorShape = readonly number[] | { readonly [name: string]: readonly number[] };

const aligned = (bytes: number) => Math.ceil(bytes / REGION_ALIGNMENT) * REGION_ALIGNMENT;
const sizeOf = ({ shape }: Port) => shape.reduce((product, size) => product * size, 1);

/** A network that only predicts, of the bytes that `network.toPredictor()` makes. */
export class Predictor {
  readonly #file: PredictorFile;
  /** Of its own, which is all that its program can reach. */
  #memory: WasmMemory | undefined;
  readonly #context: number;
  readonly #arena: number;
  readonly #contract: Parameters<typeof prepareSamples>[1];

  /**
   * Use `loadPredictor`.
   *
   * @throws BackendError where the kernels are of another version than the file, or memory is short.
   */
  constructor(file: PredictorFile, module: GlobalModule) {
    this.#file = file;
    this.#contract = contractOf(file.inputs);
    const memory = new WasmMemory(module, { hash: file.tableHash, version: file.programVersion, advice: 'make the file anew' });
    this.#memory = memory;
    const { code, rowWords, literals, arena, scratch } = file;
    const sizes = [
      memory.contextBytes,
      code.byteLength,
      rowWords.byteLength,
      literals.byteLength,
      arena * FLOAT_BYTES,
      scratch * FLOAT_BYTES,
    ];
    const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + aligned(size), 0));
    const region = memory.allocate(starts[5] + aligned(sizes[5]), 'a program and its arena');
    const [context, codeAt, rowWordsAt, literalsAt, arenaAt, scratchAt] = starts.map((start) => region + start);
    this.#context = context;
    this.#arena = arenaAt;
    memory.integers(context, memory.contextBytes / FLOAT_BYTES).fill(0);
    memory.integers(codeAt, code.length).set(placed(file, arenaAt, literalsAt));
    memory.integers(rowWordsAt, rowWords.length).set(rowWords);
    memory.doubles(literalsAt, literals.length).set(literals);
    memory.floats(arenaAt, arena).fill(0);
    this.#writeWeights(memory);
    memory.setIntegers(context, { Code: codeAt, Words: code.length, FirstShared: code.length, RowWords: rowWordsAt });
    memory.setIntegers(context, { RowWordCount: rowWords.length / 2, Workspace: memory.workspace, BatchSize: 1 });
    memory.setIntegers(context, { Scratch: scratchAt, ScratchBytes: scratch * FLOAT_BYTES });
    memory.setDouble(context + memory.layout.OrderEpoch, -1);
  }

  /** The shape of one sample; of named inputs, by name. */
  get input(): PredictorShape {
    return this.#shapes(this.#file.inputs);
  }

  /** The shape of one prediction; of named outputs, by name. */
  get output(): PredictorShape {
    return this.#shapes(this.#file.outputs);
  }

  /**
   * The predictions for each row of x, [rows, …output], computed on the caller's thread; of a network with named inputs and outputs, by name.
   *
   * @throws DataError or ShapeError for rows that do not fit; StateError where it is disposed; OptionError for options, which `toPredictor` takes;
   *   FormatError where its file was made up and cannot be run.
   */
  predict(x: TensorLike): Tensor;
  predict(x: { readonly [name: string]: TensorLike }): Record<string, Tensor>;
  predict(x: TensorLike | { readonly [name: string]: TensorLike }, options?: undefined): Tensor | Record<string, Tensor> {
    // Who asks for probabilities here would take logits for them.
    if (options !== undefined)
      throw new OptionError('predict: expected no options, got some: toPredictor({ probabilities: true }) takes them');
    const memory = this.#memory;
    if (!memory) throw new StateError('this predictor is disposed');
    const { inputs, outputs, isNamed, rows: most } = this.#file;
    const { rows, inputs: columns } = finish(prepareSamples(this.#given(x), this.#contract));
    const results = outputs.map((port) => new Float32Array(rows * sizeOf(port)));
    for (let start = 0; start < rows; start += most) {
      const count = Math.min(most, rows - start);
      inputs.forEach(({ offset }, i) => {
        const { data, width } = columns[i];
        const part = data.subarray(start * width, (start + count) * width);
        const at = this.#arena + offset * FLOAT_BYTES;
        if (part instanceof Int32Array) memory.integers(at, part.length).set(part);
        else memory.floats(at, part.length).set(part);
      });
      this.#run(memory, count);
      outputs.forEach((port, i) => {
        results[i].set(memory.floats(this.#arena + port.offset * FLOAT_BYTES, count * sizeOf(port)), start * sizeOf(port));
      });
    }
    const tensors = outputs.map(({ name, shape }, i): [string, Tensor] => [name, tensorOver([rows, ...shape], results[i])]);
    return isNamed ? Object.fromEntries(tensors) : tensors[0][1];
  }

  /** Throws FormatError for a program that somebody has changed. */
  #run(memory: WasmMemory, rows: number): void {
    try {
      memory.run(this.#context, 0, this.#file.code.length, 0, 1, rows);
    } catch (cause) {
      throw new FormatError(`predict: expected a file with a program that runs, got one in which: ${messageOf(cause)}`, { cause });
    }
  }

  /** Frees its memory. */
  dispose(): void {
    this.#memory = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #given(x: unknown) {
    const { inputs, isNamed } = this.#file;
    if (!isNamed) return [{ where: 'predict', value: x as TensorLike }];
    const names = inputs.map(({ name }) => name);
    const given = checkNames<TensorLike>('predict', x, names);
    return names.map((name) => ({ where: `predict.${name}`, value: given[name] }));
  }

  #shapes(ports: readonly Port[]): PredictorShape {
    return this.#file.isNamed ? Object.fromEntries(ports.map(({ name, shape }) => [name, shape])) : ports[0].shape;
  }

  #writeWeights(memory: WasmMemory): void {
    const { weights, weightRuns } = this.#file;
    let read = 0;
    for (const [offset, length] of weightRuns) {
      memory.floats(this.#arena + offset * FLOAT_BYTES, length).set(weights.subarray(read, read + length));
      read += length;
    }
  }
}

/** The code for memory at these addresses. */
function placed({ code, operandWords, literalWords }: PredictorFile, arena: number, literals: number): Int32Array {
  const words = code.slice();
  for (const word of operandWords) words[word] = arena + code[word] * FLOAT_BYTES;
  for (const word of literalWords) words[word] = literals + code[word] * DOUBLE_BYTES;
  return words;
}

/** What rows are held against, as those of a network are. */
function contractOf(inputs: readonly InputPort[]): DataContract {
  const ranged = inputs.flatMap(({ name, ranges }): [string, ElementRanges][] =>
    ranges ? [[name, ranges.flatMap(({ count, range }) => new Array(count).fill(range && rangeOf(range)))]] : [],
  );
  return {
    model: {
      inputs: new Map(inputs.map(({ name, shape }) => [name, shape])),
      heads: [],
      elementRanges: new Map(ranged),
      describe: () => '',
    },
    backend: { elementBytes: FLOAT_BYTES, firstNotFinite: (values) => firstNotFinite(values, FLOAT_BYTES) },
  };
}

/** Its taker stands in for the name of an op. */
const rangeOf = ({ taker, ...range }: NonNullable<NonNullable<InputPort['ranges']>[number]['range']>): ElementRange => ({
  ...range,
  op: taker,
  origin: NETWORK,
});
