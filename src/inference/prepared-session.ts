/** A session that reads the network's weights run after run, where they lie. */
import { atOnce } from '../backends/at-once.ts';
import type { Session } from '../backends/backend.ts';
import type { PreparedProgram } from '../compiler/compile.ts';
import type { Engine } from '../model/engine.ts';
import type { Program, Slot } from '../program/format.ts';

export class PreparedSession {
  readonly session: Session;
  readonly #preparation: Program | undefined;
  /** What the preparation gives, each with its place in the session. */
  readonly #made: readonly (readonly [Slot, Slot])[];
  /** The version of the weights that the prepared values were made of; −1 before the first. */
  #version = -1;

  constructor(
    readonly engine: Pick<Engine, 'backend' | 'seed' | 'weights'>,
    { program, preparation }: PreparedProgram,
  ) {
    this.session = this.#open(program);
    this.#preparation = preparation;
    this.#made = [...(preparation?.outputs ?? [])].flatMap(([name, made]) => {
      const target = program.parameters.get(name);
      return target ? [[made, target] as const] : [];
    });
  }

  /** Brings the session the current weights, and the values prepared from them. */
  async load(): Promise<void> {
    if (this.session.now) return this.loadNow();
    const { version } = this.engine.weights;
    if (this.#version === version) return;
    const preparing = this.#share();
    try {
      await preparing?.run({ rows: 1 });
      if (preparing) for (const [made, target] of this.#made) this.session.write(target, await preparing.read(made));
      this.#version = version;
    } finally {
      preparing?.dispose();
    }
  }

  /** `load` at once, where the backend can. */
  loadNow(): void {
    const { version } = this.engine.weights;
    if (this.#version === version) return;
    const preparing = this.#share();
    try {
      const now = preparing && atOnce(preparing, 'predict', 'predictAsync awaits it');
      now?.run({ rows: 1 });
      if (now) for (const [made, target] of this.#made) this.session.write(target, now.read(made));
      this.#version = version;
    } finally {
      preparing?.dispose();
    }
  }

  dispose(): void {
    this.session.dispose();
  }

  #open(program: Program): Session {
    const { backend, seed, weights } = this.engine;
    return backend.open(program, seed, weights.memory);
  }

  /** Hands the session the weights. Opens a temporary session for the preparation, where there is one. */
  #share(): Session | undefined {
    this.session.share(this.engine.weights.memory);
    return this.#preparation && this.#open(this.#preparation);
  }
}
