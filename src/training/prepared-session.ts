/** A session that reads the network's weights run after run. */
import type { Backend, Elements, Session } from '../backends/backend.ts';
import type { PreparedProgram } from '../compiler/compile.ts';
import type { Program } from '../program/format.ts';
import { readSlots, type Weights } from './weights.ts';

export class PreparedSession {
  readonly session: Session;
  readonly #preparation: Program | undefined;
  /** Of the weights in the session's arena; −1 before there are any. */
  #version = -1;

  constructor(
    readonly backend: Backend,
    { program, preparation }: PreparedProgram,
    readonly seed: number,
  ) {
    this.session = backend.open(program, seed);
    this.#preparation = preparation;
  }

  /** Brings the session the weights as they are now, and what its program needs made of them. */
  load(weights: Weights): void {
    if (this.#version === weights.version) return;
    weights.load(this.session, this.#preparation && this.#prepare(this.#preparation, weights));
    this.#version = weights.version;
  }

  dispose(): void {
    this.session.dispose();
  }

  /** In a session of its own, whose memory is needed no longer than this takes. */
  #prepare(program: Program, weights: Weights): Map<string, Elements> {
    const session = this.backend.open(program, this.seed);
    try {
      weights.load(session);
      session.run({ from: 0, to: program.code.length, repeats: 1, iteration: 0, rows: 1 });
      return readSlots(session, program.outputs);
    } finally {
      session.dispose();
    }
  }
}
