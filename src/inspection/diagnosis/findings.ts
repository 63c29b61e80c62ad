/** Findings: measurements of a training step in words. */
import { describeStray } from '../../errors.ts';
import type { Diagnosis, LayerDiagnosis } from '../../training/diagnosis-report.ts';

export type Findable = Omit<Diagnosis, 'findings'>;

/** Facts of the network that findings need besides its measurements. Layers go by their paths. */
export interface FlowContext {
  /** Whether the earlier layer's output reaches the later one. */
  isUpstream(earlier: string, later: string): boolean;
  /** Whether the loss reads the layer's output. */
  isPrediction(path: string): boolean;
}

/**
 * With this ratio δ counts as vanishing or exploding between two layers. In Nielsen's book (chapter 5) three sigmoid layers of 30, which
 * learn, differ by 24, and four, which hardly do, by 95.
 */
export const FOLD = 30;
/** A larger share of dead units is a finding: CS231n warns of networks of which 40 % are dead. */
export const DEAD_SHARE = 0.4;
/** A larger share of saturated outputs is a finding: most units then hand on next to no δ. */
export const SATURATED_SHARE = 0.5;
/** Karpathy's rule of thumb (CS231n) has updates of about a thousandth of the weights; a hundred times more or less is a finding. */
export const USUAL_RATIO = 1e-3;
const RATIO_FOLD = 100;

/** If more layers are concerned, only the first and the last are named. */
const MOST_NAMED = 4;

/** Plain-language findings, the gravest first; none for a healthy network. Numbers that are not finite are the only finding. */
export function findings(diagnosis: Findable, context: FlowContext): string[] {
  const { firstNonFinite, layers, rows } = diagnosis;
  if (firstNonFinite) return [nonFinite(firstNonFinite)];
  const weighted = layers.filter(hasWeights);
  return [
    ...unreached(weighted),
    ...changing(weighted, context, VANISHING),
    ...changing(weighted, context, EXPLODING),
    ...dead(layers, rows),
    ...saturated(layers.filter(({ path }) => !context.isPrediction(path))),
    ...updates(layers),
  ];
}

const WORDS: Readonly<Record<string, string>> = { output: 'output', delta: 'δ' };

function nonFinite({ layer, what, stray }: NonNullable<Diagnosis['firstNonFinite']>): string {
  if (stray)
    return `${layer === undefined ? 'the network' : `layer ${layer}`} ${describeStray(stray)}; keep what computes the index within that range`;
  const where = layer === undefined ? 'the loss' : `layer ${layer}'s ${WORDS[what] ?? what}`;
  return `${where} is the first to be NaN or infinite; try a smaller learning rate, clip: { norm: 1 }, or inputs and weights of a smaller scale`;
}

/** Biases and gains alone do not make a layer whose learning depends on how large δ is. */
const hasWeights = ({ parameters }: LayerDiagnosis) => parameters.some(({ shape }) => shape.length > 1);

function unreached(layers: readonly LayerDiagnosis[]): string[] {
  const without = layers.filter(({ delta }) => delta.norm === 0);
  if (without.length === 0) return [];
  return [
    `δ is 0 at ${namesOf(without)}: nothing of the loss comes back to there, so nothing is learned; look for dead units, ` +
      'δ too small for the numbers in use, or an output that no loss depends on',
  ];
}

/** The change of ‖δ‖ between two layers, and a cure. */
interface Change {
  readonly verb: string;
  readonly name: string;
  readonly cures: string;
  ratio(pair: Pair): number;
}

const VANISHING: Change = {
  verb: 'shrinks',
  name: 'vanishing',
  cures: 'relu, batchNorm, residual connections or a different initialiser',
  ratio: ({ earlier, later }) => later.delta.norm / earlier.delta.norm,
};

const EXPLODING: Change = {
  verb: 'grows',
  name: 'exploding',
  cures: 'clip: { norm: 1 }, batchNorm or layerNorm, or a different initialiser',
  ratio: ({ earlier, later }) => earlier.delta.norm / later.delta.norm,
};

function changing(layers: readonly LayerDiagnosis[], context: FlowContext, { verb, name, cures, ratio }: Change): string[] {
  const worst = steepest(layers, context, ratio);
  if (!worst || worst.fold < FOLD) return [];
  return [`δ ${verb} ${round(worst.fold)}-fold from layer ${worst.later.path} to layer ${worst.earlier.path}: ${name}; try ${cures}`];
}

interface Pair {
  readonly earlier: LayerDiagnosis;
  readonly later: LayerDiagnosis;
}

/** The pair of layers, one upstream of the other, with the largest ratio. */
function steepest(layers: readonly LayerDiagnosis[], context: FlowContext, ratio: (pair: Pair) => number) {
  const reached = layers.filter(({ delta }) => delta.norm > 0);
  let worst: (Pair & { fold: number }) | undefined;
  for (const later of reached) {
    for (const earlier of reached) {
      const fold = ratio({ earlier, later });
      if (fold > (worst?.fold ?? 0) && context.isUpstream(earlier.path, later.path)) worst = { earlier, later, fold };
    }
  }
  return worst;
}

function dead(layers: readonly LayerDiagnosis[], rows: number): string[] {
  const found = layers.filter(({ deadUnits = 0 }) => deadUnits > DEAD_SHARE);
  if (found.length === 0) return [];
  const share = Math.max(...found.map(({ deadUnits = 0 }) => deadUnits));
  return [
    `${upTo(found)}${percent(share)} of the units of ${namesOf(found)} are 0 for all ${rows} rows: dead; ` +
      'try a smaller learning rate, leakyRelu or elu, or a different initialiser',
  ];
}

function saturated(layers: readonly LayerDiagnosis[]): string[] {
  const found = layers.filter(({ saturatedUnits = 0 }) => saturatedUnits > SATURATED_SHARE);
  if (found.length === 0) return [];
  const share = Math.max(...found.map(({ saturatedUnits = 0 }) => saturatedUnits));
  return [
    `${upTo(found)}${percent(share)} of the outputs of ${namesOf(found)} are saturated; ` +
      'try inputs scaled to about -1..1, smaller initial weights, batchNorm or relu',
  ];
}

/** For weights alone: biases begin at 0, so that their first updates are as large as they are. */
function updates(layers: readonly LayerDiagnosis[]): string[] {
  const weights = layers.flatMap(({ path, parameters }) =>
    parameters.flatMap(({ name, shape, updateRatio }) =>
      shape.length > 1 && updateRatio !== undefined ? [{ name: `${path}.${name}`, ratio: updateRatio }] : [],
    ),
  );
  const usual = `${percent(USUAL_RATIO)} is usual`;
  const large = weights.filter(({ ratio }) => ratio > USUAL_RATIO * RATIO_FOLD).sort((a, b) => b.ratio - a.ratio);
  const small = weights.filter(({ ratio }) => ratio < USUAL_RATIO / RATIO_FOLD).sort((a, b) => a.ratio - b.ratio);
  return [
    ...large
      .slice(0, 1)
      .map(
        ({ name, ratio }) =>
          `a step changes ${name} by ${percent(ratio)} of its norm${others(large)}, where about ${usual}: updates too large; ` +
          'try a smaller learning rate or clip',
      ),
    ...small
      .slice(0, 1)
      .map(
        ({ name, ratio }) =>
          `a step changes ${name} by ${percent(ratio)} of its norm${others(small)}, where about ${usual}: updates too small, unless ` +
          'training has come to its end; try a larger learning rate or adam',
      ),
  ];
}

const others = (found: readonly unknown[]) =>
  found.length > 1 ? ` and ${found.length - 1} other ${found.length > 2 ? 'weights' : 'weight'} likewise` : '';

const upTo = (found: readonly unknown[]) => (found.length > 1 ? 'up to ' : '');

function namesOf(layers: readonly LayerDiagnosis[]): string {
  const paths = layers.map(({ path }) => path);
  if (paths.length === 1) return `layer ${paths[0]}`;
  if (paths.length > MOST_NAMED) return `${paths.length} layers from ${paths[0]} to ${paths.at(-1)}`;
  return `layers ${paths.slice(0, -1).join(', ')} and ${paths.at(-1)}`;
}

/** Two digits; powers of ten for large numbers. */
const round = (value: number) => (value < 1e6 ? String(Number(value.toPrecision(2))) : value.toExponential(1));

export const percent = (share: number) => `${round(100 * share)} %`;
