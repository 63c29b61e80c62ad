// One float at a time: the kernels for machines without any of the other instruction sets.
#pragma once

namespace chainrule {
namespace scalar {

using Vector = float;
constexpr int LANES = 1;
// The register tile of the matrix product: rows × vectors accumulators.
constexpr int TILE_ROWS = 4;
constexpr int TILE_VECTORS = 4;

inline Vector load(const float* from) { return *from; }
inline void store(float* to, Vector x) { *to = x; }
inline Vector broadcast(float x) { return x; }
inline Vector zero() { return 0.0f; }
inline Vector add(Vector x, Vector y) { return x + y; }
// x·y + sum, in two roundings.
inline Vector multiplyAdd(Vector x, Vector y, Vector sum) { return x * y + sum; }

}  // namespace scalar
}  // namespace chainrule
