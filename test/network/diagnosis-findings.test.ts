/** What findings say of measurements, and that they say nothing where all is well. */
import type { LayerDiagnosis, ParameterDiagnosis } from 'chainrule';
import { describe, expect, it } from 'vitest';
import {
  DEAD_SHARE,
  type Findable,
  type FlowContext,
  FOLD,
  findings,
  SATURATED_SHARE,
  USUAL_RATIO,
} from '../../src/inspection/diagnosis/findings.ts';

const CHAIN: FlowContext = { isUpstream: (earlier, later) => Number(earlier) < Number(later), isPrediction: (path) => path === '4' };

const weight = (more: Partial<ParameterDiagnosis> = {}): ParameterDiagnosis => ({
  name: 'weight',
  shape: [30, 30],
  weightNorm: 5,
  gradientNorm: 0.1,
  updateRatio: USUAL_RATIO,
  ...more,
});

const layer = (path: number | string, norm: number, more: Partial<LayerDiagnosis> = {}): LayerDiagnosis => ({
  path: String(path),
  type: 'dense',
  delta: { norm, rms: norm / 30 },
  output: { norm: 1, rms: 0.5 },
  deadUnits: undefined,
  saturatedUnits: undefined,
  parameters: [weight()],
  ...more,
});

const report = (layers: readonly LayerDiagnosis[], more: Partial<Findable> = {}): Findable => ({ rows: 32, loss: 1, layers, ...more });
const norms = (...values: readonly number[]) => report(values.map((value, i) => layer(i, value)));
const healthy = norms(0.2, 0.1, 0.2, 0.3, 0.3);

describe('findings', () => {
  it('are none for a healthy network', () => {
    expect(findings(healthy, CHAIN)).toEqual([]);
  });

  it('name a vanishing δ: from where to where, how much, and what to try', () => {
    expect(findings(report([0.005, 0.017, 0.07, 0.3].map((norm, i) => layer(i + 1, norm))), CHAIN)).toEqual([
      'δ shrinks 60-fold from layer 4 to layer 1: vanishing; try relu, batchNorm, residual connections or a different initialiser',
    ]);
    expect(findings(norms(1, 1.01 * FOLD), CHAIN)).toEqual([expect.stringContaining('vanishing')]);
    expect(findings(norms(1, 0.99 * FOLD), CHAIN)).toEqual([]);
  });

  it('name an exploding δ', () => {
    expect(findings(norms(90, 10, 1), CHAIN)).toEqual([
      expect.stringMatching(/^δ grows 90-fold from layer 2 to layer 0: exploding; try clip/),
    ]);
  });

  it('compare δ only among layers with weights that follow one another', () => {
    const flat = report([layer(0, 0.001, { parameters: [weight({ shape: [30] })] }), layer(1, 1)]);
    expect(findings(flat, CHAIN)).toEqual([]);
    expect(findings(norms(0.001, 1), { ...CHAIN, isUpstream: () => false })).toEqual([]);
  });

  it('name many layers by the first and the last, and large factors by powers of ten', () => {
    const layers = [1e-9, 2e-9, 3e-9, 4e-9, 4].map((norm, i) => layer(i, norm, { deadUnits: 0.5 }));
    const [vanishing, dead] = findings(report(layers), CHAIN);
    expect(vanishing).toMatch(/^δ shrinks 4\.0e\+9-fold from layer 4 to layer 0/);
    expect(dead).toMatch(/^up to 50 % of the units of 5 layers from 0 to 4 /);
  });

  it('name a δ that does not come through', () => {
    expect(findings(norms(0, 0, 0.2, 0.3), CHAIN)).toEqual([expect.stringMatching(/^δ is 0 at layers 0 and 1: nothing of the loss/)]);
  });

  it('name dead units', () => {
    const shares = [DEAD_SHARE, 0.62, 0.5, undefined];
    const layers = shares.map((deadUnits, i) => layer(i, 1, { deadUnits }));
    expect(findings(report(layers), CHAIN)).toEqual([
      expect.stringMatching(/^up to 62 % of the units of layers 1 and 2 are 0 for all 32 rows: dead/),
    ]);
    expect(findings(report(layers.slice(2, 3)), CHAIN)).toEqual([expect.stringMatching(/^50 % of the units of layer 2 /)]);
  });

  it('name saturated units, except among the predictions', () => {
    const shares = [0.75, SATURATED_SHARE, undefined, undefined, 1];
    const layers = shares.map((saturatedUnits, i) => layer(i, 1, { saturatedUnits }));
    expect(findings(report(layers), CHAIN)).toEqual([
      expect.stringMatching(/^75 % of the outputs of layer 0 are saturated; try inputs scaled/),
    ]);
  });

  it('name updates that are too large or too small, but not of frozen weights', () => {
    const ratios = [0.25, 0.15, 2e-7, undefined];
    const layers = ratios.map((updateRatio, i) =>
      layer(i, 1, { parameters: [weight({ updateRatio }), weight({ shape: [30], updateRatio: 9 })] }),
    );
    expect(findings(report(layers), CHAIN)).toEqual([
      expect.stringMatching(
        /^a step changes 0.weight by 25 % of its norm and 1 other weight likewise, where about 0.1 % is usual: updates too large/,
      ),
      expect.stringMatching(/^a step changes 2.weight by 0.00002 % of its norm, where about 0.1 % is usual: updates too small/),
    ]);
  });

  it('name values that are not finite first and alone', () => {
    const vanishing = norms(1e-9, 1);
    const said = (firstNonFinite: NonNullable<Findable['firstNonFinite']>) => findings({ ...vanishing, firstNonFinite }, CHAIN);
    expect(said({ layer: '1', what: 'output' })).toEqual([
      expect.stringMatching(/^layer 1's output is the first to be NaN or infinite; try/),
    ]);
    expect(said({ layer: '0', what: 'delta' })).toEqual([expect.stringMatching(/^layer 0's δ is/)]);
    expect(said({ layer: '0', what: 'gradient of weight' })).toEqual([expect.stringMatching(/^layer 0's gradient of weight is/)]);
    expect(said({ layer: undefined, what: 'loss' })).toEqual([expect.stringMatching(/^the loss is/)]);
  });
});
