/** The peers: which script of bench/peers/ measures what. A column with several scripts gives the fastest of them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from './side.ts';

/** Commands by the columns in which their figures stand. */
export type Columns = ReadonlyMap<string, readonly Command[]>;

export interface PeerSettings {
  /** Where the scripts are, with what they need installed there. */
  readonly folder: string;
  /** The Python that has PyTorch, JAX and ONNX Runtime. */
  readonly python: string;
  readonly threads: number;
  readonly onWasm: boolean;
}

export class Peers {
  readonly #settings: PeerSettings;

  constructor(settings: PeerSettings) {
    this.#settings = settings;
  }

  /** Sides that train a network. */
  training(id: string, file: string): Columns {
    const columns = new Map([['PyTorch', [this.#python('torch_train.py', file)]]]);
    if (id.startsWith('embedding')) columns.set('PyTorch, sparse', [this.#python('torch_train.py', file, '--sparse')]);
    if (this.#settings.onWasm) {
      columns.set('jax-js', [this.#node('jaxjs_train.mjs', file)]);
      columns.set('TensorFlow.js', [this.#node('tfjs_train.mjs', file)]);
    } else {
      columns.set('JAX', [this.#python('jax_train.py', file)]);
    }
    if (id === 'W3') columns.set('JavaScript loops', [this.#node('loops.mjs', file)]);
    return columns;
  }

  /** Sides that predict what a network says to some rows. */
  prediction(file: string): Columns {
    const onnx = `${file}.onnx`;
    const { program, args } = this.#python('torch_onnx.py', file, onnx);
    execFileSync(program, args.slice(0, 3), { stdio: ['ignore', 'ignore', 'pipe'] });
    const onNode = (kind: string) => this.#node('ort_predict.mjs', file, onnx, kind);
    return new Map([
      ['PyTorch', [this.#python('torch_predict.py', file)]],
      ['ONNX Runtime', this.#settings.onWasm ? [onNode('web')] : [onNode('node'), this.#python('ort_predict.py', file, onnx)]],
    ]);
  }

  /** Sides that multiply square matrices of a size. */
  product(size: number): Columns {
    const columns = new Map([['PyTorch', [this.#python('torch_gemm.py', String(size))]]]);
    if (this.#settings.onWasm) columns.set('jax-js', [this.#node('jaxjs_gemm.mjs', String(size))]);
    return columns;
  }

  #python(script: string, ...args: string[]): Command {
    return this.#command(this.#settings.python, script, args);
  }

  #node(script: string, ...args: string[]): Command {
    return this.#command(process.execPath, script, args);
  }

  #command(program: string, script: string, args: readonly string[]): Command {
    const { folder, threads } = this.#settings;
    return { program, args: [join(folder, script), ...args, '--threads', String(threads)], folder };
  }
}
