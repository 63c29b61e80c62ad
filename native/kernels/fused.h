// A run of element-wise operations that walks memory once. A block of elements goes through all steps before the next: what one step leaves
// for another lies in registers, blocks of scratch memory that stay in the first cache. Each step is the loop of the op of its own.
#pragma once

#include <stdint.h>

#include "../generated/ops.h"
#include "../isa.h"
#include "../workspace.h"
#include "elementwise.h"
#include "movement.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// What a step reads: an element for each of the block (step 1), or one number for all of them (0).
struct ElementSource {
  const float* at;
  int64_t step;
};

// Of three sources, those that the function does not have are not read, but there.
using ElementFunction = void (*)(const ElementSource sources[3], float* out, int64_t size);

CHAINRULE_KERNEL void copyElements(const ElementSource sources[3], float* out, int64_t size) {
  const ElementSource x = sources[0];
  if (x.step == 0) return fill(out, size, *x.at);
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(x.at + i, n), n); });
}

template <typename F>
inline void unaryElements(const ElementSource sources[3], float* out, int64_t size) {
  unary<F>(sources[0].at, out, size, *sources[1].at);
}

template <typename F>
inline void unaryGradientElements(const ElementSource sources[3], float* out, int64_t size) {
  unaryGradient<F>(sources[0].at, sources[1].at, out, size, *sources[2].at);
}

template <typename F>
inline void binaryElements(const ElementSource sources[3], float* out, int64_t size) {
  binaryRun<F>(sources[0].at, sources[1].at, out, size, sources[0].step, sources[1].step, *sources[2].at);
}

template <typename F>
CHAINRULE_KERNEL void binaryPartialElements(const ElementSource sources[3], float* out, int64_t size) {
  const float* const x = sources[0].at;
  const float* const y = sources[1].at;
  const Vector alpha = broadcast(*sources[2].at);
  forEachVector(size, [=](int64_t i, int64_t n) {
    storeUpTo(out + i, F::partial(loadUpTo(x + i, n), loadUpTo(y + i, n), alpha), n);
  });
}

// What the second function of a chain takes of the first: its left or its right element.
enum class Side { left, right };

// Two functions as one step: what lies between them stays in a vector. A number is a vector that every step reads again.
template <typename First, typename Second, Side SIDE>
CHAINRULE_KERNEL void chainedElements(const ElementSource sources[3], float* out, int64_t size) {
  float numbers[3][LANES];
  const float* at[3];
  int64_t step[3];
  for (int k = 0; k < 3; k++) {
    step[k] = sources[k].step;
    at[k] = step[k] == 0 ? numbers[k] : sources[k].at;
    if (step[k] == 0) store(numbers[k], broadcast(*sources[k].at));
  }
  const float *const x = at[0], *const y = at[1], *const z = at[2];
  const int64_t xStep = step[0], yStep = step[1], zStep = step[2];
  const Vector none = zero();
  forEachVector(size, [=](int64_t i, int64_t n) {
    const Vector between = First::value(loadUpTo(x + i * xStep, n), loadUpTo(y + i * yStep, n), none);
    const Vector other = loadUpTo(z + i * zStep, n);
    storeUpTo(out + i, SIDE == Side::left ? Second::value(between, other, none) : Second::value(other, between, none), n);
  });
}

#include "../generated/element_functions.inc"

// The words of an instruction, and the places of its steps: src/ops/fused.ts, src/ops/element-steps.ts.
class ElementProgram {
 public:
  explicit ElementProgram(const Argument* arguments)
      : inputs_(arguments),
        outputs_(arguments + ELEMENT_INPUTS),
        outer_(arguments[ELEMENT_OPERANDS].integer),
        middle_(arguments[ELEMENT_OPERANDS + 1].integer),
        inner_(arguments[ELEMENT_OPERANDS + 2].integer),
        ways_(arguments[ELEMENT_OPERANDS + 3].integer) {
    takeLiterals(arguments + ELEMENT_OPERANDS + 4);
    takeSteps(arguments + ELEMENT_OPERANDS + 6 + ELEMENT_LITERALS);
    float* const scratch = threadScratch();
    for (int64_t i = 0; i < ELEMENT_REGISTERS; i++) places_[FIRST_REGISTER + i] = {scratch + i * ELEMENT_BLOCK, 1};
    repeated_ = scratch + ELEMENT_REGISTERS * ELEMENT_BLOCK;
  }

  void run() {
    const int64_t rows = outer_ * middle_;
    const int64_t rowsOfBlock = ELEMENT_BLOCK / inner_;
    if (rows == 1 || rowsOfBlock < 2) {
      for (int64_t row = 0; row < rows; row++) runRow(row);
    } else {
      for (int64_t row = 0; row < rows; row += rowsOfBlock) runRows(row, rows - row < rowsOfBlock ? rows - row : rowsOfBlock);
    }
  }

 private:
  static constexpr int FIRST_OUTPUT = ELEMENT_INPUTS;
  static constexpr int FIRST_REGISTER = FIRST_OUTPUT + ELEMENT_OUTPUTS;
  static constexpr int FIRST_LITERAL = FIRST_REGISTER + ELEMENT_REGISTERS;
  static constexpr int PLACES = FIRST_LITERAL + ELEMENT_LITERALS;
  // Bits of a way: the input moves with the outer, the middle, the inner size.
  static constexpr int64_t OUTER = 4;
  static constexpr int64_t MIDDLE = 2;
  static constexpr int64_t INNER = 1;
  static constexpr int64_t WHOLE = 7;

  struct Place {
    float* at;
    int64_t step;
  };

  struct Step {
    ElementFunction function;
    int32_t to;
    int32_t sources[3];
  };

  void takeLiterals(const Argument* arguments) {
    const double count = static_cast<double>(arguments[0].integer);
    const int64_t counted = arguments[1].integer;
    for (int i = 0; i < ELEMENT_LITERALS; i++) {
      const double value = arguments[2 + i].number;
      literals_[i] = static_cast<float>((counted >> i) & 1 ? value / count : value);
      places_[FIRST_LITERAL + i] = {literals_ + i, 0};
    }
  }

  void takeSteps(const Argument* words) {
    for (count_ = 0; count_ < ELEMENT_STEPS && words[count_].integer != 0; count_++) {
      const int64_t word = words[count_].integer;
      Step& step = steps_[count_];
      step.function = ELEMENT_FUNCTIONS[(word & ((1 << ELEMENT_FUNCTION_BITS) - 1)) - 1];
      step.to = placeOf(word, 0);
      for (int i = 0; i < 3; i++) step.sources[i] = placeOf(word, 1 + i);
    }
  }

  static int32_t placeOf(int64_t word, int field) {
    return static_cast<int32_t>((word >> (ELEMENT_FUNCTION_BITS + field * ELEMENT_PLACE_BITS)) & ((1 << ELEMENT_PLACE_BITS) - 1));
  }

  int64_t wayOf(int64_t input) const { return (ways_ >> (3 * input)) & WHOLE; }

  // Where an input that is read in that way has its part of a row.
  int64_t offsetOf(int64_t way, int64_t row) const {
    const int64_t inner = way & INNER ? inner_ : 1;
    const int64_t middle = way & MIDDLE ? middle_ : 1;
    return (way & OUTER ? row / middle_ * middle * inner : 0) + (way & MIDDLE ? row % middle_ * inner : 0);
  }

  void takeOutputs(int64_t offset) {
    for (int j = 0; j < ELEMENT_OUTPUTS; j++) places_[FIRST_OUTPUT + j] = {outputs_[j].buffer + offset, 1};
  }

  // A row, in blocks.
  void runRow(int64_t row) {
    for (int64_t start = 0; start < inner_; start += ELEMENT_BLOCK) {
      for (int64_t k = 0; k < ELEMENT_INPUTS; k++) {
        const int64_t way = wayOf(k);
        const int64_t offset = offsetOf(way, row) + (way & INNER ? start : 0);
        places_[k] = inputs_[k].buffer ? Place{inputs_[k].buffer + offset, way & INNER} : places_[FIRST_LITERAL];
      }
      takeOutputs(row * inner_ + start);
      runBlock(inner_ - start < ELEMENT_BLOCK ? inner_ - start : ELEMENT_BLOCK);
    }
  }

  // Whole rows, which are one block: what is repeated along them or between them is repeated in memory.
  void runRows(int64_t row, int64_t rows) {
    for (int64_t k = 0; k < ELEMENT_INPUTS; k++) {
      const int64_t way = wayOf(k);
      if (!inputs_[k].buffer) {
        places_[k] = places_[FIRST_LITERAL];
      } else if (way == WHOLE) {
        places_[k] = {inputs_[k].buffer + row * inner_, 1};
      } else if (way == 0) {
        places_[k] = {inputs_[k].buffer, 0};
      } else {
        float* const to = repeated_ + k * ELEMENT_BLOCK;
        // The same in all rows is repeated once: no block has more rows than the first.
        if (row == 0 || way != INNER) repeat(inputs_[k].buffer, way, row, rows, to);
        places_[k] = {to, 1};
      }
    }
    takeOutputs(row * inner_);
    runBlock(rows * inner_);
  }

  void repeat(const float* from, int64_t way, int64_t row, int64_t rows, float* to) const {
    for (int64_t r = row; r < row + rows; r++, to += inner_) copyRun(from + offsetOf(way, r), to, inner_, way & INNER);
  }

  void runBlock(int64_t size) const {
    for (const Step* step = steps_; step < steps_ + count_; step++) {
      ElementSource sources[3];
      for (int i = 0; i < 3; i++) sources[i] = {places_[step->sources[i]].at, places_[step->sources[i]].step};
      step->function(sources, places_[step->to].at, size);
    }
  }

  const Argument* inputs_;
  const Argument* outputs_;
  int64_t outer_;
  int64_t middle_;
  int64_t inner_;
  int64_t ways_;
  float literals_[ELEMENT_LITERALS];
  float* repeated_;
  Place places_[PLACES];
  int count_;
  Step steps_[ELEMENT_STEPS];
};

inline void elementwise(const Argument* arguments) { ElementProgram(arguments).run(); }

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
