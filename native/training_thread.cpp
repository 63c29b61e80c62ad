#include "training_thread.h"

#include <system_error>

#include "priority.h"

namespace chainrule {

bool TrainingThread::start(Job job, void* argument) {
  if (!thread_.joinable()) {
    // std::thread reports a refusal of the system by an exception alone.
    try {
      thread_ = std::thread(&TrainingThread::loop, this);
    } catch (const std::system_error&) {
      return false;
    }
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    job_ = job;
    argument_ = argument;
  }
  changed_.notify_one();
  return true;
}

void TrainingThread::join() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
  ending_ = false;
}

void TrainingThread::loop() {
  if (givesWay_) lowerPriority();
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return job_ || ending_; });
    if (!job_) return;
    const Job job = job_;
    void* const argument = argument_;
    job_ = nullptr;
    lock.unlock();
    job(argument);
    lock.lock();
  }
}

}  // namespace chainrule
