/** Sessions of training steps. A network keeps one of them, so that a fit of the same shape as the last compiles nothing. */
import type { Session } from '../backends/backend.ts';
import { compiling } from '../compiler/compile.ts';
import { Pace } from '../event-loop/pace.ts';
import type { Work } from '../event-loop/slices.ts';
import type { Engine } from '../model/engine.ts';
import { type StepSettings, type Task, trainingGraph } from '../model/graphs.ts';
import { isEqual } from '../options/equal.ts';

/** The largest arena that is kept. What is compiled in milliseconds is small beside the steps of a larger one. */
export const MOST_KEPT_BYTES = 2 ** 26;

/** All that shapes the program of a network's training step. */
export interface StepShape {
  /** In the order of the heads. */
  readonly tasks: readonly Task[];
  readonly settings: StepSettings;
  readonly maximumRows: number;
}

/** A session on loan: it goes back by `giveBack`, or is freed. */
export interface LentSession {
  readonly session: Session;
  /** Whether it has run no step. */
  readonly isNew: boolean;
  /** Of its steps, as far as it is known. */
  readonly pace: Pace;
  /** For the next of the same shape. Its memory is as whole steps leave it. */
  giveBack(): void;
  /** Unless it was given back. */
  dispose(): void;
}

interface Kept extends Pick<LentSession, 'session' | 'pace'> {
  readonly shape: StepShape;
}

const NOTHING: ReadonlySet<string> = new Set();

export class StepSessions {
  #kept: Kept | undefined;

  constructor(readonly engine: Engine) {}

  /** A session for steps of a shape. What its memory holds is to be written, and data to be bound. */
  *open(shape: StepShape): Work<LentSession> {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept && isEqual(withoutRates(kept.shape), withoutRates(shape))) return this.#lend(kept, false);
    kept?.session.dispose();
    const { model, backend, seed, products } = this.engine;
    const graph = trainingGraph(model, shape.tasks, shape.settings);
    model.learnNeeds(graph, shape.settings.frozen ?? NOTHING);
    yield;
    const session = backend.open(yield* compiling(graph, { maximumRows: shape.maximumRows, products }), seed);
    session.ownThreads?.giveWay();
    return this.#lend({ shape, session, pace: new Pace(session.program.recordWidth) }, true);
  }

  dispose(): void {
    this.#kept?.session.dispose();
    this.#kept = undefined;
  }

  #lend(kept: Kept, isNew: boolean): LentSession {
    const { session, pace } = kept;
    let isOut = true;
    return {
      ...{ session, pace, isNew },
      giveBack: () => {
        if (!isOut || session.program.arenaSize * this.engine.backend.elementBytes > MOST_KEPT_BYTES) return;
        isOut = false;
        session.unbind();
        this.#kept = kept;
      },
      dispose: () => {
        if (isOut) session.dispose();
        isOut = false;
      },
    };
  }
}

/** Learning rates are inputs of the program. */
const withoutRates = ({ settings, ...shape }: StepShape) => ({
  ...shape,
  settings: { ...settings, optimizer: { ...settings.optimizer, learningRate: undefined } },
});
