/** A training step with its measurements: mini-batch, forward, loss, backward, clipping, update, and measures of each layer. */
import { differentiateGraph } from '../../graph/autodiff.ts';
import { add, negate } from '../../graph/functions.ts';
import type { Graph, GraphValue } from '../../graph/graph.ts';
import type { Source } from '../../graph/source.ts';
import { addParameterUpdate, batchGraph, clipGradients, type Model, type StepSettings, type Task } from '../../model/graphs.ts';
import type { Diagnosis, LayerDiagnosis, NonFinite, ParameterDiagnosis } from '../../training/diagnosis-report.ts';
import { type Findable, findings, percent } from './findings.ts';
import { type TracedLayer, tracedLayers, upstreamLayers } from './layers.ts';
import { Meter, type Reading, type Results, rootMeanSquare } from './meter.ts';

/**
 * The graph, and how to read a diagnosis from the program compiled of it. The update is made of one mini-batch's gradients, whatever
 * `settings.accumulates` says.
 */
export function diagnosisGraph(model: Model, tasks: readonly Task[], settings: StepSettings): { graph: Graph; read: Reading<Diagnosis> } {
  const { graph, total, predictions } = batchGraph(model, tasks, { training: true, frozen: settings.frozen });
  const layers = tracedLayers(graph);
  const parameters = [...graph.trainable];
  const zs = layers.flatMap(({ z }) => z);
  const derivatives = differentiateGraph(total, [...parameters.map(([, value]) => value), ...zs]);
  const deltas = new Map(zs.map((z, i) => [z, derivatives[parameters.length + i]]));
  const gradients = new Map(parameters.map(([name], i) => [name, derivatives[i]]));
  const meter = new Meter(graph);
  const measure = <T>(body: () => T) => graph.within('measure', body);
  const loss = meter.number(total);
  const flow = measure(() => layers.map((layer) => measureFlow(meter, layer, deltas)));
  const before = measure(() => parameters.map(([name, value]) => measureGradient(meter, value, gradients.get(name) as GraphValue)));
  const ratios = measureUpdates(graph, meter, gradients, settings);
  const outside = measure(() => measureOutside(meter, model, predictions));
  const upstream = upstreamLayers(layers);
  const heads = new Set(layers.filter(({ outputs }) => outputs.some((value) => predictions.includes(value))).map(({ path }) => path));
  const context = {
    isUpstream: (earlier: string, later: string) => upstream.get(later)?.has(earlier) ?? false,
    isPrediction: (path: string) => heads.has(path),
  };
  const readLayers: Reading<LayerDiagnosis[]> = (results) => {
    const read = new Map(
      parameters.map(([full, value], i): [GraphValue, ParameterDiagnosis] => {
        const name = (value.source as Source).ownName;
        return [value, { name, shape: value.shape, ...before[i](results), updateRatio: ratios.get(full)?.(results) }];
      }),
    );
    return layers.map((layer, i) => ({
      path: layer.path,
      type: layer.type,
      ...flow[i](results),
      parameters: [...layer.parameters.values()].map((value) => read.get(value) as ParameterDiagnosis),
    }));
  };
  return {
    graph,
    read: (results) => {
      const improbable = outside(results);
      const measured = { rows: results.rows, loss: loss(results), layers: readLayers(results) };
      const firstNonFinite = withIndex(findNonFinite(measured), results);
      const report: Findable = { ...measured, ...(firstNonFinite && { firstNonFinite }) };
      return { ...report, findings: [...model.warnings, ...improbable, ...findings(report, context)] };
    },
  };
}

/** A sentence on predictions that are no probabilities, for a loss that takes such. */
function measureOutside(meter: Meter, model: Model, predictions: readonly GraphValue[]): Reading<string[]> {
  const found = model.heads.flatMap(({ label, loss }, i) => {
    if (loss.definition.probabilities !== 'identity') return [];
    const outside = meter.outside(predictions[i]);
    return [(results: Results) => ({ label, loss: loss.name, share: outside(results) })];
  });
  return (results) =>
    found.flatMap((read) => {
      const { label, loss, share } = read(results);
      const output = label ? ` of ${label}` : '';
      return share > 0
        ? [`${percent(share)} of the predictions${output} are not from 0 to 1, and ${loss} takes probabilities; end with sigmoid`]
        : [];
    });
}

type Flow = Omit<LayerDiagnosis, 'path' | 'type' | 'parameters'>;

function measureFlow(meter: Meter, layer: TracedLayer, deltas: ReadonlyMap<GraphValue, GraphValue>): Reading<Flow> {
  const delta = meter.magnitude(layer.z.map((z) => deltas.get(z) as GraphValue));
  const output = meter.magnitude(layer.outputs);
  const dying = layer.activations.filter(({ f }) => f.activation.dies);
  const saturating = layer.activations.filter(({ f }) => f.activation.saturates);
  const dead = dying.length ? meter.deadUnits(dying) : undefined;
  const saturated = saturating.length ? meter.saturation(saturating) : undefined;
  return (results) => ({
    delta: delta(results),
    output: output(results),
    deadUnits: dead?.(results),
    saturatedUnits: saturated?.(results),
  });
}

function measureGradient(meter: Meter, parameter: GraphValue, gradient: GraphValue) {
  const weightNorm = meter.magnitude([parameter]);
  const gradientNorm = meter.magnitude([gradient]);
  return (results: Results) => ({
    weightNorm: weightNorm(results).norm,
    gradientNorm: gradientNorm(results).norm,
  });
}

/** Clipping and the update; for each parameter that is not frozen, how far it has moved. */
function measureUpdates(
  graph: Graph,
  meter: Meter,
  gradients: ReadonlyMap<string, GraphValue>,
  settings: StepSettings,
): Map<string, Reading<number | undefined>> {
  const names = [...gradients.keys()].filter((name) => !settings.frozen?.has(name));
  const raw = names.map((name) => gradients.get(name) as GraphValue);
  const { clip } = settings;
  const ready = clip ? graph.within('clip', () => clipGradients(raw, clip)) : raw;
  names.forEach((name, i) => {
    graph.gradients.set(name, ready[i]);
  });
  const parameters = names.map((name) => graph.parameters.get(name) as GraphValue);
  // Computed before the updates, which change the parameters where they lie.
  const old = graph.within('measure', () => parameters.map((value) => ({ size: rootMeanSquare(value), negative: negate(value) })));
  graph.within('update', () => {
    names.forEach((name, i) => {
      addParameterUpdate(graph, name, parameters[i], ready[i], settings);
    });
  });
  return graph.within(
    'measure',
    () =>
      new Map(
        names.map((name, i) => {
          const size = meter.number(old[i].size);
          const change = meter.number(rootMeanSquare(add(parameters[i], old[i].negative)));
          return [name, (results) => (size(results) === 0 ? undefined : change(results) / size(results))];
        }),
      ),
  );
}

/** With the index that was out of range, if that is the cause. */
function withIndex(found: NonFinite | undefined, results: Results): NonFinite | undefined {
  const stray = found && results.strayIndex();
  return stray ? { ...found, stray } : found;
}

/** In the order of a training step: layers forward, the loss, layers backward, updates. */
function findNonFinite({ loss, layers }: Pick<Diagnosis, 'loss' | 'layers'>): NonFinite | undefined {
  for (const { path, output } of layers) if (!Number.isFinite(output.rms)) return { layer: path, what: 'output' };
  if (!Number.isFinite(loss)) return { layer: undefined, what: 'loss' };
  for (const { path, delta, parameters } of [...layers].reverse()) {
    if (!Number.isFinite(delta.rms)) return { layer: path, what: 'delta' };
    const spoilt = parameters.find(({ gradientNorm }) => !Number.isFinite(gradientNorm));
    if (spoilt) return { layer: path, what: `gradient of ${spoilt.name}` };
  }
  for (const { path, parameters } of layers) {
    const spoilt = parameters.find(({ updateRatio }) => updateRatio !== undefined && !Number.isFinite(updateRatio));
    if (spoilt) return { layer: path, what: `update of ${spoilt.name}` };
  }
  return undefined;
}
