// Checks products of factors rounded to bfloat16: those by pairs against their contract, bit for bit, those on matrix registers against sums in
// double precision. Prints the cases tried. Compiled by bfloat16.test.ts with CHAINRULE_ISA and CHAINRULE_SIMD (its header) defined.
#include CHAINRULE_SIMD
#include "../../../native/kernels/gemm_pairs.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vector>

namespace {

using namespace chainrule::CHAINRULE_ISA;
using chainrule::BLOCK_DEPTH;
using chainrule::MatrixView;
using Floats = std::vector<float>;

constexpr float UNTOUCHED = 12345.0f;

float rounded(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  memcpy(&x, &bits, sizeof x);
  return x;
}

Floats numbers(int64_t count) {
  static uint32_t state = 1;
  Floats all(static_cast<size_t>(count));
  for (float& x : all) {
    state = state * 1664525u + 1013904223u;
    x = ldexpf(static_cast<float>(state >> 8) / (1 << 23) - 1.0f, static_cast<int>(state % 9) - 4);
  }
  return all;
}

struct Case {
  int64_t m;
  int64_t n;
  int64_t k;
  bool transposeA;
  bool transposeB;
  bool packed;
  // The first column asked for.
  int64_t first;
};

struct Check {
  const Case c;
  const Floats a = numbers(c.m * c.k);
  const Floats b = numbers(c.k * c.n);
  Floats out = Floats(static_cast<size_t>(c.m * c.n), UNTOUCHED);
  Floats copy;

  explicit Check(const Case& one) : c(one) {}

  Product product() {
    Product s = {{a.data(), c.transposeA ? c.m : c.k, c.transposeA},
                 {b.data(), c.transposeB ? c.k : c.n, c.transposeB},
                 out.data(),
                 c.n,
                 c.m,
                 c.n,
                 c.k,
                 false,
                 nullptr,
                 {}};
    if (c.packed) {
      const MatrixView matrix = {b.data(), c.k, c.n, c.transposeB, true};
      copy.resize(packedPairsLength(matrix));
      packPairs(matrix, copy.data());
      s.packed = {copy.data(), c.n, 0};
    }
    return s;
  }

  float left(int64_t i, int64_t p) const { return rounded(a[static_cast<size_t>(c.transposeA ? p * c.m + i : i * c.k + p)]); }
  float right(int64_t p, int64_t j) const { return rounded(b[static_cast<size_t>(c.transposeB ? j * c.k + p : p * c.n + j)]); }

  float inOrder(int64_t i, int64_t j) const {
    float total = 0.0f;
    for (int64_t step = 0; step < c.k; step += BLOCK_DEPTH) {
      float sum = 0.0f;
      for (int64_t p = step; p < c.k && p < step + BLOCK_DEPTH; p++) sum += left(i, p) * right(p, j);
      total = step == 0 ? sum : total + sum;
    }
    return total;
  }

  void fail(int64_t i, int64_t j, double expected) const {
    printf("%lld × %lld × %lld %d%d%d from column %lld: element %lld, %lld: expected %.9g, got %.9g\n", (long long)c.m, (long long)c.n,
           (long long)c.k, c.transposeA, c.transposeB, c.packed, (long long)c.first, (long long)i, (long long)j, expected,
           out[static_cast<size_t>(i * c.n + j)]);
    exit(1);
  }

  void byPairs() {
    const Product s = product();
    Epilogue none;
    multiplyPairs(partOf(s, {0, c.m, c.first, c.n - c.first}, none));
    for (int64_t i = 0; i < c.m; i++) {
      for (int64_t j = 0; j < c.n; j++) {
        const float expected = j < c.first ? UNTOUCHED : inOrder(i, j);
        if (out[static_cast<size_t>(i * c.n + j)] != expected) fail(i, j, expected);
      }
    }
  }

#if defined(CHAINRULE_MATRIX_REGISTERS)
  void onMatrixRegisters() {
    multiplySplit<Rounder>(product());
    for (int64_t i = 0; i < c.m; i++) {
      for (int64_t j = 0; j < c.n; j++) {
        double sum = 0, magnitude = 0;
        for (int64_t p = 0; p < c.k; p++) {
          const double term = static_cast<double>(left(i, p)) * right(p, j);
          sum += term;
          magnitude += fabs(term);
        }
        const double error = fabs(sum - out[static_cast<size_t>(i * c.n + j)]);
        if (!(error <= ldexp(magnitude, -24) * static_cast<double>(c.k + 1))) fail(i, j, sum);
      }
    }
  }
#endif
};

}  // namespace

int main() {
  constexpr int64_t MOST = 1 << 21;
  int tried = 0;
  for (int64_t m : {1, 2, 7, 13, 33, 150}) {
    for (int64_t n : {1, 5, 16, 47, 100, 400, 1000}) {
      for (int64_t k : {1, 2, 3, 17, 31, 33, 512, 515, 1100}) {
        if (m * n * k > MOST) continue;
        for (int form = 0; form < 8; form++, tried++) {
          const Case c = {m, n, k, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0, 0};
          Check(c).byPairs();
          if (n > 2 * LANES) Check({m, n, k, c.transposeA, c.transposeB, c.packed, 2 * LANES}).byPairs();
#if defined(CHAINRULE_MATRIX_REGISTERS)
          if (!c.packed) Check(c).onMatrixRegisters();
#endif
        }
      }
    }
  }
  printf("%d\n", tried);
  return 0;
}
