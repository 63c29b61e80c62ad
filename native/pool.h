// The process's helper threads, lent to one run at a time.
#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "barrier.h"

namespace chainrule {

class Pool {
 public:
  // Work for several threads: called with index 0 … threads − 1, once on each.
  using Job = void (*)(void* argument, int32_t index, int32_t threads);

  // The process's pools: of threads that give way to others, and of threads that do not. A pool ends, with its threads, when nobody holds it any
  // more: the addon may be unloaded after that.
  static std::shared_ptr<Pool> shared(bool givesWay = false);

  explicit Pool(bool givesWay) : givesWay_(givesWay) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // Runs the job on this thread, as index 0, and on idle helpers, `threads` at most. Helpers are made until there are threads − 1
  // of them in the whole pool, so that runs at the same time share them; a run that finds none goes on alone. Returns when all have
  // ended. May be called from any thread.
  void run(int32_t threads, Job job, void* argument);

 private:
  struct Work {
    Job job;
    void* argument;
    int32_t index;
    int32_t threads;
  };

  // Made by `hire`, lives as long as the pool. `work_` is handed over by `begun`, and back by `ended`.
  class Helper {
   public:
    // Throws std::system_error where the system gives no thread.
    explicit Helper(bool givesWay) : thread_(&Helper::loop, this, givesWay) {}
    ~Helper();

    void begin(const Work& work);
    void waitForEnd();

   private:
    void loop(bool givesWay);

    // No job: the thread shall end.
    Work work_{};
    Signal begun_;
    Signal ended_;
    uint32_t endsSeen_ = 0;
    std::thread thread_;
  };

  std::vector<Helper*> hire(size_t most);
  void dismiss(const std::vector<Helper*>& helpers);
  void grow(size_t most);

  const bool givesWay_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Helper>> helpers_;
  std::vector<Helper*> idle_;
};

}  // namespace chainrule
