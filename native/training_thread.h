// A thread that runs one job after another and is parked in between, so that a `fit` of many chunks starts it once.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace chainrule {

class TrainingThread {
 public:
  using Job = void (*)(void* argument);

  TrainingThread() = default;
  TrainingThread(const TrainingThread&) = delete;
  TrainingThread& operator=(const TrainingThread&) = delete;
  ~TrainingThread() { join(); }

  // The thread, made by the next `start`, gives way to the process's others.
  void giveWay() { givesWay_ = true; }

  // Hands over a job; the one before it must be done. False where the system gives no thread.
  bool start(Job job, void* argument);

  // Waits for the job under way and ends the thread. The next `start` makes a new one.
  void join();

 private:
  void loop();

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Job job_ = nullptr;
  void* argument_ = nullptr;
  bool ending_ = false;
  bool givesWay_ = false;
};

}  // namespace chainrule
