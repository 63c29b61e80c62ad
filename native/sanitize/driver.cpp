// Runs recorded cases under the sanitizers that it is built with: driver ISA CASES RESULTS.
// The file format is defined in test/native/sanitizer.ts: everything, sizes and values alike, is a little-endian double.
// Every arena is a heap block of its own, poisoned right behind its last element.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <memory>
#include <string>
#include <vector>

#include "../cpu.h"
#include "../session.h"

namespace {

using chainrule::ColumnView;
using chainrule::DataView;
using chainrule::Isa;
using chainrule::PackableView;
using chainrule::Problem;
using chainrule::RunRequest;
using chainrule::Session;

[[noreturn]] void fail(const std::string& message) {
  fprintf(stderr, "%s\n", message.c_str());
  exit(2);
}

// The numbers of a file, one after the other.
class Reader {
 public:
  explicit Reader(const char* path) {
    FILE* file = fopen(path, "rb");
    if (!file) fail(std::string("cannot read ") + path);
    double number;
    while (fread(&number, sizeof number, 1, file) == 1) numbers_.push_back(number);
    fclose(file);
  }

  bool atEnd() const { return next_ == numbers_.size(); }

  double number() {
    if (atEnd()) fail("the file of cases is cut short");
    return numbers_[next_++];
  }

  int64_t integer() { return static_cast<int64_t>(number()); }

  template <typename T>
  std::unique_ptr<T[]> array(int64_t length) {
    std::unique_ptr<T[]> values(new T[static_cast<size_t>(length)]);
    for (int64_t i = 0; i < length; i++) values[i] = static_cast<T>(number());
    return values;
  }

 private:
  std::vector<double> numbers_;
  size_t next_ = 0;
};

void require(const Problem& problem) {
  if (!problem.empty()) fail(problem);
}

void open(Session& session, Reader& cases) {
  const int64_t codeLength = cases.integer();
  const int64_t literalCount = cases.integer();
  const int64_t arenaElements = cases.integer();
  const int64_t maximumRows = cases.integer();
  const int64_t seed = cases.integer();
  const int64_t threads = cases.integer();
  const int64_t packableCount = cases.integer();
  const auto code = cases.array<int32_t>(codeLength);
  const auto division = threads > 1 ? cases.array<int32_t>(codeLength) : nullptr;
  const auto literals = cases.array<double>(literalCount);
  std::vector<PackableView> packable(static_cast<size_t>(packableCount));
  for (PackableView& operand : packable) {
    operand.word = cases.integer();
    operand.k = cases.integer();
    operand.n = cases.integer();
    operand.transposed = cases.integer() != 0;
  }
  require(session.open({code.get(), division.get(), static_cast<uint64_t>(codeLength), literals.get(),
                        static_cast<uint64_t>(literalCount), arenaElements, maximumRows, packable},
                       {seed, static_cast<int32_t>(threads), false}));
  const auto arena = cases.array<float>(arenaElements);
  if (arenaElements) session.write(0, arena.get(), arenaElements);
}

void bind(Session& session, Reader& cases) {
  const int64_t columns = cases.integer();
  if (columns == 0) return;
  DataView data;
  data.rows = cases.integer();
  data.batchSize = cases.integer();
  data.shuffle = cases.integer() != 0;
  data.stepBase = cases.integer();
  data.epochBase = cases.integer();
  std::vector<std::unique_ptr<float[]>> owned;
  for (int64_t i = 0; i < columns; i++) {
    const int64_t width = cases.integer();
    owned.push_back(cases.array<float>(data.rows * width));
    data.columns.push_back({owned.back().get(), static_cast<uint64_t>(data.rows * width), width});
  }
  require(session.bind(data));
}

void run(Session& session, Reader& cases) {
  RunRequest request;
  request.from = cases.integer();
  request.to = cases.integer();
  request.repeats = cases.integer();
  request.iteration = cases.integer();
  request.rows = cases.integer();
  require(session.prepare(request));
  session.run(request);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) fail("usage: driver ISA CASES RESULTS");
  std::string error;
  const Isa* isa = chainrule::chooseIsa(arguments[1], error);
  if (!isa) fail(error);
  Reader cases(arguments[2]);
  FILE* results = fopen(arguments[3], "wb");
  if (!results) fail(std::string("cannot write ") + arguments[3]);
  while (!cases.atEnd()) {
    Session session(*isa);
    open(session, cases);
    bind(session, cases);
    run(session, cases);
    for (int64_t i = 0; i < session.arenaElements(); i++) {
      const double value = session.arena()[i];
      fwrite(&value, sizeof value, 1, results);
    }
  }
  return fclose(results) == 0 ? 0 : 2;
}
