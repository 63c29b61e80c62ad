// The innermost loop of the matrix product: a tile of the output that stays in registers while k runs.
#pragma once

#include <stdint.h>
#include <string.h>

#include "loops.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// out = A·B, or out += A·B, for as many rows as the kernel has and `columns` columns: more than its vectors but the last hold,
// and not more than all hold. B is a panel, full vectors `strideB` apart for each step of k. No operand overlaps out.
//
// A tile may leave copies of what it reads for the tiles that come after it, one step of k behind the other: packing costs nothing where the
// multiply-adds wait for nothing else.
struct Tile {
  const float* a;
  int64_t strideA;
  const float* b;
  int64_t strideB;
  int64_t depth;
  float* out;
  int64_t strideOut;
  int64_t columns;
  bool accumulate;
  // Where the rows of a transposed A are copied to, and the panel of B; null where they are not.
  float* copyA = nullptr;
  float* copyB = nullptr;
  // The rows of an A that lies by rows which the next tiles read, null where they are the same: asked for meanwhile.
  const float* nextA = nullptr;
};

// How far ahead a tile asks for what it reads in place, in steps of k: rows may lie a page apart each, and then nothing else would fetch
// them in time. A step takes twelve cycles or less, the shared cache some fifty to answer, memory some hundreds.
constexpr int64_t STEPS_AHEAD = 16;

using TileKernel = void (*)(const Tile& tile);

// row[v] = sums[v], or += sums[v], for `columns` elements; the last vector has at least one.
template <int VECTORS>
inline void storeRow(float* row, const Vector sums[VECTORS], int64_t columns, bool accumulate) {
  constexpr int LAST = VECTORS - 1;
  const int64_t left = columns - LAST * LANES;
  float* const last = row + LAST * LANES;
  unrolled<LAST>([&](auto v) {
    float* const out = row + v.value * LANES;
    store(out, accumulate ? add(load(out), sums[v.value]) : sums[v.value]);
  });
  storeUpTo(last, accumulate ? add(loadUpTo(last, left), sums[LAST]) : sums[LAST], left);
}

// One step of k: sums[r][v] += a[r·rowA]·b[v], for the vectors b[v] from b on.
template <bool Fused, int ROWS, int VECTORS>
inline void addStep(const float* a, int64_t rowA, const float* b, Vector sums[ROWS][VECTORS]) {
  Vector right[VECTORS];
  unrolled<VECTORS>([&](auto v) { right[v.value] = load(b + v.value * LANES); });
  unrolled<ROWS>([&](auto r) {
    const Vector left = broadcast(a[r.value * rowA]);
    unrolled<VECTORS>([&](auto v) { sums[r.value][v.value] = multiplyAdd<Fused>(left, right[v.value], sums[r.value][v.value]); });
  });
}

// Each sum starts at zero and takes its products in the order of k, one by one. A is transposed where its elements for one step
// of k lie together.
template <bool Fused, bool TransposedA, int ROWS, int VECTORS>
CHAINRULE_KERNEL void multiplyTile(const Tile& tile) {
  constexpr int64_t WIDTH = VECTORS * LANES;
  Vector sums[ROWS][VECTORS];
  unrolled<ROWS>([&](auto r) { unrolled<VECTORS>([&](auto v) { sums[r.value][v.value] = zero(); }); });
  const int64_t rowA = TransposedA ? 1 : tile.strideA;
  const int64_t stepA = TransposedA ? tile.strideA : 1;
  const float* a = tile.a;
  const float* b = tile.b;
  int64_t left = tile.depth;
  if (tile.strideB == WIDTH && !tile.copyA && !tile.copyB) {
    // A packed panel is fetched by the processor itself. With two steps at a time, GCC keeps the addresses in general registers. In vector
    // registers their moves would compete with the multiply-adds.
    const auto addTwo = [&] {
      addStep<Fused, ROWS, VECTORS>(a, rowA, b, sums);
      addStep<Fused, ROWS, VECTORS>(a + stepA, rowA, b + WIDTH, sums);
      a += 2 * stepA;
      b += 2 * WIDTH;
    };
    if (!TransposedA && tile.nextA) {
      for (const float* next = tile.nextA; left >= CACHE_LINE; left -= CACHE_LINE, next += CACHE_LINE) {
        unrolled<ROWS>([&](auto r) { prefetch(next + r.value * rowA); });
        for (int64_t p = 0; p < CACHE_LINE; p += 2) addTwo();
      }
    }
    for (; left >= 2; left -= 2) addTwo();
    if (left) addStep<Fused, ROWS, VECTORS>(a, rowA, b, sums);
  } else {
    float* copyA = tile.copyA;
    float* copyB = tile.copyB;
    for (; left > 0; left--, a += stepA, b += tile.strideB) {
      for (int64_t j = 0; j < WIDTH; j += CACHE_LINE) prefetch(b + STEPS_AHEAD * tile.strideB + j);
      if (copyA) {
        prefetch(a + STEPS_AHEAD * stepA);
        memcpy(copyA, a, ROWS * sizeof(float));
        copyA += ROWS;
      }
      if (copyB) {
        unrolled<VECTORS>([&](auto v) { store(copyB + v.value * LANES, load(b + v.value * LANES)); });
        copyB += WIDTH;
      }
      addStep<Fused, ROWS, VECTORS>(a, rowA, b, sums);
    }
  }
  const bool accumulate = tile.accumulate;
  unrolled<ROWS>([&](auto r) { storeRow<VECTORS>(tile.out + r.value * tile.strideOut, sums[r.value], tile.columns, accumulate); });
}

// The kernel of exactly `rows` × VECTORS.
template <bool Fused, bool TransposedA, int VECTORS, int ROWS = TILING.rows[VECTORS - 1]>
inline TileKernel tileOfRows(int64_t rows) {
  if constexpr (ROWS > 1) {
    if (rows < ROWS) return tileOfRows<Fused, TransposedA, VECTORS, ROWS - 1>(rows);
  }
  return multiplyTile<Fused, TransposedA, ROWS, VECTORS>;
}

// The kernel of exactly `rows` × `vectors`.
template <bool Fused, bool TransposedA>
inline TileKernel tileOf(int64_t rows, int64_t vectors) {
  if (vectors == 1) return tileOfRows<Fused, TransposedA, 1>(rows);
  if (vectors < TILING.vectors) return tileOfRows<Fused, TransposedA, 2>(rows);
  return tileOfRows<Fused, TransposedA, TILING.vectors>(rows);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
