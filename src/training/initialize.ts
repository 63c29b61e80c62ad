/** Draws the initial values of a new network's parameters, in the network's memory. */

import { compileInitialProgram, type Drawing } from '../compiler/initial-program.ts';
import { ShapeError } from '../errors.ts';
import { atOnce } from '../event-loop/promises.ts';
import { slices } from '../event-loop/slices.ts';
import type { Graph } from '../graph/graph.ts';
import type { Distribution, InitialElements, Initializer } from '../graph/source.ts';
import type { Engine } from '../model/engine.ts';
import { checkParameter, type Weights } from '../model/weights.ts';
import { count } from '../ops/shape.ts';
import { LARGEST_NORMAL, normalFrom } from '../random/normal.ts';
import { PURPOSE, RandomStream } from '../random/philox.ts';

/** Elements that are drawn on the caller's thread: handing them to another would take longer. */
const FEW = 2 ** 15;

/** The network to initialise, and the graph with its initialisers. */
interface Initialized extends Pick<Engine, 'seed' | 'weights'> {
  readonly model: { readonly traced: Graph };
}

/**
 * Parameter i of the graph draws from stream i of the seed: in a program of the backend where elements are drawn one by one, else in
 * TypeScript. In slices.
 *
 * @throws DataError where a value is not finite in the backend's elements, ShapeError where given values have another shape.
 */
export async function initialize({ model, seed, weights }: Initialized): Promise<void> {
  const drawings: Drawing[] = [];
  for (const [stream, [name, { shape, source }]] of [...model.traced.parameters].entries()) {
    const initial = source?.initial as Initializer;
    if (typeof initial === 'function') {
      const random = new RandomStream(seed, PURPOSE.initialize, stream);
      const values = await initialElements(name, shape, initial, random);
      checkParameter('network', name, values, weights.backend);
      weights.get(name).set(values);
    } else if (initial.type === 'constant') {
      if (initial.value !== 0) weights.get(name).fill(initial.value);
    } else {
      checkParameter('network', name, [largest(initial)], weights.backend);
      drawings.push({ name, shape, distribution: initial, stream });
    }
  }
  await draw(drawings, seed, weights);
}

function largest(distribution: Distribution): number {
  return distribution.type === 'uniform' ? distribution.limit : distribution.deviation * LARGEST_NORMAL;
}

async function draw(drawings: readonly Drawing[], seed: number, weights: Weights): Promise<void> {
  const program = compileInitialProgram(drawings, weights.layout);
  if (program.code.length === 0) return;
  const session = weights.backend.open(program, seed, weights.memory);
  try {
    const { now } = session;
    if (now && weights.layout.size <= FEW) now.run({ rows: 1 });
    else await session.run({ rows: 1 });
  } finally {
    session.dispose();
  }
}

async function initialElements(
  name: string,
  shape: readonly number[],
  initial: InitialElements,
  stream: RandomStream,
): Promise<ArrayLike<number>> {
  try {
    const made = atOnce(
      'initializer',
      initial(shape, () => stream.uniform(), normalFrom(stream)),
    );
    const values = isGenerator(made) ? await slices.run(made) : made;
    if (values?.length === count(shape)) return values;
    throw new ShapeError(`expected an initializer that gives ${count(shape)} elements, got ${values?.length}`);
  } catch (error) {
    if (error instanceof ShapeError) throw new ShapeError(`parameter ${name}: ${error.message}`, { cause: error });
    if (error instanceof RangeError)
      throw new ShapeError(`parameter ${name}: not enough memory for shape [${shape.join(', ')}]`, { cause: error });
    throw error;
  }
}

function isGenerator<T>(made: T | Generator<undefined, T>): made is Generator<undefined, T> {
  return typeof (made as Generator<undefined, T> | undefined)?.next === 'function';
}
