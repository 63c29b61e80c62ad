// Generated from the op table by src/codegen: do not edit, run `npm run generate`.

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
  rounded: i32;
}

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
export class SequenceSizes {
  rows: i32;
  steps: i32;
  units: i32;
  reverse: i32;
}

/** Of `gather`. */
@unmanaged
export class GatherArguments {
  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get column(): i32 {
    return load<i32>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get width(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get indices(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `record`. */
@unmanaged
export class RecordArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get at(): i32 {
    return load<i32>(changetype<usize>(this), 4);
  }

  @inline
  get after(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }
}

/** Of `dropout`. */
@unmanaged
export class DropoutArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get rate(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 12));
  }

  @inline
  get stream(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `fill`. */
@unmanaged
export class FillArguments {
  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 4);
  }

  @inline
  get value(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 8));
  }
}

/** Of `scale`. */
@unmanaged
export class ScaleArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get factor(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 12));
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `stridedCopy`. */
@unmanaged
export class StridedCopyArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size0(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get size1(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get size2(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get size3(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get size4(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get size5(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get step0(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get step1(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get step2(): i32 {
    return load<i32>(changetype<usize>(this), 40);
  }

  @inline
  get step3(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }

  @inline
  get step4(): i32 {
    return load<i32>(changetype<usize>(this), 48);
  }

  @inline
  get step5(): i32 {
    return load<i32>(changetype<usize>(this), 52);
  }
}

/** Of `slice`. */
@unmanaged
export class SliceArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get outer(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get stride(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get start(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get length(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }
}

/** Of `insert`. */
@unmanaged
export class InsertArguments {
  @inline
  get base(): usize {
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
  get outer(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get stride(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get start(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get length(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }
}

/** Of `assign`. */
@unmanaged
export class AssignArguments {
  @inline
  get kept(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }
}

/** Of `accumulate`. */
@unmanaged
export class AccumulateArguments {
  @inline
  get kept(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get weight(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }
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
    return load<i32>(changetype<usize>(this), 52);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 56));
  }
}

/** Of `affineSlope`. */
@unmanaged
export class AffineSlopeArguments {
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
  get slope(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get sizes(): ProductSizes {
    return changetype<ProductSizes>(changetype<usize>(this) + 20);
  }

  @inline
  get activation(): i32 {
    return load<i32>(changetype<usize>(this), 56);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 60));
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
    return load<i32>(changetype<usize>(this), 52);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 56));
  }
}

/** Of `matmulMultiply`. */
@unmanaged
export class MatmulMultiplyArguments {
  @inline
  get a(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get b(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get factor(): usize {
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

/** Of `unary`. */
@unmanaged
export class UnaryArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 12));
  }
}

/** Of `unaryGradient`. */
@unmanaged
export class UnaryGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get saved(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 16));
  }
}

/** Of `binary`. */
@unmanaged
export class BinaryArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get y(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get outer(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get middle(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get inner(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get xOuter(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get xMiddle(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get xInner(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get yOuter(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get yMiddle(): i32 {
    return load<i32>(changetype<usize>(this), 40);
  }

  @inline
  get yInner(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 48));
  }
}

/** Of `binaryGradient`. */
@unmanaged
export class BinaryGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get y(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get deltaStep(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 24));
  }
}

/** Of `sum`. */
@unmanaged
export class SumArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get outer(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get reduced(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get inner(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `norm`. */
@unmanaged
export class NormArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }
}

/** Of `softmax`. */
@unmanaged
export class SoftmaxArguments {
  @inline
  get x(): usize {
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
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }
}

/** Of `softmaxGradient`. */
@unmanaged
export class SoftmaxGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get y(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `logSoftmax`. */
@unmanaged
export class LogSoftmaxArguments {
  @inline
  get x(): usize {
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
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }
}

/** Of `logSoftmaxGradient`. */
@unmanaged
export class LogSoftmaxGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get y(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `toIndex`. */
@unmanaged
export class ToIndexArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }
}

/** Of `toNumber`. */
@unmanaged
export class ToNumberArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }
}

/** Of `clampIndex`. */
@unmanaged
export class ClampIndexArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }
}

/** Of `pick`. */
@unmanaged
export class PickArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `scatter`. */
@unmanaged
export class ScatterArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `softmaxCrossEntropy`. */
@unmanaged
export class SoftmaxCrossEntropyArguments {
  @inline
  get logits(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get target(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get losses(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get probabilities(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get sparse(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }
}

/** Of `softmaxCrossEntropyGradient`. */
@unmanaged
export class SoftmaxCrossEntropyGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get probabilities(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get target(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get sparse(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get deltaStep(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }
}

/** Of `correct`. */
@unmanaged
export class CorrectArguments {
  @inline
  get prediction(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get target(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get comparison(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get threshold(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 24));
  }
}

/** Of `argmax`. */
@unmanaged
export class ArgmaxArguments {
  @inline
  get x(): usize {
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
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }
}

/** Of `rank`. */
@unmanaged
export class RankArguments {
  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }
}

/** Of `histogram`. */
@unmanaged
export class HistogramArguments {
  @inline
  get x(): usize {
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
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get bins(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }
}

/** Of `ctc`. */
@unmanaged
export class CtcArguments {
  @inline
  get logs(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get labels(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get lengths(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get losses(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get steps(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get classes(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get length(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get blank(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get zeroInfinity(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }
}

/** Of `ctcGradient`. */
@unmanaged
export class CtcGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get logs(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get labels(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get lengths(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get steps(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get classes(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get length(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get blank(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get zeroInfinity(): i32 {
    return load<i32>(changetype<usize>(this), 40);
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

/** Of `batchNorm`. */
@unmanaged
export class BatchNormArguments {
  @inline
  get x(): usize {
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
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get variance(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get outer(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get channels(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get inner(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 36));
  }
}

/** Of `batchNormGradient`. */
@unmanaged
export class BatchNormGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get variance(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get ofX(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get ofWeight(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get ofBias(): usize {
    return load<usize>(changetype<usize>(this), 28);
  }

  @inline
  get outer(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get channels(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get inner(): i32 {
    return load<i32>(changetype<usize>(this), 40);
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 44));
  }
}

/** Of `normalize`. */
@unmanaged
export class NormalizeArguments {
  @inline
  get x(): usize {
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
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get scale(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get centred(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 36));
  }
}

/** Of `normalizeGradient`. */
@unmanaged
export class NormalizeGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get scale(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get centred(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }
}

/** Of `normalizeParameterGradient`. */
@unmanaged
export class NormalizeParameterGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get x(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get scale(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get ofWeight(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get ofBias(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }
}

/** Of `embed`. */
@unmanaged
export class EmbedArguments {
  @inline
  get table(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }
}

/** Of `embedGradient`. */
@unmanaged
export class EmbedGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }
}

/** Of `attention`. */
@unmanaged
export class AttentionArguments {
  @inline
  get q(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get k(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get v(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get logSums(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get batches(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get heads(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get queries(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get keys(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get features(): i32 {
    return load<i32>(changetype<usize>(this), 40);
  }

  @inline
  get causal(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }

  @inline
  get scale(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 48));
  }
}

/** Of `attentionGradient`. */
@unmanaged
export class AttentionGradientArguments {
  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get ofLogSums(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get q(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get k(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get v(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get mask(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get logSums(): usize {
    return load<usize>(changetype<usize>(this), 28);
  }

  @inline
  get ofQ(): usize {
    return load<usize>(changetype<usize>(this), 32);
  }

  @inline
  get ofK(): usize {
    return load<usize>(changetype<usize>(this), 36);
  }

  @inline
  get ofV(): usize {
    return load<usize>(changetype<usize>(this), 40);
  }

  @inline
  get batches(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }

  @inline
  get heads(): i32 {
    return load<i32>(changetype<usize>(this), 48);
  }

  @inline
  get queries(): i32 {
    return load<i32>(changetype<usize>(this), 52);
  }

  @inline
  get keys(): i32 {
    return load<i32>(changetype<usize>(this), 56);
  }

  @inline
  get features(): i32 {
    return load<i32>(changetype<usize>(this), 60);
  }

  @inline
  get causal(): i32 {
    return load<i32>(changetype<usize>(this), 64);
  }

  @inline
  get scale(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 68));
  }
}

/** Of `sgd`. */
@unmanaged
export class SgdArguments {
  @inline
  get parameter(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get gradient(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 16));
  }
}

/** Of `momentum`. */
@unmanaged
export class MomentumArguments {
  @inline
  get parameter(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get gradient(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get velocity(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get momentum(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 20));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 24));
  }

  @inline
  get nesterov(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }
}

/** Of `adagrad`. */
@unmanaged
export class AdagradArguments {
  @inline
  get parameter(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get gradient(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get squares(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 20));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 24));
  }
}

/** Of `rmsprop`. */
@unmanaged
export class RmspropArguments {
  @inline
  get parameter(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get gradient(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get squares(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get decay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 20));
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 24));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 28));
  }
}

/** Of `adam`. */
@unmanaged
export class AdamArguments {
  @inline
  get parameter(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get gradient(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get variance(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get step(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get beta1(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 28));
  }

  @inline
  get beta2(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 32));
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 36));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 40));
  }

  @inline
  get decoupled(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }
}

/** Of `momentumBfloat16`. */
@unmanaged
export class MomentumBfloat16Arguments {
  @inline
  get parameter(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get gradient(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get velocity(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get step(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get momentum(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 24));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 28));
  }

  @inline
  get nesterov(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get stream(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }
}

/** Of `adamBfloat16`. */
@unmanaged
export class AdamBfloat16Arguments {
  @inline
  get parameter(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get gradient(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get variance(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get step(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get beta1(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 28));
  }

  @inline
  get beta2(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 32));
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 36));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 40));
  }

  @inline
  get decoupled(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }

  @inline
  get stream(): i32 {
    return load<i32>(changetype<usize>(this), 48);
  }
}

/** Of `embedSgd`. */
@unmanaged
export class EmbedSgdArguments {
  @inline
  get table(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 28));
  }

  @inline
  get summed(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }
}

/** Of `embedMomentum`. */
@unmanaged
export class EmbedMomentumArguments {
  @inline
  get table(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get velocity(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get momentum(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 32));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 36));
  }

  @inline
  get nesterov(): i32 {
    return load<i32>(changetype<usize>(this), 40);
  }

  @inline
  get summed(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }
}

/** Of `embedAdam`. */
@unmanaged
export class EmbedAdamArguments {
  @inline
  get table(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get variance(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get step(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get beta1(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 40));
  }

  @inline
  get beta2(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 44));
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 48));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 52));
  }

  @inline
  get decoupled(): i32 {
    return load<i32>(changetype<usize>(this), 56);
  }

  @inline
  get summed(): i32 {
    return load<i32>(changetype<usize>(this), 60);
  }
}

/** Of `embedMomentumBfloat16`. */
@unmanaged
export class EmbedMomentumBfloat16Arguments {
  @inline
  get table(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get velocity(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get step(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get momentum(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 36));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 40));
  }

  @inline
  get nesterov(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }

  @inline
  get summed(): i32 {
    return load<i32>(changetype<usize>(this), 48);
  }

  @inline
  get stream(): i32 {
    return load<i32>(changetype<usize>(this), 52);
  }
}

/** Of `embedAdamBfloat16`. */
@unmanaged
export class EmbedAdamBfloat16Arguments {
  @inline
  get table(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get delta(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get index(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get mean(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get variance(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get learningRate(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get step(): usize {
    return load<usize>(changetype<usize>(this), 24);
  }

  @inline
  get rows(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get count(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get columns(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get beta1(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 40));
  }

  @inline
  get beta2(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 44));
  }

  @inline
  get epsilon(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 48));
  }

  @inline
  get weightDecay(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 52));
  }

  @inline
  get decoupled(): i32 {
    return load<i32>(changetype<usize>(this), 56);
  }

  @inline
  get summed(): i32 {
    return load<i32>(changetype<usize>(this), 60);
  }

  @inline
  get stream(): i32 {
    return load<i32>(changetype<usize>(this), 64);
  }
}

/** Of `drawUniform`. */
@unmanaged
export class DrawUniformArguments {
  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 4);
  }

  @inline
  get first(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get stream(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get limit(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 16));
  }
}

/** Of `drawNormal`. */
@unmanaged
export class DrawNormalArguments {
  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get size(): i32 {
    return load<i32>(changetype<usize>(this), 4);
  }

  @inline
  get first(): i32 {
    return load<i32>(changetype<usize>(this), 8);
  }

  @inline
  get stream(): i32 {
    return load<i32>(changetype<usize>(this), 12);
  }

  @inline
  get deviation(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 16));
  }
}

/** Of `quantizeWeight`. */
@unmanaged
export class QuantizeWeightArguments {
  @inline
  get weight(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get words(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get starts(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get scales(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get n(): i32 {
    return load<i32>(changetype<usize>(this), 16);
  }

  @inline
  get k(): i32 {
    return load<i32>(changetype<usize>(this), 20);
  }

  @inline
  get transposed(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get zero(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get step(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 32));
  }
}

/** Of `quantizedAffine`. */
@unmanaged
export class QuantizedAffineArguments {
  @inline
  get a(): usize {
    return load<usize>(changetype<usize>(this));
  }

  @inline
  get words(): usize {
    return load<usize>(changetype<usize>(this), 4);
  }

  @inline
  get starts(): usize {
    return load<usize>(changetype<usize>(this), 8);
  }

  @inline
  get scales(): usize {
    return load<usize>(changetype<usize>(this), 12);
  }

  @inline
  get bias(): usize {
    return load<usize>(changetype<usize>(this), 16);
  }

  @inline
  get out(): usize {
    return load<usize>(changetype<usize>(this), 20);
  }

  @inline
  get m(): i32 {
    return load<i32>(changetype<usize>(this), 24);
  }

  @inline
  get n(): i32 {
    return load<i32>(changetype<usize>(this), 28);
  }

  @inline
  get k(): i32 {
    return load<i32>(changetype<usize>(this), 32);
  }

  @inline
  get zero(): i32 {
    return load<i32>(changetype<usize>(this), 36);
  }

  @inline
  get inverse(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 40));
  }

  @inline
  get activation(): i32 {
    return load<i32>(changetype<usize>(this), 44);
  }

  @inline
  get alpha(): f64 {
    return load<f64>(load<usize>(changetype<usize>(this), 48));
  }
}
