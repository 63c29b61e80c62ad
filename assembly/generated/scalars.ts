// Generated from the op table by src/codegen: do not edit, run `npm run generate`.

@unmanaged
export class ConvolutionScalars {
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
export class PoolScalars {
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
