// A run of element-wise operations that walks memory once. A block of elements goes through all steps before the next: what one step leaves
// for another lies in registers, blocks of scratch memory that stay in the first cache. Each step is the loop of the op of its own.
#pragma once

#include <stdint.h>

#include "../generated/ops.h"
#include "../isa.h"
#include "../sizes.h"
#include "../workspace.h"
#include "element_sums.h"
#include "elementwise.h"
#include "movement.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// What a step reads: an element for each of the block (step 1), or one number for all of them (0).
struct ElementSource {
  const float* at;
  int64_t step;
};

// Of the sources, those that the function does not have are not read, but there.
using ElementFunction = void (*)(const ElementSource* sources, float* out, int64_t size);

CHAINRULE_KERNEL void copyElements(const ElementSource* sources, float* out, int64_t size) {
  const ElementSource x = sources[0];
  if (x.step == 0) return fillRun(out, size, *x.at);
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, loadUpTo(x.at + i, n), n); });
}

template <typename F>
inline void unaryElements(const ElementSource* sources, float* out, int64_t size) {
  unary<F>({sources[0].at, out, size, *sources[1].at});
}

template <typename F>
inline void unaryGradientElements(const ElementSource* sources, float* out, int64_t size) {
  unaryGradient<F>({sources[0].at, sources[1].at, out, size, *sources[2].at});
}

template <typename F>
inline void binaryElements(const ElementSource* sources, float* out, int64_t size) {
  binaryRun<F>(sources[0].at, sources[1].at, out, size, sources[0].step, sources[1].step, *sources[2].at);
}

template <typename F>
CHAINRULE_KERNEL void binaryPartialElements(const ElementSource* sources, float* out, int64_t size) {
  const float* const x = sources[0].at;
  const float* const y = sources[1].at;
  const Vector alpha = broadcast(*sources[2].at);
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, F::partial(loadUpTo(x + i, n), loadUpTo(y + i, n), alpha), n); });
}

// Functions of arithmetic, within a formula.
template <typename F>
inline Vector apply(Vector x) {
  return F::value(x, zero());
}

template <typename F>
inline Vector apply(Vector x, Vector y) {
  return F::value(x, y, zero());
}

// A formula of COUNT sources as one step: what lies between its functions stays in vectors. A number is a vector that every step reads again.
template <typename F, int COUNT>
CHAINRULE_KERNEL void composedElements(const ElementSource* sources, float* out, int64_t size) {
  float numbers[COUNT][LANES];
  const float* at[ELEMENT_SOURCES] = {};
  int64_t step[ELEMENT_SOURCES] = {};
  for (int k = 0; k < COUNT; k++) {
    step[k] = sources[k].step;
    at[k] = step[k] == 0 ? numbers[k] : sources[k].at;
    if (step[k] == 0) store(numbers[k], broadcast(*sources[k].at));
  }
  const auto take = [&](int k, int64_t i, int64_t n) { return k < COUNT ? loadUpTo(at[k] + i * step[k], n) : zero(); };
  forEachVector(size,
                [&](int64_t i, int64_t n) { storeUpTo(out + i, F::value(take(0, i, n), take(1, i, n), take(2, i, n), take(3, i, n)), n); });
}

#include "../generated/element_functions.inc"

// The words of an instruction, and the places of its steps: src/ops/fused.ts, src/ops/element-steps.ts.
class ElementProgram {
 public:
  explicit ElementProgram(const Argument* arguments)
      : inputs_(arguments + elementwiseWords::x0),
        outputs_(arguments + elementwiseWords::out0),
        outer_(arguments[elementwiseWords::outer].integer),
        middle_(arguments[elementwiseWords::middle].integer),
        inner_(arguments[elementwiseWords::inner].integer),
        reduced_(arguments[elementwiseWords::reduced].integer),
        ways_(arguments[elementwiseWords::ways].integer) {
    takeLiterals(arguments);
    takeSteps(arguments + elementwiseWords::step0);
    float* const scratch = threadScratch();
    for (int64_t i = 0; i < ELEMENT_REGISTERS; i++) places_[FIRST_REGISTER + i] = {scratch + i * ELEMENT_BLOCK, 1};
    repeated_ = scratch + ELEMENT_REGISTERS * ELEMENT_BLOCK;
  }

  // Of the elements that each sum goes over, `own` are this thread's.
  void run(Range own) {
    if (own.count < reduced_) return runParts(own);
    const int64_t row = reduced_ > 0 ? reduced_ : inner_;
    const int64_t rows = outer_ * middle_ * inner_ / row;
    const int64_t rowsOfBlock = ELEMENT_BLOCK / row;
    if (rowsOfBlock > 0) {
      rowOfBlock_ = row;
      for (int64_t r = 0; r < rows; r += rowsOfBlock) runBlock(r * row, least(rows - r, rowsOfBlock) * row, true);
    } else {
      for (int64_t r = 0; r < rows; r++) {
        runRow(r * row, row);
        forEachSum([=](int j, float* out) { out[r] = sums_.total(j); });
      }
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

  // Without a function it is a sum.
  struct Step {
    ElementFunction function;
    int32_t to;
    int32_t sources[ELEMENT_SOURCES];
  };

  void takeLiterals(const Argument* arguments) {
    const double count = static_cast<double>(arguments[elementwiseWords::count].integer);
    const int64_t counted = arguments[elementwiseWords::counted].integer;
    for (int i = 0; i < ELEMENT_LITERALS; i++) {
      const double value = arguments[elementwiseWords::literal0 + i].number;
      literals_[i] = static_cast<float>((counted >> i) & 1 ? value / count : value);
      places_[FIRST_LITERAL + i] = {literals_ + i, 0};
    }
  }

  void takeSteps(const Argument* words) {
    for (count_ = 0; count_ < ELEMENT_STEPS && words[count_].integer != 0; count_++) {
      const int64_t word = words[count_].integer;
      const int32_t number = bitsOf(word, 0, ELEMENT_FUNCTION_BITS);
      Step& step = steps_[count_];
      step.function = number == ELEMENT_SUM ? nullptr : ELEMENT_FUNCTIONS[number - 1];
      step.to = FIRST_OUTPUT + bitsOf(word, ELEMENT_FUNCTION_BITS, ELEMENT_RESULT_BITS);
      for (int k = 0; k < ELEMENT_SOURCES; k++)
        step.sources[k] = bitsOf(word, FIRST_SOURCE_BIT + k * ELEMENT_PLACE_BITS, ELEMENT_PLACE_BITS);
    }
  }

  static constexpr int FIRST_SOURCE_BIT = ELEMENT_FUNCTION_BITS + ELEMENT_RESULT_BITS;

  static int32_t bitsOf(int64_t word, int first, int count) { return static_cast<int32_t>((word >> first) & ((1 << count) - 1)); }

  int64_t wayOf(int64_t input) const { return (ways_ >> (3 * input)) & WHOLE; }

  // Where an input that is read in that way has its part of a row of the inner size.
  int64_t offsetOf(int64_t way, int64_t row) const {
    const int64_t inner = way & INNER ? inner_ : 1;
    const int64_t middle = way & MIDDLE ? middle_ : 1;
    return (way & OUTER ? row / middle_ * middle * inner : 0) + (way & MIDDLE ? row % middle_ * inner : 0);
  }

  // body(j, out) for each sum: the output's number and memory.
  template <typename Body>
  void forEachSum(Body body) const {
    for (const Step* step = steps_; step < steps_ + count_; step++) {
      if (!step->function) body(step->to - FIRST_OUTPUT, outputs_[step->to - FIRST_OUTPUT].buffer);
    }
  }

  // A row that is longer than a block, or a part of one.
  void runRow(int64_t at, int64_t size) {
    sums_.begin();
    for (; size > ELEMENT_BLOCK; at += ELEMENT_BLOCK, size -= ELEMENT_BLOCK) runBlock(at, ELEMENT_BLOCK, false);
    runBlock(at, size, true);
  }

  // Rows that threads compute together, each a range of whole parts: they leave the parts' sums in shared memory and meet; one adds them up.
  // The memory is there twice, since one thread may write for the next row while another still reads.
  void runParts(Range own) {
    constexpr int64_t PART_SUMS = ELEMENT_OUTPUTS * PARTIAL_SUMS;
    const int64_t parts = ceilDivide(reduced_, ELEMENT_PART);
    for (int64_t r = 0; r < outer_ * middle_ * inner_ / reduced_; r++) {
      float* const shared = sharedScratch() + r % 2 * parts * PART_SUMS;
      for (int64_t at = own.first; at < own.first + own.count; at += ELEMENT_PART) {
        runRow(r * reduced_ + at, least(reduced_ - at, ELEMENT_PART));
        forEachSum([=](int j, float*) { sums_.storePart(j, shared + at / ELEMENT_PART * PART_SUMS + j * PARTIAL_SUMS); });
      }
      meetOthers();
      if (own.first > 0 || own.count == 0) continue;
      forEachSum([=](int j, float* out) { out[r] = totalOfParts(shared + j * PARTIAL_SUMS, parts, PART_SUMS); });
    }
  }

  // Elements of the domain from `at` on, through all steps: whole rows, or a piece of one, which may be the last of it.
  void runBlock(int64_t at, int64_t size, bool isLast) {
    takeInputs(at, size);
    for (int j = 0; j < ELEMENT_OUTPUTS; j++) places_[FIRST_OUTPUT + j] = {outputs_[j].buffer + at, 1};
    for (const Step* step = steps_; step < steps_ + count_; step++) {
      ElementSource sources[ELEMENT_SOURCES];
      for (int k = 0; k < ELEMENT_SOURCES; k++) sources[k] = {places_[step->sources[k]].at, places_[step->sources[k]].step};
      if (step->function) {
        step->function(sources, places_[step->to].at, size);
      } else if (rowOfBlock_ > 0) {
        sumRows(sources[0].at, outputs_[step->to - FIRST_OUTPUT].buffer + at / rowOfBlock_, size / rowOfBlock_);
      } else {
        sums_.add(step->to - FIRST_OUTPUT, sources[0].at, size, isLast);
      }
    }
  }

  void sumRows(const float* x, float* out, int64_t rows) const {
    for (int64_t r = 0; r < rows; r++, x += rowOfBlock_)
      out[r] = sumOf(rowOfBlock_, [=](int64_t i, int64_t n) { return loadUpTo(x + i, n); });
  }

  // The inputs' elements of a block. Over more than one row of the inner size, what is repeated is repeated in memory.
  void takeInputs(int64_t at, int64_t size) {
    const int64_t row = at / inner_;
    const int64_t start = at % inner_;
    const bool isOfOneRow = start + size <= inner_;
    for (int64_t k = 0; k < ELEMENT_INPUTS; k++) {
      float* const input = inputs_[k].buffer;
      const int64_t way = wayOf(k);
      if (!input) {
        places_[k] = places_[FIRST_LITERAL];
      } else if (way == WHOLE) {
        places_[k] = {input + at, 1};
      } else if (isOfOneRow || way == 0) {
        places_[k] = {input + offsetOf(way, row) + (way & INNER ? start : 0), way & INNER};
      } else {
        float* const to = repeated_ + k * ELEMENT_BLOCK;
        // What is the same in all rows is there already, where the block before began at the same place of a row.
        if (way != INNER || start != repeatedFrom_ || size > repeatedSize_) repeat(input, way, row, start, size, to);
        places_[k] = {to, 1};
      }
    }
    repeatedFrom_ = isOfOneRow ? -1 : start;
    repeatedSize_ = size;
  }

  void repeat(const float* from, int64_t way, int64_t row, int64_t start, int64_t size, float* to) const {
    for (int64_t n; size > 0; row++, start = 0, to += n, size -= n) {
      n = least(inner_ - start, size);
      copyRun(from + offsetOf(way, row) + (way & INNER ? start : 0), to, n, way & INNER);
    }
  }

  const Argument* inputs_;
  const Argument* outputs_;
  int64_t outer_;
  int64_t middle_;
  int64_t inner_;
  // Elements that each sum goes over; 0 where there are none.
  int64_t reduced_;
  int64_t ways_;
  // Where blocks are whole rows: their length.
  int64_t rowOfBlock_ = 0;
  float literals_[ELEMENT_LITERALS];
  float* repeated_;
  // Where in a row the elements begin that are repeated, and how many there are; −1 where none are.
  int64_t repeatedFrom_ = -1;
  int64_t repeatedSize_ = 0;
  Place places_[PLACES];
  int count_;
  Step steps_[ELEMENT_STEPS];
  ElementSums sums_;
};

inline void elementwise(Range own, const Argument* arguments) { ElementProgram(arguments).run(own); }

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
