#include "peak.h"

#include <stdint.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "training_thread.h"

namespace chainrule {

namespace {

// One thread's measurement.
struct Measurement {
  const Isa* isa = nullptr;
  TrainingThread thread;
  double gflops = 0.0;
};

// The best of many short runs: other load can only make a run slower.
void measure(void* argument) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds DURATION(20);
  constexpr int64_t ROUNDS = 4096;
  Measurement& measurement = *static_cast<Measurement*>(argument);
  float sums[PEAK_FLOATS] = {};
  const auto begin = Clock::now();
  for (auto now = begin; now - begin < DURATION;) {
    const int64_t operations = measurement.isa->multiplyRegisters(ROUNDS, 0.5f, sums);
    const auto end = Clock::now();
    const std::chrono::duration<double, std::nano> elapsed = end - now;
    measurement.gflops = std::max(measurement.gflops, static_cast<double>(operations) / elapsed.count());
    now = end;
  }
}

}  // namespace

double measurePeak(const Isa& isa, int threads) {
  std::vector<Measurement> measurements(static_cast<size_t>(threads));
  bool started = true;
  for (Measurement& measurement : measurements) {
    measurement.isa = &isa;
    started = started && measurement.thread.start(measure, &measurement);
  }
  double sum = 0.0;
  for (Measurement& measurement : measurements) {
    measurement.thread.join();
    sum += measurement.gflops;
  }
  return started ? sum : 0.0;
}

}  // namespace chainrule
