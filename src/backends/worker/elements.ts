/** Parameters that sessions of a worker share: here, with a copy there. */
import { BackendError, StateError } from '../../errors.ts';
import type { SharedElements } from '../backend.ts';
import { forgotten, Holding, type WorkerLink } from './link.ts';

export class WorkerElements implements SharedElements {
  readonly #holding: Holding;
  #values: Float32Array;
  /** Whether the worker's copy may be another: somebody has had a view since it was sent. */
  #isChanged = true;

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
    this.#isChanged = true;
    return this.#values.subarray(offset, offset + length);
  }

  /** Brings the worker the values of now. Returns the number by which it knows them. */
  send(): number {
    const { id } = this.#holding;
    if (this.#isChanged) {
      const values = this.#values.slice();
      this.link.post({ type: 'shared', elements: id, values }, [values.buffer]);
    }
    this.#isChanged = false;
    return id;
  }

  /** Takes over what a program of the worker has written. */
  take(values: ArrayLike<number>): void {
    this.#values.set(values);
  }

  dispose(): void {
    forgotten?.unregister(this);
    this.#holding.release();
    this.#values = new Float32Array(0);
  }
}
