// One program over one arena, with the data that it draws mini-batches from. Knows nothing of JavaScript; one call at a time, but
// for `cancel`.
#pragma once

#include <stdint.h>

#include <atomic>
#include <string>
#include <vector>

#include "context.h"
#include "interpreter.h"
#include "isa.h"
#include "memory.h"
#include "numerics.h"
#include "packed_operands.h"

namespace chainrule {

// The caller's error, or the memory that is missing; empty if all is well.
using Problem = std::string;

// A program as it comes from outside; copied by `open`. Beside the code lies, word for word, how threads divide it; null where one
// runs it.
struct ProgramView {
  const int32_t* code;
  const int32_t* division;
  uint64_t codeLength;
  const double* literals;
  uint64_t literalCount;
  int64_t arenaElements;
  int64_t maximumRows;
  // The operands that the program reads and never writes; may be empty.
  std::vector<PackableView> packable;
  // The arena's first elements, where others have them too; may be none.
  float* shared = nullptr;
  int64_t sharedElements = 0;
};

// One column of data: `width` values for each row; copied by `bind`. One that is not given is zeros, which `fill` replaces.
struct ColumnView {
  const float* data;
  uint64_t length;
  int64_t width;
  bool given = true;
};

struct DataView {
  std::vector<ColumnView> columns;
  int64_t rows;
  int64_t batchSize;
  bool shuffle;
  // Mini-batches that random streams count before the first of these rows; -1 where they are those of the clock's epochs.
  int64_t before = -1;
};

// Elements of the arena, from `offset` on, and where a copy of them goes.
struct ArenaCopy {
  int64_t offset;
  float* out;
  int64_t count;
};

struct SessionOptions {
  int64_t seed;
  int32_t threads;
  Numerics numerics;
  // Floats that each thread's kernels use besides their operands.
  int64_t scratch;
};

class Session {
 public:
  explicit Session(const Isa& isa) : isa_(isa) {}

  // The shared elements are these, as they are now. Their number stays.
  void share(float* shared);

  // Checks that the code can be interpreted without reading past it, the literals or the arena's start (the extents of each
  // operand are the verifier's concern, those of its shares the division's), copies it and allocates the arena, zeroed.
  Problem open(const ProgramView& program, const SessionOptions& options);

  // Copies the data in; whatever was bound before is freed.
  Problem bind(const DataView& data);

  // Copies values into a bound column, from one of its elements on.
  Problem fill(int64_t column, int64_t start, const float* values, uint64_t count);

  // Whether `run` may be called with this request; makes room for its records.
  Problem prepare(const RunRequest& request);

  // The helpers of its runs give way to the process's other threads from now on. Between runs.
  void giveWay() { interpreter_.giveWay(); }

  // Runs a prepared request to its end or to `cancel`; returns the repeats done. May run on any thread.
  int64_t run(const RunRequest& request);

  // Lets a coming run go ahead, and stops a run before its next repeat. Both from any thread.
  void resume() { cancelled_.store(false, std::memory_order_relaxed); }
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  // Elements [offset, offset + count), which are the arena's own.
  void write(int64_t offset, const float* values, int64_t count);
  const float* at(int64_t offset) const { return view_.at(offset); }
  // Gives whether all that was copied is finite: else the copies are not whole. May run on any thread.
  bool copyFinite(const std::vector<ArenaCopy>& copies) const;
  // With those that are shared.
  int64_t arenaElements() const { return view_.sharedLength + static_cast<int64_t>(arena_.length()); }
  int64_t sharedElements() const { return view_.sharedLength; }
  const Array<double>& records() const { return records_; }
  // All memory held, as told to the garbage collector.
  int64_t bytes() const;

 private:
  Problem checkCode() const;
  Problem checkInstruction(int64_t at) const;
  bool isValid(WordKind kind, int64_t word) const;
  Problem checkDivision(int64_t at) const;
  Problem measureRecord();
  Problem checkPackable(const std::vector<PackableView>& operands) const;
  bool keepsColumn(const DataView& data, size_t i) const;
  Problem checkGathers(const DataView& data) const;
  Problem checkRange(const RunRequest& request) const;

  const Isa& isa_;
  Array<int32_t> code_;
  // As long as the code, or empty.
  Array<int32_t> division_;
  Array<double> literals_;
  // 1 where an instruction starts, and at the end of the code.
  Array<uint8_t> starts_;
  int64_t maximumRows_ = 0;
  // The elements that are not shared.
  Array<float> arena_;
  ArenaView view_;
  std::vector<Array<float>> columns_;
  std::vector<const float*> columnData_;
  Array<int32_t> order_;
  Array<double> records_;
  Context context_{};
  PackedOperands packed_;
  Interpreter interpreter_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace chainrule
