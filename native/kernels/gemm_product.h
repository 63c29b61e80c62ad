// The operands of the matrix product's paths.
#pragma once

#include <stdint.h>
#include <string.h>

#include "../sizes.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// A matrix in memory: element (i, j) is data[i·stride + j], or data[j·stride + i] where it is transposed.
struct Matrix {
  const float* data;
  int64_t stride;
  bool transposed;

  const float* at(int64_t i, int64_t j) const { return data + (transposed ? j * stride + i : i * stride + j); }
  Matrix from(int64_t i, int64_t j) const { return {at(i, j), stride, transposed}; }
  Matrix transpose() const { return {data, stride, !transposed}; }
};

// The packed copy of a B (gemm_packed.h), with the product's columns among it; no copy where `panels` is null.
struct PackedMatrix {
  const float* panels;
  // Of the whole matrix.
  int64_t columns;
  // The product's first: a multiple of LANES.
  int64_t first;
};

// What is done to finished sums, while they are still in the cache: `apply` turns `columns` neighbours of a row into what is
// stored, each with its element of `operand` (which may be absent); `stride` is the distance of the operand's rows, 0 where one
// row serves all. Where there are `slopes`, laid like the output in rows `strideSlopes` apart, it is `applyWithSlope` that also stores one
// for each sum. Function pointers, so that the product is compiled once and not for each activation.
struct Epilogue {
  void (*apply)(float* sums, const float* operand, int64_t columns, float alpha);
  const float* operand;
  int64_t stride;
  float alpha;
  void (*applyWithSlope)(float* sums, const float* operand, float* slopes, int64_t columns, float alpha) = nullptr;
  float* slopes = nullptr;
  int64_t strideSlopes = 0;

  Epilogue from(int64_t i, int64_t j) const {
    Epilogue moved = *this;
    if (operand) moved.operand += i * stride + j;
    if (slopes) moved.slopes += i * strideSlopes + j;
    return moved;
  }
  // Finishes `columns` neighbours.
  void operator()(float* sums, int64_t columns) const {
    if (slopes) return applyWithSlope(sums, operand, slopes, columns, alpha);
    apply(sums, operand, columns, alpha);
  }
};

// out = A·B or, where it accumulates, out += A·B; out's rows are `strideOut` apart and overlap no operand.
// m, n and k are at least 1.
struct Product {
  Matrix a;
  Matrix b;
  float* out;
  int64_t strideOut;
  int64_t m;
  int64_t n;
  int64_t k;
  bool accumulate;
  // May be absent (nullptr).
  const Epilogue* epilogue;
  PackedMatrix packed;
};

// Finishes `columns` sums of row i from column j on.
inline void finish(const Product& s, int64_t i, int64_t j, int64_t columns) {
  s.epilogue->from(i, j)(s.out + i * s.strideOut + j, columns);
}

// Finishes `size` neighbours, of whole rows of `period` each that the same row of the operand accompanies: it is repeated, so that
// whole vectors are finished. Rows that end within a vector would wait for each other: a processor takes a vector stored in part for
// one that the next row's load may depend on.
inline void finishRepeated(const Epilogue& e, float* sums, int64_t size, int64_t period) {
  constexpr int64_t MOST = 512;
  float repeated[MOST];
  const int64_t limit = size < MOST ? size : MOST / period * period;
  memcpy(repeated, e.operand, static_cast<size_t>(period) * sizeof(float));
  for (int64_t filled = period; filled < limit; filled *= 2) {
    const int64_t more = least(limit - filled, filled);
    memcpy(repeated + filled, repeated, static_cast<size_t>(more) * sizeof(float));
  }
  Epilogue part = e;
  part.operand = repeated;
  for (int64_t i = 0; i < size; i += limit) {
    if (e.slopes) part.slopes = e.slopes + i;
    part(sums + i, least(size - i, limit));
  }
}

// Rows [row, row + rows), all columns; together where they lie together: `apply` takes each element by itself.
inline void finishRows(const Product& s, int64_t row, int64_t rows) {
  constexpr int64_t NARROW = 64;
  const Epilogue e = s.epilogue->from(row, 0);
  float* const sums = s.out + row * s.strideOut;
  const bool together = s.strideOut == s.n && rows > 1;
  if (together && (!e.operand || e.stride == s.n)) return e(sums, rows * s.n);
  if (together && e.stride == 0 && s.n <= NARROW) return finishRepeated(e, sums, rows * s.n, s.n);
  for (int64_t i = row; i < row + rows; i++) finish(s, i, 0, s.n);
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
