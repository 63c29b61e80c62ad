#include "interpreter.h"

#include <algorithm>

#include "workspace.h"

namespace chainrule {

namespace {

// One thread alone: sizes are resolved as soon as an instruction changes the rows.
void execute(ThreadCode& code, int64_t from, int64_t to, Context& context) {
  const Instruction* const end = code.instructions() + to;
  for (const Instruction* next = code.instructions() + from; next < end; next++) {
    next->kernel(next->arguments, context);
    code.adoptRows(context.rows);
  }
}

// The leader's sleeps before it checks whether the helpers help.
constexpr int64_t SLEEPS_ALLOWED = 4;
constexpr int32_t MOST_RUNS_ALONE = 64;

void beginRepeat(const RunRequest& request, int64_t repeat, Context& context) {
  const int64_t batches = context.batchesPerEpoch;
  const int64_t batch = request.batch + repeat;
  // Divisions are slow, and epochs may be as short as a step.
  const int64_t epochs = batches == 0 || batch < batches ? 0 : batches == 1 ? batch : batch / batches;
  context.epoch = request.epoch + epochs;
  context.batch = batch - epochs * batches;
  context.repeat = repeat;
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
  int64_t until;
  bool goesOn;
  // Set where the leader alone would have been faster. It then ends the shared run early.
  bool hindered;
  Clock::time_point began;
  Barrier barrier;

  // Where other processes want the cores too, helpers come late. What the leader did without waiting, times the threads, is at least
  // what it would have taken alone: where that is less than the time gone by, it is better off so.
  bool isHindered(const Member& leader) const {
    if (leader.sleeps() <= SLEEPS_ALLOWED) return false;
    const Clock::duration elapsed = Clock::now() - began;
    return leader.members() * (elapsed - leader.waited()) < elapsed;
  }

  // From the first shared instruction to the end.
  template <bool LEADS>
  void execute(ThreadCode& code, Member& member) {
    const Instruction* const end = code.instructions() + code.count();
    for (const Instruction* next = code.instructions() + code.firstShared(); next < end; next++) {
      if (next->meets) {
        member.meet();
        code.adoptRows(context.rows);
      }
      next->kernel(next->arguments, context);
      if (LEADS) code.adoptRows(context.rows);
    }
  }
};

bool Interpreter::open(const Isa& isa, const CodeView& view, int32_t threads, int64_t scratch) {
  codes_.resize(view.division ? static_cast<size_t>(threads) : 1);
  scratches_.resize(codes_.size() > 1 ? codes_.size() + 1 : 1);
  for (Array<float>& memory : scratches_) {
    if (!memory.allocate(static_cast<uint64_t>(scratch))) return false;
  }
  if (codes_.size() > 1) pool_ = Pool::shared();
  for (ThreadCode& code : codes_) {
    if (!code.open(isa, view)) return false;
  }
  return true;
}

int64_t Interpreter::run(const RunRequest& request, Context& context, const std::atomic<bool>& cancelled) {
  if (!mayShare(request)) return runAlone(request, 0, request.repeats, context, cancelled);
  ThreadChoice& choice = choiceOf(request.rows);
  for (int64_t done = 0; done < request.repeats;) {
    const Turn turn = choice.next(request.repeats - done);
    const int64_t end = done + turn.repeats;
    const Clock::time_point began = Clock::now();
    done = turn.isShared ? runShared(request, done, end, context, cancelled) : runAlone(request, done, end, context, cancelled);
    if (done < end) return done;
    choice.note(turn, Clock::now() - began);
  }
  return request.repeats;
}

int64_t Interpreter::runShared(const RunRequest& request, int64_t done, int64_t end, Context& context, const std::atomic<bool>& cancelled) {
  SharedRun run{*this, request, context, cancelled, done, end, true, false, Clock::now(), {}};
  pool_->run(static_cast<int32_t>(codes_.size()), takePart, &run);
  if (!run.hindered) {
    nextRunsAlone_ = 1;
    return run.done;
  }
  runsAlone_ = nextRunsAlone_;
  nextRunsAlone_ = std::min(2 * nextRunsAlone_, MOST_RUNS_ALONE);
  return runAlone(request, run.done, end, context, cancelled);
}

ThreadChoice& Interpreter::choiceOf(int64_t rows) {
  size_t digits = 0;
  for (; rows > 0 && digits + 1 < choices_.size(); rows >>= 1) digits++;
  return choices_[digits];
}

bool Interpreter::mayShare(const RunRequest& request) {
  const ThreadCode& code = codes_[0];
  const bool isWhole = request.from == 0 && code.indexOf(request.to) == code.count();
  if (codes_.size() == 1 || !isWhole) return false;
  if (runsAlone_ == 0) return true;
  runsAlone_--;
  return false;
}

int64_t Interpreter::runAlone(const RunRequest& request, int64_t done, int64_t end, Context& context, const std::atomic<bool>& cancelled) {
  ThreadCode& code = codes_[0];
  const int64_t from = code.indexOf(request.from);
  const int64_t to = code.indexOf(request.to);
  code.adopt(request.rows, request.lent, 0, 1);
  useScratch(scratches_[0].data());
  for (; done < end; done++) {
    if (cancelled.load(std::memory_order_relaxed)) return done;
    beginRepeat(request, done, context);
    code.adoptRows(request.rows);
    execute(code, from, to, context);
  }
  return done;
}

void Interpreter::takePart(void* argument, int32_t index, int32_t threads) {
  SharedRun& run = *static_cast<SharedRun*>(argument);
  if (threads == 1) {
    run.done = run.interpreter.runAlone(run.request, run.done, run.until, run.context, run.cancelled);
  } else if (index == 0) {
    run.interpreter.lead(run, threads);
  } else {
    run.interpreter.follow(run, index, threads);
  }
}

// Begins each step: what comes before the first shared instruction is the leader's alone.
void Interpreter::lead(SharedRun& run, int32_t threads) {
  ThreadCode& code = codes_[0];
  Member member(run.barrier, 0, threads, scratches_.back().data());
  code.adopt(run.request.rows, run.request.lent, 0, threads);
  useScratch(scratches_[0].data());
  useMember(&member);
  for (; run.done < run.until && !run.hindered && !run.cancelled.load(std::memory_order_relaxed); run.done++) {
    beginRepeat(run.request, run.done, run.context);
    code.adoptRows(run.request.rows);
    execute(code, 0, code.firstShared(), run.context);
    run.barrier.meet(threads);
    run.execute<true>(code, member);
    member.meet();
    run.hindered = run.isHindered(member);
  }
  run.goesOn = false;
  run.barrier.meet(threads);
}

void Interpreter::follow(SharedRun& run, int32_t index, int32_t threads) {
  ThreadCode& code = codes_[static_cast<size_t>(index)];
  Member member(run.barrier, index, threads, scratches_.back().data());
  code.adopt(run.request.rows, run.request.lent, index, threads);
  useScratch(scratches_[static_cast<size_t>(index)].data());
  useMember(&member);
  for (;;) {
    member.meet();
    if (!run.goesOn) return;
    code.adoptRows(run.context.rows);
    run.execute<false>(code, member);
    member.meet();
  }
}

int64_t Interpreter::bytes() const {
  uint64_t total = 0;
  for (const ThreadCode& code : codes_) total += code.bytes();
  for (const Array<float>& scratch : scratches_) total += scratch.bytes();
  return static_cast<int64_t>(total);
}

}  // namespace chainrule
