// Checks the matrix product of one instruction set against its contract, bit for bit, and prints a hash of its results for each
// numerics: but for the fast ones it is the same for every instruction set. With an argument it leaves most large products out, which take
// an emulator minutes. Compiled by gemm-order.test.ts with
// CHAINRULE_ISA and CHAINRULE_SIMD (its header) defined.
#include CHAINRULE_SIMD
#include "../../../native/kernels/gemm.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(CHAINRULE_MATRIX_REGISTERS) && !defined(CHAINRULE_EMULATED_MATRIX_REGISTERS)
#define CHAINRULE_ASK_FOR_MATRIX_REGISTERS
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <vector>

namespace {

using namespace chainrule::CHAINRULE_ISA;
using chainrule::BLOCK_DEPTH;
using chainrule::Numerics;
using Floats = std::vector<float>;

constexpr float UNTOUCHED = 12345.0f;

struct Random {
  uint32_t state = 1;

  uint32_t next() {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
  }
  int64_t below(int64_t limit) { return static_cast<int64_t>(next()) % limit; }
  // Of either sign and of many magnitudes, so that each order of summation rounds differently.
  float number() {
    const float fraction = static_cast<float>(next()) / (1 << 23) - 1.0f;
    return ldexpf(fraction, static_cast<int>(next() % 9) - 4);
  }
};

struct Case {
  int64_t m;
  int64_t n;
  int64_t k;
  bool transposeA;
  bool transposeB;
  bool accumulate;
  // Elements between the end of a row of the output and the next.
  int64_t gap;
};

float addProduct(Numerics numerics, float x, float y, float sum) {
  const Numerics steps = numerics == Numerics::fast ? FAST_STEPS : numerics;
  return steps == Numerics::fused ? fmaf(x, y, sum) : x * y + sum;
}

void halveAndShift(float* sums, const float* operand, int64_t columns, float alpha) {
  for (int64_t j = 0; j < columns; j++) sums[j] = sums[j] * alpha + operand[j];
}

// A sum along memory, in the order of sums.h.
float dotPlainly(const Product& s, int64_t i, int64_t j) {
  float sums[PARTIAL_SUMS] = {};
  for (int64_t p = 0; p < s.k; p++) {
    float& sum = sums[p % PARTIAL_SUMS];
    sum = addProduct(Numerics::fast, *s.a.at(i, p), *s.b.at(p, j), sum);
  }
  for (int half = PARTIAL_SUMS / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; l++) sums[l] += sums[l + half];
  }
  return sums[0];
}

// x = parts[0] + parts[1] + parts[2], each a float whose lower 16 bits are zeros.
void splitPlainly(float x, float parts[3]) {
  for (int part = 0; part < 3; part++) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x8000) & 0xffff0000;
    memcpy(&parts[part], &bits, sizeof bits);
    x -= parts[part];
  }
}

// In the order of gemm_split.h: of 16 pairs of steps, the first ones and the second ones are summed side by side.
float addPartsPlainly(const Product& s, int64_t i, int64_t j) {
  constexpr int STEPS = 32;
  constexpr int ORDER[6][2] = {{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}};
  float total = 0.0f;
  for (int64_t step = 0; step < s.k; step += STEPS) {
    float a[STEPS][3] = {};
    float b[STEPS][3] = {};
    for (int64_t p = 0; p < STEPS && step + p < s.k; p++) {
      splitPlainly(*s.a.at(i, step + p), a[p]);
      splitPlainly(*s.b.at(step + p, j), b[p]);
    }
    for (const auto& [left, right] : ORDER) {
      float sums[2] = {};
      for (int p = 0; p < STEPS; p++) sums[p / 16] = fmaf(a[p][left], b[p][right], sums[p / 16]);
      total += sums[0] + sums[1];
    }
  }
  return total;
}

// The product as its contract says.
void multiplyPlainly(Numerics numerics, const Product& s, Order order) {
  for (int64_t i = 0; i < s.m; i++) {
    for (int64_t j = 0; j < s.n; j++) {
      float& out = s.out[i * s.strideOut + j];
      if (order != Order::steps) {
        out = order == Order::along ? dotPlainly(s, i, j) : addPartsPlainly(s, i, j);
        continue;
      }
      for (int64_t step = 0; step < s.k; step += BLOCK_DEPTH) {
        float sum = 0.0f;
        for (int64_t p = step; p < s.k && p < step + BLOCK_DEPTH; p++) sum = addProduct(numerics, *s.a.at(i, p), *s.b.at(p, j), sum);
        out = s.accumulate || step > 0 ? out + sum : sum;
      }
    }
    if (s.epilogue) finish(s, i, 0, s.n);
  }
}

class Check {
 public:
  void run(Numerics numerics, const Case& c) {
    const Floats a = numbers(c.m * c.k);
    const Floats b = numbers(c.k * c.n);
    const int64_t stride = c.n + c.gap;
    const Floats saved = numbers(c.m * stride);
    Floats start(static_cast<size_t>(c.m * stride), UNTOUCHED);
    for (int64_t i = 0; i < c.m; i++) {
      for (int64_t j = 0; j < c.n; j++) start[static_cast<size_t>(i * stride + j)] = random_.number();
    }
    const bool perRow = random_.below(2) == 0;
    const Epilogue epilogue = {halveAndShift, saved.data(), perRow ? stride : 0, 0.5f};
    const Matrix left = {a.data(), c.transposeA ? c.m : c.k, c.transposeA};
    const Matrix right = {b.data(), c.transposeB ? c.k : c.n, c.transposeB};
    Product s = {left, right, nullptr, stride, c.m, c.n, c.k, c.accumulate, random_.below(2) == 0 ? &epilogue : nullptr, {}};
    Floats expected = start;
    s.out = expected.data();
    multiplyPlainly(numerics, s, orderOf(numerics, s));
    Floats whole = start;
    s.out = whole.data();
    gemm(numerics, s, {0, s.m, 0, s.n});
    compare(c, expected, whole, "the whole");
    Floats divided = start;
    s.out = divided.data();
    multiplyQuarters(numerics, s, 1);
    compare(c, expected, divided, "its regions");
    const chainrule::MatrixView matrix = {b.data(), c.k, c.n, c.transposeB};
    Floats packed(packedLength(matrix), UNTOUCHED);
    pack(matrix, packed.data());
    s.packed = {packed.data(), c.n, 0};
    Floats wholeOfPacked = start;
    s.out = wholeOfPacked.data();
    gemm(numerics, s, {0, s.m, 0, s.n});
    compare(c, expected, wholeOfPacked, "the whole from packed");
    for (int64_t granule : {1, LANES}) {
      Floats dividedOfPacked = start;
      s.out = dividedOfPacked.data();
      multiplyQuarters(numerics, s, granule);
      compare(c, expected, dividedOfPacked, "its regions from packed");
    }
    for (float value : whole) add(value);
  }

  // Numbers that cannot be split: one that is infinite, one that is nearly.
  void runUnsplittable(const Case& c, float number) {
    Floats a = numbers(c.m * c.k);
    const Floats b = numbers(c.k * c.n);
    a[a.size() / 2] = number;
    Floats expected(static_cast<size_t>(c.m * c.n));
    Floats actual(expected.size());
    Product s = {{a.data(), c.k, false}, {b.data(), c.n, false}, expected.data(), c.n, c.m, c.n, c.k, false, nullptr, {}};
    if (orderOf(Numerics::fast, s) != Order::parts) exit(1);
    multiplyPlainly(Numerics::fast, s, Order::steps);
    s.out = actual.data();
    gemm(Numerics::fast, s, {0, c.m, 0, c.n});
    compare(c, expected, actual, "a product of numbers that cannot be split");
  }

  uint64_t hash() const { return hash_; }

 private:
  Floats numbers(int64_t count) {
    Floats values(static_cast<size_t>(count));
    for (float& value : values) value = random_.number();
    return values;
  }

  void multiplyQuarters(Numerics numerics, const Product& s, int64_t granule) {
    const int64_t row = random_.below(s.m + 1);
    const int64_t column = random_.below(s.n + 1) / granule * granule;
    gemm(numerics, s, {row, s.m - row, column, s.n - column});
    gemm(numerics, s, {0, row, 0, column});
    gemm(numerics, s, {row, s.m - row, 0, column});
    gemm(numerics, s, {0, row, column, s.n - column});
  }

  static void compare(const Case& c, const Floats& expected, const Floats& actual, const char* what) {
    for (size_t i = 0; i < expected.size(); i++) {
      if (memcmp(&expected[i], &actual[i], sizeof(float)) == 0) continue;
      printf("%d×%d×%d%s%s%s: %s differs at %d: expected %.9g, got %.9g\n", static_cast<int>(c.m), static_cast<int>(c.n),
             static_cast<int>(c.k), c.transposeA ? " Aᵀ" : "", c.transposeB ? " Bᵀ" : "", c.accumulate ? " +=" : "", what,
             static_cast<int>(i), static_cast<double>(expected[i]), static_cast<double>(actual[i]));
      exit(1);
    }
  }

  // FNV-1a.
  void add(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash_ = (hash_ ^ bits) * 1099511628211u;
  }

  Random random_;
  uint64_t hash_ = 14695981039346656037u;
};

// Whether a product is read as it lies or transposed, by number.
constexpr int WAYS = 4;

void each(std::vector<Case>& cases, int64_t m, int64_t n, int64_t k, int way) {
  const bool odd = (m + n + k + way) % 3 == 0;
  cases.push_back({m, n, k, (way & 1) != 0, (way & 2) != 0, odd, odd ? 5 : 0});
}

struct Sizes {
  int64_t m, n, k;
};

// They cross the blocks of every instruction set.
constexpr Sizes LARGE[] = {{70, 410, 520}, {141, 90, 1025}, {5, 1600, 130},   {1, 4500, 1030}, {600, 1, 1030},  {3, 200, 2000},
                           {1000, 1100, 12}, {1100, 1200, 12}, {9, 2000, 65}, {200, 120, 128}, {150, 620, 290}};

// Small ones of every remainder, each way, and every large one in one way.
std::vector<Case> briefCases() {
  std::vector<Case> result;
  for (int way = 0; way < WAYS; way++) {
    for (int64_t m = 1; m <= 33; m++) {
      for (int64_t n = 1; n <= 33; n++) each(result, m, n, 1 + (m * 7 + n * 3) % 37, way);
    }
    for (int64_t size : {47, 49, 64, 97}) {
      for (int64_t k : {1, 16, 100, 513}) each(result, size, 99 - size / 2, k, way);
    }
  }
  int way = 0;
  for (const Sizes& large : LARGE) each(result, large.m, large.n, large.k, way++ % WAYS);
  return result;
}

// Every large one in the other ways.
std::vector<Case> furtherCases() {
  std::vector<Case> result;
  int own = 0;
  for (const Sizes& large : LARGE) {
    for (int way = 1; way < WAYS; way++) each(result, large.m, large.n, large.k, (own + way) % WAYS);
    own++;
  }
  return result;
}

void printHash(Numerics numerics, const char* name, const std::vector<Case>& cases) {
  Check check;
  for (const Case& c : cases) check.run(numerics, c);
  printf("%s %016llx\n", name, static_cast<unsigned long long>(check.hash()));
}

}  // namespace

int main(int argc, char**) {
#if defined(CHAINRULE_ASK_FOR_MATRIX_REGISTERS)
  constexpr long REQUEST_PERMISSION = 0x1023;
  constexpr long TILE_DATA = 18;
  if (syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) != 0) return 1;
#endif
#if defined(CHAINRULE_MATRIX_REGISTERS)
  for (float number : {INFINITY, -3.4e38f}) Check().runUnsplittable({150, 160, 256, false, false, false, 0}, number);
#endif
  printHash(Numerics::separate, "separate", briefCases());
  printHash(Numerics::fused, "fused", briefCases());
  printHash(Numerics::fast, "fast", briefCases());
  if (argc > 1) return 0;
  printHash(Numerics::separate, "separate further", furtherCases());
  printHash(Numerics::fused, "fused further", furtherCases());
  printHash(Numerics::fast, "fast further", furtherCases());
  return 0;
}
