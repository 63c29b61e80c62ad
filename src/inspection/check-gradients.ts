/** Gradient checking: the analytic gradient against central differences of the loss, both in float64 on the reference backend. */
import { atOnce } from '../backends/at-once.ts';
import type { Backend, Session, SessionNow } from '../backends/backend.ts';
import { compile } from '../compiler/compile.ts';
import { gradientSlot } from '../compiler/encode.ts';
import { headInputs, type PreparedData, tasksOf } from '../data/samples.ts';
import { GradientError } from '../errors.ts';
import { slices } from '../event-loop/slices.ts';
import type { Engine } from '../model/engine.ts';
import { gradientGraph, type Model } from '../model/graphs.ts';
import { count } from '../ops/shape.ts';
import { integer, type TableOf, withDefault } from '../options/table.ts';
import type { Slot } from '../program/format.ts';
import { PURPOSE, RandomStream } from '../random/philox.ts';

export interface GradientCheckOptions {
  /** Elements checked in each parameter, chosen by the network's seed; all of them where there are fewer. Default 100. */
  readonly samples?: number;
}

export const GRADIENT_CHECK = { samples: withDefault(integer(), 100) } satisfies TableOf<GradientCheckOptions>;

export interface GradientCheck {
  /** The largest |analytic − numeric| / max(|analytic|, |numeric|, 1e-4 · the gradient's largest magnitude, 1e-10). */
  readonly maxRelativeError: number;
  readonly worst: { readonly parameter: string; readonly index: number; readonly analytic: number; readonly numeric: number };
}

/** Step sizes tried, the largest first: rounding is least there, but a kink of relu and its kin may lie within the step. */
const STEPS = [1e-3, 1e-4, 1e-5, 1e-6];
/** Two estimates that agree this well are accepted. */
const AGREEMENT = 1e-8;
const FLOOR = 1e-10;
/** Elements this much smaller than the gradient's largest are compared with the largest: they hold rounding of the loss. */
const RELATIVE_FLOOR = 1e-4;

/** On the reference backend. The parameters are read at once; nothing is changed. The event loop gets its turns. */
export async function checkModelGradients(
  { model, seed, weights }: Omit<Engine, 'backend'>,
  reference: Backend,
  data: PreparedData,
  samples: number,
): Promise<GradientCheck> {
  const program = compile(gradientGraph(model, tasksOf(data), weights.frozen), { maximumRows: data.rows });
  const session = reference.open(program, seed);
  try {
    const probe = new Probe(session, model, data);
    for (const [name, slot] of program.parameters) session.write(slot, weights.get(name));
    return await compareAll(probe, seed, samples);
  } finally {
    session.dispose();
  }
}

interface Element {
  readonly slot: Slot;
  readonly index: number;
}

/** The loss as a function of single parameters. */
class Probe {
  readonly now: SessionNow;

  constructor(
    readonly session: Session,
    model: Model,
    readonly data: PreparedData,
  ) {
    this.now = atOnce(session, 'checkGradients', 'it is the reference that checks');
    [...model.inputs.keys()].forEach((name, i) => {
      session.write(name, data.inputs[i].data);
    });
    for (const [name, { data: values }] of headInputs(model, data)) session.write(name, values);
  }

  loss(): number {
    this.now.run({ rows: this.data.rows });
    return this.now.read('loss')[0];
  }

  /** The loss with one element of a parameter changed. */
  lossAt({ slot, index }: Element, value: number): number {
    const before = this.now.read(slot, 1, index);
    this.session.write(slot, [value], index);
    const loss = this.loss();
    this.session.write(slot, before, index);
    return loss;
  }

  /** Central differences of fourth order at smaller and smaller steps, until two agree: of the two that agree best, the larger step's. */
  derivative(element: Element): number {
    const [at] = this.now.read(element.slot, 1, element.index);
    let best = { estimate: Number.NaN, disagreement: Number.POSITIVE_INFINITY };
    let previous = Number.NaN;
    for (const step of STEPS) {
      const estimate = this.#difference(element, at, step * Math.max(1, Math.abs(at)));
      const disagreement = Math.abs(estimate - previous);
      if (disagreement < best.disagreement) best = { estimate: previous, disagreement };
      if (disagreement <= AGREEMENT * Math.abs(estimate)) break;
      previous = estimate;
    }
    return best.estimate;
  }

  #difference(element: Element, at: number, h: number): number {
    const near = (this.lossAt(element, at + h) - this.lossAt(element, at - h)) / (2 * h);
    const far = (this.lossAt(element, at + 2 * h) - this.lossAt(element, at - 2 * h)) / (4 * h);
    return (4 * near - far) / 3;
  }
}

async function compareAll(probe: Probe, seed: number, samples: number): Promise<GradientCheck> {
  probe.loss();
  const { program } = probe.session;
  const gradients = [...program.parameters].flatMap(([name, slot], i) => {
    const gradient = program.outputs.get(gradientSlot(name));
    if (!gradient) return [];
    const analytic = probe.now.read(gradient);
    return { name, slot, analytic, indices: chooseIndices(count(slot.shape), samples, new RandomStream(seed, PURPOSE.check, i)) };
  });
  if (gradients.length === 0) throw new GradientError('checkGradients: expected a network with parameters that can be trained, got none');
  const largest = Math.max(
    ...gradients.map(({ analytic }) => Array.from(analytic).reduce((max, value) => Math.max(max, Math.abs(value)), 0)),
  );
  let result: GradientCheck = { maxRelativeError: -1, worst: { parameter: '', index: -1, analytic: Number.NaN, numeric: Number.NaN } };
  for (const { name, slot, analytic, indices } of gradients) {
    for (const index of indices) {
      const numeric = probe.derivative({ slot, index });
      const error = relativeError(analytic[index], numeric, largest);
      if (!(error <= result.maxRelativeError))
        result = { maxRelativeError: error, worst: { parameter: name, index, analytic: analytic[index], numeric } };
      await slices.breathe();
    }
  }
  return result;
}

function relativeError(analytic: number, numeric: number, largest: number): number {
  return Math.abs(analytic - numeric) / Math.max(Math.abs(analytic), Math.abs(numeric), RELATIVE_FLOOR * largest, FLOOR);
}

/** All indices where they are few, else `samples` different ones. */
function chooseIndices(size: number, samples: number, stream: RandomStream): number[] {
  if (size <= samples) return Array.from({ length: size }, (_, i) => i);
  const chosen = new Set<number>();
  while (chosen.size < samples) chosen.add(stream.integer(size));
  return [...chosen].sort((a, b) => a - b);
}
