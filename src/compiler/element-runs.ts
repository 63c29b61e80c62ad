/**
 * Joins element-wise operations into runs: an operation joins the run of a value that it reads, where both are over the same elements, and a
 * run becomes one `elementwise` instruction, which walks memory once. Values between its operations need no memory. A sum over the last axes
 * of such a value joins too; runs that read the sum follow, over fewer axes. A run stands where its last operation stood, or after the runs
 * that it follows: operations that it goes past neither read what it makes nor change what it reads.
 */
import type { Graph, GraphValue, Operation } from '../graph/graph.ts';
import { memoryOf } from '../graph/rewrite.ts';
import { FUSED } from '../ops/fused.ts';
import { opIn } from '../ops/registry.ts';
import { count, resolve, sameShape } from '../ops/shape.ts';
import { NETWORK, type Origin } from '../origin.ts';
import { axesSummed, domainOf, type ElementProgram, elementProgram, isElementwise, updatedBy } from './element-program.ts';
import { type Scheduled, scheduled } from './scheduled.ts';

/** Operations of a run that is still open; a longer one is closed. */
const MOST_OPERATIONS = 64;

/** A longer sum stays alone: a single thread could not pause within a run that it ends (src/program/divide.ts). */
const LONGEST_SUM = 2 ** 20;

export function fuseElements(schedule: readonly Operation[], graph: Graph, maximumRows: number): Scheduled[] {
  const fusion = new Fusion(schedule, graph, maximumRows);
  for (const operation of schedule) fusion.add(operation);
  return fusion.finish();
}

const NO_RUNS: ReadonlySet<Run> = new Set();

class Run {
  readonly operations: Operation[] = [];
  /** Sources that its effects write, and those that it reads, itself or through views. */
  readonly writes = new Set<GraphValue>();
  readonly reads = new Set<GraphValue>();
  /** Its results that are sums, and over how many axes they go. */
  readonly sums = new Set<GraphValue>();
  axes: number | undefined;
  /** Open runs whose sums it reads, and the last position of those that were closed. */
  readonly follows = new Set<Run>();
  after = -1;

  add(operation: Operation): void {
    this.operations.push(operation);
    const axes = axesSummed(operation);
    if (axes !== undefined) {
      this.axes = axes;
      this.sums.add(operation.outputs[0]);
    }
    const updated = updatedBy(operation);
    if (updated) this.writes.add(updated);
    for (const value of operation.inputs) {
      if (value) this.reads.add(memoryOf(value));
    }
  }

  absorb(other: Run): void {
    for (const operation of other.operations) this.add(operation);
    for (const run of other.follows) this.follows.add(run);
    this.after = Math.max(this.after, other.after);
  }
}

class Fusion {
  /** With positions in the schedule, in which instructions of the same position were written one after the other. */
  readonly #done: { readonly at: number; readonly one: Scheduled }[] = [];
  readonly #open = new Set<Run>();
  /** The open run that makes a value. */
  readonly #makers = new Map<GraphValue, Run>();
  readonly #position: ReadonlyMap<Operation, number>;
  readonly #readers = new Map<GraphValue, Operation[]>();
  readonly #results: ReadonlySet<GraphValue>;

  constructor(
    schedule: readonly Operation[],
    graph: Graph,
    readonly maximumRows: number,
  ) {
    this.#position = new Map(schedule.map((operation, i) => [operation, i]));
    this.#results = new Set([...graph.outputs.values(), ...graph.gradients.values()]);
    for (const operation of schedule) {
      for (const value of new Set(operation.inputs)) if (value) this.#noteReader(value, operation);
    }
  }

  /** One value may have as many readers as there are operations: the list grows where it is. */
  #noteReader(value: GraphValue, operation: Operation): void {
    const readers = this.#readers.get(value);
    if (readers) readers.push(operation);
    else this.#readers.set(value, [operation]);
  }

  add(operation: Operation): void {
    const isFree = isElementwise(operation);
    this.#closeBefore(operation, isFree);
    const run = this.#summedRun(operation) ?? (isFree ? this.#elementRun(operation) : undefined);
    if (!run) {
      this.#closeMakers(operation, NO_RUNS);
      this.#write([operation], scheduled(operation), -1);
      return;
    }
    run.add(operation);
    for (const output of operation.outputs) this.#makers.set(output, run);
    if (run.operations.length >= MOST_OPERATIONS) this.#close(run);
  }

  /** The run that a sum ends; undefined where it is none, or stands alone. */
  #summedRun(operation: Operation): Run | undefined {
    const axes = axesSummed(operation);
    const [operand] = operation.inputs as readonly GraphValue[];
    if (axes === undefined || resolve(count(operand.shape.slice(-axes)), this.maximumRows) > LONGEST_SUM) return undefined;
    const run = this.#openMaker(operand);
    const joins = run && !run.sums.has(operand) && isOneWith(run.operations[0], operation) && (run.axes ?? axes) === axes;
    return joins ? run : undefined;
  }

  /** The run that an element-wise operation joins, or begins. */
  #elementRun(operation: Operation): Run {
    const joined = this.#runsOf(operation);
    const followed = this.#runsBefore(operation);
    this.#closeMakers(operation, new Set([...joined, ...followed]));
    const updated = updatedBy(operation);
    // What others read of it is what it has until then.
    if (updated) this.#closeReaders(updated, joined);
    // A run that is closed takes those that it follows with it.
    const run = this.#oneOf([...joined].filter((one) => this.#open.has(one)));
    for (const one of followed) if (this.#open.has(one)) run.follows.add(one);
    return run;
  }

  finish(): Scheduled[] {
    for (const run of this.#open) this.#close(run);
    return this.#done.sort((a, b) => a.at - b.at).map(({ one }) => one);
  }

  /** Closes the runs that an operation may not go past, and those of another part of the program. `isFree`: whether it is element-wise. */
  #closeBefore({ op, inputs, origin }: Operation, isFree: boolean): void {
    const updated = inputs.filter((_, i) => op.operands[op.inputs[i]] === 'inout');
    const sources = inputs.map((value) => value && memoryOf(value));
    for (const run of this.#open) {
      const isElsewhere = op.changesContext || run.operations[0].origin.parts[0] !== origin.parts[0];
      const readsWritten = sources.some((source) => source && run.writes.has(source));
      const changesRead = !isFree && updated.some((source) => source && run.reads.has(source));
      if (isElsewhere || readsWritten || changesRead) this.#close(run);
    }
  }

  #openMaker(value: GraphValue | undefined): Run | undefined {
    const maker = value && this.#makers.get(value);
    return maker && this.#open.has(maker) ? maker : undefined;
  }

  /** The open runs that make what an operation reads, none of it a sum, over the elements that it is over. */
  #runsOf(operation: Operation): Set<Run> {
    const makers = new Set(operation.inputs.flatMap((value) => this.#openMaker(value) ?? []));
    const addsUp = (run: Run) => operation.inputs.some((value) => value && run.sums.has(value));
    return new Set([...makers].filter((run) => !addsUp(run) && isOneWith(run.operations[0], operation)));
  }

  /** The open runs of whose sums an operation over fewer axes makes something: more axes never follow fewer, so that no two runs wait for each other. */
  #runsBefore(operation: Operation): Set<Run> {
    const found = new Set<Run>();
    for (const value of operation.inputs) {
      const maker = this.#openMaker(value);
      if (maker?.sums.has(value as GraphValue) && domainOf(operation).length < domainOf(maker.operations[0]).length) found.add(maker);
    }
    return found;
  }

  #closeReaders(source: GraphValue, except: ReadonlySet<Run>): void {
    for (const run of this.#open) if (run.reads.has(source) && !except.has(run)) this.#close(run);
  }

  /** One run of several. Those over the same elements read nothing of one another, so that any two may be one. */
  #oneOf([run = new Run(), ...others]: readonly Run[]): Run {
    this.#open.add(run);
    for (const other of others) {
      run.absorb(other);
      this.#open.delete(other);
      for (const { outputs } of other.operations) for (const output of outputs) this.#makers.set(output, run);
      for (const follower of this.#open) if (follower.follows.delete(other)) follower.follows.add(run);
    }
    if (others.length > 0) run.operations.sort((a, b) => (this.#position.get(a) as number) - (this.#position.get(b) as number));
    return run;
  }

  /** Closes the runs that make what an operation reads. */
  #closeMakers({ inputs }: Operation, except: ReadonlySet<Run>): void {
    for (const value of inputs) {
      const maker = this.#openMaker(value);
      if (maker && !except.has(maker)) this.#close(maker);
    }
  }

  /** Closes a run, after those that it follows. */
  #close(run: Run): void {
    for (const before of [...run.follows]) this.#close(before);
    this.#open.delete(run);
    for (let rest: readonly Operation[] = run.operations; rest.length > 0; ) rest = this.#writeSome(rest, run.after);
    for (const follower of this.#open) {
      if (follower.follows.delete(run)) follower.after = Math.max(follower.after, run.after, this.#positionOf(run.operations));
    }
  }

  /** Where operations stand: where the last of them stood. */
  #positionOf = (operations: readonly Operation[]) => this.#position.get(operations.at(-1) as Operation) as number;

  /** Writes as many of the operations as one instruction takes, the first ones, and gives the others. Most runs are one instruction. */
  #writeSome(operations: readonly Operation[], after: number): readonly Operation[] {
    const programOf = (length: number) => {
      const some = operations.slice(0, length);
      return length > 1 ? elementProgram(some, (value) => this.#isReadBesides(value, some)) : undefined;
    };
    let length = operations.length;
    let program = programOf(length);
    if (!program) {
      length = 1;
      for (let end = operations.length; end - length > 1; ) {
        const middle = (length + end) >> 1;
        const shorter = programOf(middle);
        if (shorter) [length, program] = [middle, shorter];
        else end = middle;
      }
    }
    const some = operations.slice(0, length);
    this.#write(some, program ? instructionOf(some, program) : scheduled(operations[0]), after);
    return operations.slice(length);
  }

  #write(operations: readonly Operation[], one: Scheduled, after: number): void {
    this.#done.push({ at: Math.max(this.#positionOf(operations), after), one });
  }

  #isReadBesides(value: GraphValue, operations: readonly Operation[]): boolean {
    return this.#results.has(value) || (this.#readers.get(value) ?? []).some((reader) => !operations.includes(reader));
  }
}

/** Whether two operations may be of one run: over the same elements, from the same part and layer. */
function isOneWith(one: Operation, other: Operation): boolean {
  const isNear = (key: 'parts' | 'layer') => one.origin[key].join() === other.origin[key].join();
  return sameShape(domainOf(one), domainOf(other)) && isNear('parts') && isNear('layer');
}

function instructionOf(operations: readonly Operation[], { inputs, outputs, attributes, inPlace }: ElementProgram): Scheduled {
  const op = opIn(FUSED, 'elementwise');
  const shapes = inputs.map((input) => input?.shape);
  return {
    ...{ op, inputs, outputs, origin: commonOrigin(operations) },
    lower: () =>
      op.lower(
        shapes as never,
        outputs.map(({ shape }) => shape),
        attributes,
      ),
    inPlace: (output) => inPlace.get(output) ?? [],
  };
}

function commonOrigin(operations: readonly Operation[]): Origin {
  const { parts, layer } = operations[0]?.origin ?? NETWORK;
  return { parts, layer, backward: operations.every(({ origin }) => origin.backward) };
}
