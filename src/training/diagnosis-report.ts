/** The report of `network.diagnose` and `fit({ diagnostics: true })`. */
import type { StrayIndex } from '../errors.ts';

/** The size of a tensor's values. */
export interface Magnitude {
  /** √Σx², over all elements of the mini-batch. */
  readonly norm: number;
  /** √(mean of x²): comparable between layers of different sizes. */
  readonly rms: number;
}

export interface ParameterDiagnosis {
  /** Within its layer: `weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** √Σw² before the update. */
  readonly weightNorm: number;
  /** √Σ(∂loss/∂w)² before clipping, of a frozen parameter too. */
  readonly gradientNorm: number;
  /** √Σ(Δw)² / √Σw² of the optimiser's update; undefined where the parameter is frozen, or still zero. */
  readonly updateRatio: number | undefined;
}

export interface LayerDiagnosis {
  /** `0`, `2.1` or a name, as parameters' paths begin. */
  readonly path: string;
  readonly type: string;
  /**
   * δ = ∂loss/∂z of the mean loss, z being what the layer's activation is applied to; where the layer does not end with an activation,
   * z is its output. Of a layer used several times, all uses together.
   */
  readonly delta: Magnitude;
  readonly output: Magnitude;
  /**
   * The share of a relu's or hardSwish's units that are zero, and pass no δ on, for every row, position and use; undefined for other layers. A
   * unit is a channel of an image, else a feature of the last axis.
   */
  readonly deadUnits: number | undefined;
  /** The share of a sigmoid's, tanh's or hardSigmoid's outputs where the slope is below 6 % of that at 0; undefined for other layers. */
  readonly saturatedUnits: number | undefined;
  /** The layer's own that can be trained, not those of layers within it. */
  readonly parameters: readonly ParameterDiagnosis[];
}

/** The place where a training step first computes NaN or infinity. */
export interface NonFinite {
  /** The layer's path; undefined for the loss. */
  readonly layer: string | undefined;
  readonly what: 'output' | 'loss' | 'delta' | `gradient of ${string}` | `update of ${string}`;
  /** The index, computed by the network and out of range, if that is the cause. */
  readonly stray?: StrayIndex;
}

/** One training step, measured. */
export interface Diagnosis {
  /** Of the mini-batch. */
  readonly rows: number;
  /** The mini-batch's mean loss, penalties included, before the update. */
  readonly loss: number;
  /** In the order in which their outputs are computed. */
  readonly layers: readonly LayerDiagnosis[];
  readonly firstNonFinite?: NonFinite;
  /** Findings in words; none where all is well. */
  readonly findings: readonly string[];
}
