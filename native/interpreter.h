// Executes a program, alone or with helpers. All threads of a run interpret the same instructions, each its share of them.
#pragma once

#include <stdint.h>

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "barrier.h"
#include "memory.h"
#include "pool.h"
#include "thread_code.h"
#include "thread_choice.h"

namespace chainrule {

struct RunRequest {
  int64_t from;
  int64_t to;
  int64_t repeats;
  // The clock of the first repeat; each later one is one mini-batch later.
  int64_t epoch;
  int64_t batch;
  int64_t rows;
  Lent lent;
};

class Interpreter {
 public:
  // Decodes the code for up to `threads` threads, one where it is not divided, whose kernels use `scratch` floats each besides their operands. False
  // where memory is short.
  bool open(const Isa& isa, const CodeView& view, int32_t threads, int64_t scratch);

  // Helpers give way to the process's other threads from the next run on.
  void giveWay() {
    if (pool_) pool_ = Pool::shared(true);
  }

  // The arena lies elsewhere.
  void move(const ArenaView& arena) {
    for (ThreadCode& code : codes_) code.move(arena);
  }

  // Executes code words [from, to) `repeats` times, or until `cancelled` is seen before a repeat; returns the repeats done. Only
  // the whole program is shared: a part of it may begin where the division expects the threads to have met before.
  int64_t run(const RunRequest& request, Context& context, const std::atomic<bool>& cancelled);

  int64_t bytes() const;

 private:
  struct SharedRun;

  // Repeats [done, end), or until `cancelled` is seen before one; both return the repeats done.
  int64_t runAlone(const RunRequest& request, int64_t done, int64_t end, Context& context, const std::atomic<bool>& cancelled);
  int64_t runShared(const RunRequest& request, int64_t done, int64_t end, Context& context, const std::atomic<bool>& cancelled);
  bool mayShare(const RunRequest& request);
  ThreadChoice& choiceOf(int64_t rows);
  static void takePart(void* argument, int32_t index, int32_t threads);
  void lead(SharedRun& run, int32_t threads);
  void follow(SharedRun& run, int32_t index, int32_t threads);

  // By thread; the first also runs alone. Of scratches, the last is what several share.
  std::vector<ThreadCode> codes_;
  std::vector<Array<float>> scratches_;
  // Runs to go alone, and how many to go alone when helpers next turn out to have no core.
  int32_t runsAlone_ = 0;
  int32_t nextRunsAlone_ = 1;
  std::shared_ptr<Pool> pool_;
  // By the binary digits of the rows.
  std::array<ThreadChoice, 64> choices_;
};

}  // namespace chainrule
