#include "pool.h"

#include <algorithm>
#include <system_error>

#include "priority.h"

namespace chainrule {

std::shared_ptr<Pool> Pool::shared(bool givesWay) {
  static std::mutex mutex;
  static std::weak_ptr<Pool> pools[2];
  std::weak_ptr<Pool>& current = pools[givesWay ? 1 : 0];
  const std::lock_guard<std::mutex> lock(mutex);
  std::shared_ptr<Pool> pool = current.lock();
  if (!pool) {
    pool = std::make_shared<Pool>(givesWay);
    current = pool;
  }
  return pool;
}

Pool::~Pool() = default;

void Pool::run(int32_t threads, Job job, void* argument) {
  const std::vector<Helper*> helpers = hire(static_cast<size_t>(threads - 1));
  const int32_t size = static_cast<int32_t>(helpers.size()) + 1;
  for (int32_t i = 1; i < size; i++) helpers[i - 1]->begin({job, argument, i, size});
  job(argument, 0, size);
  for (Helper* helper : helpers) helper->waitForEnd();
  dismiss(helpers);
}

std::vector<Pool::Helper*> Pool::hire(size_t most) {
  const std::lock_guard<std::mutex> lock(mutex_);
  grow(most);
  const size_t taken = std::min(most, idle_.size());
  const std::vector<Helper*> helpers(idle_.end() - taken, idle_.end());
  idle_.resize(idle_.size() - taken);
  return helpers;
}

void Pool::dismiss(const std::vector<Helper*>& helpers) {
  const std::lock_guard<std::mutex> lock(mutex_);
  idle_.insert(idle_.end(), helpers.begin(), helpers.end());
}

// With fewer helpers than wanted, training goes on: only slower.
void Pool::grow(size_t most) {
  try {
    while (helpers_.size() < most) {
      helpers_.push_back(std::make_unique<Helper>(givesWay_));
      idle_.push_back(helpers_.back().get());
    }
  } catch (const std::system_error&) {
  }
}

Pool::Helper::~Helper() {
  begin({});
  thread_.join();
}

void Pool::Helper::begin(const Work& work) {
  work_ = work;
  endsSeen_ = ended_.value();
  begun_.raise();
}

void Pool::Helper::waitForEnd() { ended_.waitWhile(endsSeen_); }

void Pool::Helper::loop(bool givesWay) {
  if (givesWay) lowerPriority();
  for (uint32_t seen = 0;; seen++) {
    begun_.waitWhile(seen);
    if (!work_.job) return;
    work_.job(work_.argument, work_.index, work_.threads);
    ended_.raise();
  }
}

}  // namespace chainrule
