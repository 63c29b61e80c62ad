// The seam between the portable code and the kernels: each instruction set provides one `Isa`.
#pragma once

#include <stdint.h>

#include "context.h"

namespace chainrule {

// Raised by another thread to stop a run. Its body is compiled once, outside the ISA files.
class Cancellation {
 public:
  virtual bool raised() const = 0;

 protected:
  ~Cancellation() = default;
};

// A verified program over its arena. Buffers of one instruction do not overlap, except where the op's definition lets an
// output take over an input's memory: then they start at the same element.
struct Machine {
  const int32_t* code;
  const double* literals;
  float* arena;
  Context* context;
  const Cancellation* cancellation;
};

struct RunRequest {
  int64_t from;
  int64_t to;
  int64_t repeats;
  int64_t iteration;
  int64_t rows;
};

// Room for the sums of `multiplyRegisters`.
constexpr int PEAK_FLOATS = 24 * 16;

struct Isa {
  const char* name;
  // Runs code words [from, to) `repeats` times; returns the repeats done, fewer where cancelled.
  int64_t (*execute)(const Machine& machine, const RunRequest& request);
  // Adds factor² to PEAK_FLOATS sums or fewer, `rounds` times, in registers; returns the floating-point operations done.
  int64_t (*multiplyRegisters)(int64_t rounds, float factor, float* sums);
};

}  // namespace chainrule
