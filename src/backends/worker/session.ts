/** A session in a worker, as the page sees it: what it is told goes there in order, and what it is asked comes back. */
import { StateError } from '../../errors.ts';
import { finish, type Work } from '../../event-loop/slices.ts';
import type { Program, Slot } from '../../program/format.ts';
import type { BackendSettings, DataBinding, Elements, NonFinite, Place, Run, Session, SharedElements } from '../backend.ts';
import { copyColumns } from '../columns.ts';
import { checkShared } from '../shared.ts';
import type { WorkerElements } from './elements.ts';
import { forgotten, Holding, type WorkerLink } from './link.ts';
import { type Command, type PlaceKey, type Question, slotsOf } from './messages.ts';

const NO_RECORDS = new Float64Array(0);

export class WorkerSession implements Session {
  readonly #link: WorkerLink;
  readonly #holding: Holding;
  readonly #keys: ReadonlyMap<Slot, number>;
  #shared: WorkerElements | undefined;
  /** Of the last run. */
  #records: Float64Array = NO_RECORDS;

  /** Throws BackendError where the worker has failed. Where memory is short, that is the answer to the first question. */
  constructor(
    link: WorkerLink,
    readonly program: Program,
    { seed, settings, shared }: { readonly seed: number; readonly settings: BackendSettings; readonly shared?: SharedElements },
  ) {
    checkShared(program, shared);
    this.#link = link;
    this.#keys = new Map(slotsOf(program).map((slot, key) => [slot, key]));
    this.#holding = new Holding(link, (session) => ({ session, type: 'dispose' }));
    forgotten?.register(this, this.#holding, this);
    this.#shared = shared as WorkerElements | undefined;
    // The plan of its memory is for people.
    this.#tell({ type: 'open', program: { ...program, buffers: [] }, seed, settings, elements: this.#shared?.send() });
  }

  share(shared: SharedElements): void {
    checkShared(this.program, shared);
    this.#shared = shared as WorkerElements;
    this.#tell({ type: 'share', elements: this.#shared.send() });
  }

  write(to: Place, values: ArrayLike<number>, start?: number): void {
    const copy = values instanceof Int32Array || values instanceof Float32Array ? values.slice() : Float64Array.from(values);
    this.#tell({ type: 'write', to: this.#keyOf(to), values: copy, start }, [copy.buffer]);
  }

  bind(data: DataBinding): void {
    finish(this.binding(data));
  }

  *binding({ columns, ...data }: DataBinding): Work<void> {
    const kinds = columns.map(({ width, data: values }) => ({ width, isIndex: values instanceof Int32Array }));
    this.#tell({ type: 'plan', columns: kinds, ...data });
    yield* copyColumns(columns, data.rows, (column, start, piece) => {
      const values = piece instanceof Float64Array ? Float32Array.from(piece) : piece.slice();
      this.#tell({ type: 'piece', column, start, values }, [values.buffer as ArrayBuffer]);
    });
    this.#tell({ type: 'bind' });
  }

  unbind(): void {
    this.#tell({ type: 'unbind' });
  }

  async run(run: Run): Promise<number> {
    const { done, records, shared } = await this.#ask({ type: 'run', run });
    this.#records = records;
    if (shared) this.#shared?.take(shared);
    return done;
  }

  cancel(): void {
    if (this.#holding.isHeld && !this.#link.failure) this.#tell({ type: 'cancel' });
  }

  read(from: Place, length?: number, start?: number): Promise<Elements> {
    return this.#ask({ type: 'read', from: this.#keyOf(from), length, start });
  }

  async records(repeats: number): Promise<Float64Array> {
    this.#check();
    const length = repeats * this.program.recordWidth;
    if (!(length <= this.#records.length)) {
      throw new RangeError(`records: expected as many repeats as were run, got ${repeats}`);
    }
    return Float64Array.from(this.#records.subarray(0, length));
  }

  /** The runs are those of one step: all of them are made before the first is run again. */
  async firstNonFinite(runs: Iterable<Run>): Promise<NonFinite | undefined> {
    return this.#ask({ type: 'nonFinite', runs: [...runs] });
  }

  dispose(): void {
    forgotten?.unregister(this);
    this.#holding.release();
  }

  #keyOf(place: Place): PlaceKey {
    const key = typeof place === 'string' ? place : this.#keys.get(place);
    if (key === undefined) throw new RangeError('expected a place of the program, got another');
    return key;
  }

  #check(): void {
    if (!this.#holding.isHeld) throw new StateError('this session is disposed');
    if (this.#link.failure) throw this.#link.failure;
  }

  #tell(command: Command, transfer: ArrayBuffer[] = []): void {
    this.#check();
    this.#link.post({ session: this.#holding.id, ...command }, transfer);
  }

  async #ask<Type extends Question['type']>(question: Question & { readonly type: Type }) {
    this.#check();
    return this.#link.ask<Type>(this.#holding.id, question);
  }
}
