/** A session that reads the network's weights run after run, where they lie. */
import type { Session } from '../backends/backend.ts';
import type { PreparedProgram } from '../compiler/compile.ts';
import type { Engine } from '../model/engine.ts';
import { count } from '../ops/shape.ts';
import type { Program } from '../program/format.ts';

export class PreparedSession {
  readonly session: Session;
  readonly #preparation: Program | undefined;
  /** The version of the weights that the prepared values were made of; −1 before the first. */
  #version = -1;

  constructor(
    readonly engine: Pick<Engine, 'backend' | 'seed' | 'weights'>,
    { program, preparation }: PreparedProgram,
  ) {
    this.session = this.#open(program);
    this.#preparation = preparation;
  }

  /** Brings the session the current weights, and the values prepared from them. */
  load(): void {
    const { version, memory } = this.engine.weights;
    if (this.#version === version) return;
    this.session.share(memory);
    if (this.#preparation) this.#prepare(this.#preparation);
    this.#version = version;
  }

  dispose(): void {
    this.session.dispose();
  }

  #open(program: Program): Session {
    const { backend, seed, weights } = this.engine;
    return backend.open(program, seed, weights.memory);
  }

  /** Runs the preparation in a temporary session. */
  #prepare(program: Program): void {
    const session = this.#open(program);
    try {
      session.run({ from: 0, to: program.code.length, repeats: 1, rows: 1 });
      for (const [name, { offset, shape }] of program.outputs) {
        const target = this.session.program.parameters.get(name);
        if (target) this.session.write(target.offset, session.read(offset, count(shape)));
      }
    } finally {
      session.dispose();
    }
  }
}
