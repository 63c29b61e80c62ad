/** Parameters that sessions of a worker share: here, with a copy there. */
import { BackendError, StateError } from '../../errors.ts';
import { pieces, type Work } from '../../event-loop/slices.ts';
import type { Elements, SharedElements } from '../backend.ts';
import { forgotten, Holding, type WorkerLink } from './link.ts';

export class WorkerElements implements SharedElements {
  readonly #holding: Holding;
  #values: Float32Array;
  /** Whether the worker's copy may be another: somebody has had a view since it was sent. */
  #isChanged = true;
  /** Sends at once what is left of the values. */
  #sendRest: (() => void) | undefined;

  /** Throws BackendError where memory is short, or the worker has failed. */
  constructor(
    readonly link: WorkerLink,
    readonly length: number,
  ) {
    try {
      this.#values = new Float32Array(length);
    } catch (cause) {
      throw new BackendError(`wasm: expected memory for ${length} numbers of parameters`, { cause });
    }
    this.#holding = new Holding(link, (elements) => ({ type: 'free', elements }));
    forgotten?.register(this, this.#holding, this);
  }

  view(offset: number, length: number): Float32Array {
    if (!this.#holding.isHeld) throw new StateError('these parameters are disposed');
    // Whoever has a view may change what has not been sent.
    this.#sendRest?.();
    this.#sendRest = undefined;
    this.#isChanged = true;
    return this.#values.subarray(offset, offset + length);
  }

  /** Brings the worker the values of now, in slices; messages that are posted after it arrive after them. Returns the number by which it knows them. */
  send(): number {
    if (this.#isChanged) this.#sendRest = this.link.postInSlices(this.#sending());
    this.#isChanged = false;
    return this.#holding.id;
  }

  *#sending(): Work<void> {
    const { length } = this;
    for (const [start, end] of pieces(length)) {
      if (!this.#holding.isHeld) return;
      const values = this.#values.slice(start, end);
      this.link.postNow({ type: 'shared', elements: this.#holding.id, length, start, values }, [values.buffer]);
      yield;
    }
  }

  /** Takes over what a program of the worker has written, where it lies: views of what was there before are no longer views of these. */
  take(values: Elements): void {
    this.#values = values as Float32Array;
  }

  dispose(): void {
    forgotten?.unregister(this);
    this.#holding.release();
    this.#values = new Float32Array(0);
  }
}
