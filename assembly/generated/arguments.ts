// Generated from the op table by src/codegen: do not edit, run `npm run generate`.

@unmanaged
export class ConvolutionSizes {
  samples: i32;
  channels: i32;
  height: i32;
  width: i32;
  filters: i32;
  groups: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  outHeight: i32;
  outWidth: i32;
  strideY: i32;
  strideX: i32;
  padTop: i32;
  padLeft: i32;
  dilationY: i32;
  dilationX: i32;
}

@unmanaged
export class PoolSizes {
  planes: i32;
  height: i32;
  width: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideY: i32;
  strideX: i32;
  padTop: i32;
  padLeft: i32;
}

@unmanaged
export class ProductSizes {
  batches: i32;
  m: i32;
  n: i32;
  k: i32;
  strideA: i32;
  strideB: i32;
  transposeA: i32;
  transposeB: i32;
}

@unmanaged
export class SequenceSizes {
  rows: i32;
  steps: i32;
  units: i32;
  reverse: i32;
}

/** Of `matmul`. */
@unmanaged
export class MatmulArguments {
  @inline
  get a(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get b(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get sizes(): ProductSizes {
    return changetype<ProductSizes>(changetype<usize>(this) + 12);
  }
}

/** Of `affine`. */
@unmanaged
export class AffineArguments {
  @inline
  get a(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get b(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get bias(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get sizes(): ProductSizes {
    return changetype<ProductSizes>(changetype<usize>(this) + 16);
  }

  @inline
  get activation(): i32 {
    return load<i32>(changetype<usize>(this), 48);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 52));
  }
}

/** Of `deltaMatmul`. */
@unmanaged
export class DeltaMatmulArguments {
  @inline
  get a(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get b(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get saved(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get sizes(): ProductSizes {
    return changetype<ProductSizes>(changetype<usize>(this) + 16);
  }

  @inline
  get activation(): i32 {
    return load<i32>(changetype<usize>(this), 48);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 52));
  }
}

/** Of `conv2d`. */
@unmanaged
export class Conv2dArguments {
  @inline
  get image(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get sizes(): ConvolutionSizes {
    return changetype<ConvolutionSizes>(changetype<usize>(this) + 12);
  }
}

/** Of `conv2dInput`. */
@unmanaged
export class Conv2dInputArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get sizes(): ConvolutionSizes {
    return changetype<ConvolutionSizes>(changetype<usize>(this) + 12);
  }
}

/** Of `conv2dWeight`. */
@unmanaged
export class Conv2dWeightArguments {
  @inline
  get image(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get sizes(): ConvolutionSizes {
    return changetype<ConvolutionSizes>(changetype<usize>(this) + 12);
  }
}

/** Of `conv2dAffine`. */
@unmanaged
export class Conv2dAffineArguments {
  @inline
  get image(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get bias(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get sizes(): ConvolutionSizes {
    return changetype<ConvolutionSizes>(changetype<usize>(this) + 16);
  }

  @inline
  get activation(): i32 {
    return load<i32>(changetype<usize>(this), 80);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 84));
  }
}

/** Of `conv2dDelta`. */
@unmanaged
export class Conv2dDeltaArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get saved(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get sizes(): ConvolutionSizes {
    return changetype<ConvolutionSizes>(changetype<usize>(this) + 16);
  }

  @inline
  get activation(): i32 {
    return load<i32>(changetype<usize>(this), 80);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 84));
  }
}

/** Of `maxPool2d`. */
@unmanaged
export class MaxPool2dArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get sizes(): PoolSizes {
    return changetype<PoolSizes>(changetype<usize>(this) + 8);
  }
}

/** Of `maxPool2dGradient`. */
@unmanaged
export class MaxPool2dGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get sizes(): PoolSizes {
    return changetype<PoolSizes>(changetype<usize>(this) + 12);
  }
}

/** Of `maxPool2dPick`. */
@unmanaged
export class MaxPool2dPickArguments {
  @inline
  get values(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get sizes(): PoolSizes {
    return changetype<PoolSizes>(changetype<usize>(this) + 12);
  }
}

/** Of `maxPool2dDelta`. */
@unmanaged
export class MaxPool2dDeltaArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get saved(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get sizes(): PoolSizes {
    return changetype<PoolSizes>(changetype<usize>(this) + 16);
  }

  @inline
  get activation(): i32 {
    return load<i32>(changetype<usize>(this), 60);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 64));
  }
}

/** Of `averagePool2d`. */
@unmanaged
export class AveragePool2dArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get sizes(): PoolSizes {
    return changetype<PoolSizes>(changetype<usize>(this) + 8);
  }
}

/** Of `averagePool2dGradient`. */
@unmanaged
export class AveragePool2dGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get sizes(): PoolSizes {
    return changetype<PoolSizes>(changetype<usize>(this) + 8);
  }
}

/** Of `rnn`. */
@unmanaged
export class RnnArguments {
  @inline
  get projected(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get initial(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get hidden(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get sizes(): SequenceSizes {
    return changetype<SequenceSizes>(changetype<usize>(this) + 20);
  }

  @inline
  get relu(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }
}

/** Of `rnnGradient`. */
@unmanaged
export class RnnGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get hidden(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get deltaProjected(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get deltaInitial(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get sizes(): SequenceSizes {
    return changetype<SequenceSizes>(changetype<usize>(this) + 24);
  }

  @inline
  get truncate(): i32 {
    return load<i32>(changetype<usize>(this), 40);
  }

  @inline
  get relu(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }
}

/** Of `lstm`. */
@unmanaged
export class LstmArguments {
  @inline
  get projected(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get initialHidden(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get initialCell(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get hidden(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get cell(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get gates(): usize {
    return load<usize>(changetype<usize>(this), 28);
  }

  @inline
  get sizes(): SequenceSizes {
    return changetype<SequenceSizes>(changetype<usize>(this) + 32);
  }
}

/** Of `lstmGradient`. */
@unmanaged
export class LstmGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get deltaCell(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get gates(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get cell(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get initialCell(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get deltaProjected(): usize {
    return load<usize>(changetype<usize>(this), 28);
  }

  @inline
  get deltaInitialHidden(): usize {
    return load<usize>(changetype<usize>(this), 32);
  }

  @inline
  get deltaInitialCell(): usize {
    return load<usize>(changetype<usize>(this), 36);
  }

  @inline
  get sizes(): SequenceSizes {
    return changetype<SequenceSizes>(changetype<usize>(this) + 40);
  }

  @inline
  get truncate(): i32 {
    return load<i32>(changetype<usize>(this), 56);
  }
}

/** Of `gru`. */
@unmanaged
export class GruArguments {
  @inline
  get projected(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get bias(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get initial(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get hidden(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get gates(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get sizes(): SequenceSizes {
    return changetype<SequenceSizes>(changetype<usize>(this) + 28);
  }
}

/** Of `gruGradient`. */
@unmanaged
export class GruGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get hidden(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get gates(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get initial(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get deltaProjected(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get deltaRecurrent(): usize {
    return load<usize>(changetype<usize>(this), 28);
  }

  @inline
  get deltaInitial(): usize {
    return load<usize>(changetype<usize>(this), 32);
  }

  @inline
  get sizes(): SequenceSizes {
    return changetype<SequenceSizes>(changetype<usize>(this) + 36);
  }

  @inline
  get truncate(): i32 {
    return load<i32>(changetype<usize>(this), 52);
  }
}

/** Of `previousStates`. */
@unmanaged
export class PreviousStatesArguments {
  @inline
  get hidden(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get initial(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get sizes(): SequenceSizes {
    return changetype<SequenceSizes>(changetype<usize>(this) + 12);
  }
}

/** Of `sequenceMask`. */
@unmanaged
export class SequenceMaskArguments {
  @inline
  get lengths(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get steps(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }
}
