// The seam between the portable code and the kernels: each instruction set provides one `Isa`.
#pragma once

#include <stdint.h>

#include "context.h"
#include "generated/ops.h"

namespace chainrule {

// Where the packed copy of an operand begins, once there is one: until then it points to null.
using Packed = const float* const*;

// A kernel's argument, ready to use: a size is resolved for the rows that the batch has, a literal is looked up.
union Argument {
  float* buffer;
  int64_t integer;
  double number;
  Packed packed;
};

// Units [first, first + count) of a size that threads divide.
struct Range {
  int64_t first;
  int64_t count;
};

// Computes one instruction. The arguments are the words after the instruction's header, then one for each operand that the kernel takes as
// a packed copy, then two (first, count) for each size that it takes a range of. Operands do not overlap, except where the op's definition
// lets an output take over an input's memory: then they start at the same element.
using Kernel = void (*)(const Argument* arguments, Context& context);

// A matrix in memory: k rows of n columns, or their transpose.
struct MatrixView {
  const float* data;
  int64_t k;
  int64_t n;
  bool transposed;
  // Products read it rounded to bfloat16.
  bool rounded;
};

// Room for the sums of `multiplyRegisters`.
constexpr int PEAK_FLOATS = 24 * 16;

struct Isa {
  const char* name;
  Kernel (*kernelOf)(Op op, Activation activation);
  // Floats that a packed copy of a matrix takes, and the copy: what products read instead of the matrix.
  uint64_t (*packedLength)(const MatrixView& matrix);
  void (*pack)(const MatrixView& matrix, float* to);
  // Adds factor² to PEAK_FLOATS sums or fewer, `rounds` times, in registers; returns the floating-point operations done.
  int64_t (*multiplyRegisters)(int64_t rounds, float factor, float* sums);
  // Whether products round both factors to bfloat16 where they are asked to: the others do not see that they are.
  bool multipliesBfloat16;
};

}  // namespace chainrule
