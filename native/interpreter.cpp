#include "interpreter.h"

namespace chainrule {

namespace {

// One thread for itself: whoever changes the rows sees to the sizes at once.
void execute(ThreadCode& code, int64_t from, int64_t to, Context& context) {
  const Instruction* const end = code.instructions() + to;
  for (const Instruction* next = code.instructions() + from; next < end; next++) {
    next->kernel(next->arguments, context);
    code.adoptRows(context.rows);
  }
}

void beginRepeat(const RunRequest& request, int64_t done, Context& context) {
  context.iteration = request.iteration + done;
  context.rows = request.rows;
}

}  // namespace

// `goesOn`, `done` and the context are written by the leader alone, while the others wait at a barrier; the arena by whoever has
// the share, with a barrier wherever the division says that another thread's comes next.
struct Interpreter::SharedRun {
  Interpreter& interpreter;
  const RunRequest& request;
  Context& context;
  const std::atomic<bool>& cancelled;
  int64_t done;
  bool goesOn;
  Barrier barrier;

  // From the first shared instruction to the end.
  template <bool LEADS>
  void execute(ThreadCode& code, int32_t threads) {
    const Instruction* const end = code.instructions() + code.count();
    for (const Instruction* next = code.instructions() + code.firstShared(); next < end; next++) {
      if (next->meets) {
        barrier.meet(threads);
        code.adoptRows(context.rows);
      }
      next->kernel(next->arguments, context);
      if (LEADS) code.adoptRows(context.rows);
    }
  }
};

bool Interpreter::open(const Isa& isa, const CodeView& view, int32_t threads) {
  codes_.resize(view.division ? static_cast<size_t>(threads) : 1);
  if (codes_.size() > 1) pool_ = Pool::shared();
  for (ThreadCode& code : codes_) {
    if (!code.open(isa, view)) return false;
  }
  return true;
}

int64_t Interpreter::run(const RunRequest& request, Context& context, const std::atomic<bool>& cancelled) {
  const ThreadCode& code = codes_[0];
  const bool isWhole = request.from == 0 && code.indexOf(request.to) == code.count();
  if (codes_.size() == 1 || !isWhole) return runAlone(request, context, cancelled);
  SharedRun run{*this, request, context, cancelled, 0, true, {}};
  pool_->run(static_cast<int32_t>(codes_.size()), takePart, &run);
  return run.done;
}

int64_t Interpreter::runAlone(const RunRequest& request, Context& context, const std::atomic<bool>& cancelled) {
  ThreadCode& code = codes_[0];
  const int64_t from = code.indexOf(request.from);
  const int64_t to = code.indexOf(request.to);
  code.adopt(request.rows, 0, 1);
  for (int64_t done = 0; done < request.repeats; done++) {
    if (cancelled.load(std::memory_order_relaxed)) return done;
    beginRepeat(request, done, context);
    code.adoptRows(request.rows);
    execute(code, from, to, context);
  }
  return request.repeats;
}

void Interpreter::takePart(void* argument, int32_t index, int32_t threads) {
  SharedRun& run = *static_cast<SharedRun*>(argument);
  if (threads == 1) {
    run.done = run.interpreter.runAlone(run.request, run.context, run.cancelled);
  } else if (index == 0) {
    run.interpreter.lead(run, threads);
  } else {
    run.interpreter.follow(run, index, threads);
  }
}

// Begins each step: what comes before the first shared instruction is the leader's alone.
void Interpreter::lead(SharedRun& run, int32_t threads) {
  ThreadCode& code = codes_[0];
  code.adopt(run.request.rows, 0, threads);
  for (; run.done < run.request.repeats && !run.cancelled.load(std::memory_order_relaxed); run.done++) {
    beginRepeat(run.request, run.done, run.context);
    code.adoptRows(run.request.rows);
    execute(code, 0, code.firstShared(), run.context);
    run.barrier.meet(threads);
    run.execute<true>(code, threads);
    run.barrier.meet(threads);
  }
  run.goesOn = false;
  run.barrier.meet(threads);
}

void Interpreter::follow(SharedRun& run, int32_t index, int32_t threads) {
  ThreadCode& code = codes_[static_cast<size_t>(index)];
  code.adopt(run.request.rows, index, threads);
  for (;;) {
    run.barrier.meet(threads);
    if (!run.goesOn) return;
    code.adoptRows(run.context.rows);
    run.execute<false>(code, threads);
    run.barrier.meet(threads);
  }
}

int64_t Interpreter::bytes() const {
  uint64_t total = 0;
  for (const ThreadCode& code : codes_) total += code.bytes();
  return static_cast<int64_t>(total);
}

}  // namespace chainrule
