// Sessions for another process, so that the kernels can run under sanitizers, or emulated: driver ISA. Commands come from stdin and
// answers go to stdout as test/native/driver.ts defines them: everything, sizes and values alike, is a little-endian double.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../cpu.h"
#include "../session.h"

namespace {

using chainrule::DataView;
using chainrule::Isa;
using chainrule::Numerics;
using chainrule::PackableView;
using chainrule::Problem;
using chainrule::RunRequest;
using chainrule::Session;

enum class Command { open, write, read, bind, run, records, dispose };

[[noreturn]] void fail(const std::string& message) {
  fprintf(stderr, "%s\n", message.c_str());
  exit(2);
}

// False where stdin has ended.
bool tryNumber(double& number) { return fread(&number, sizeof number, 1, stdin) == 1; }

double number() {
  double result;
  if (!tryNumber(result)) fail("a command is cut short");
  return result;
}

int64_t integer() { return static_cast<int64_t>(number()); }

template <typename T>
std::unique_ptr<T[]> numbers(int64_t length) {
  std::unique_ptr<T[]> values(new T[static_cast<size_t>(length)]);
  for (int64_t i = 0; i < length; i++) values[i] = static_cast<T>(number());
  return values;
}

template <typename T>
void answer(const T* values, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const double value = static_cast<double>(values[i]);
    fwrite(&value, sizeof value, 1, stdout);
  }
  fflush(stdout);
}

void answer(double value) { answer(&value, 1); }

// The length of what a session refuses something with, and its bytes; 0 where all is well.
void answer(const Problem& problem) {
  answer(static_cast<double>(problem.size()));
  answer(problem.data(), static_cast<int64_t>(problem.size()));
}

// As the addon checks its arguments.
int64_t checkedInteger(const char* name, double least, Problem& problem) {
  constexpr double MAX_SAFE_INTEGER = 9007199254740991.0;
  const double value = number();
  if (value >= least && value <= MAX_SAFE_INTEGER && value == trunc(value)) return static_cast<int64_t>(value);
  if (problem.empty()) problem = std::string(name) + ": expected an integer from " + std::to_string(static_cast<int>(least));
  return 0;
}

std::unique_ptr<Session> open(const Isa& isa) {
  const int64_t codeLength = integer();
  const int64_t divisionLength = integer();
  const int64_t literalCount = integer();
  const int64_t arenaElements = integer();
  const int64_t maximumRows = integer();
  const int64_t seed = integer();
  const int32_t threads = static_cast<int32_t>(integer());
  const Numerics numerics = static_cast<Numerics>(integer());
  const int64_t scratch = integer();
  const int64_t packableCount = integer();
  const auto code = numbers<int32_t>(codeLength);
  const auto division = numbers<int32_t>(divisionLength);
  const auto literals = numbers<double>(literalCount);
  std::vector<PackableView> packable(static_cast<size_t>(packableCount));
  for (PackableView& operand : packable) {
    operand.word = integer();
    operand.k = integer();
    operand.n = integer();
    const int64_t form = integer();
    operand.transposed = (form & 1) != 0;
    operand.rounded = (form & 2) != 0;
  }
  auto session = std::make_unique<Session>(isa);
  answer(session->open({code.get(), divisionLength ? division.get() : nullptr, static_cast<uint64_t>(codeLength), literals.get(),
                        static_cast<uint64_t>(literalCount), arenaElements, maximumRows, packable},
                       {seed, threads, numerics, scratch}));
  return session;
}

// Where `length` elements from the next number on lie in the arena.
int64_t inArena(const Session& session, int64_t& length) {
  const int64_t offset = integer();
  length = integer();
  if (offset < 0 || length < 0 || offset > session.arenaElements() - length) fail("not in the arena");
  return offset;
}

// Elements of the arena go by their bits: some are words that are no number as floats, and lose bits as doubles.
void write(Session& session) {
  int64_t length;
  const int64_t offset = inArena(session, length);
  const auto bits = numbers<uint32_t>(length);
  std::vector<float> values(static_cast<size_t>(length));
  if (length > 0) memcpy(values.data(), bits.get(), values.size() * sizeof(float));
  session.write(offset, values.data(), length);
}

void read(Session& session) {
  int64_t length;
  const int64_t offset = inArena(session, length);
  std::vector<uint32_t> bits(static_cast<size_t>(length));
  if (length > 0) memcpy(bits.data(), session.at(offset), bits.size() * sizeof(float));
  answer(bits.data(), length);
}

void bind(Session& session) {
  DataView data;
  const int64_t columns = integer();
  data.rows = integer();
  data.batchSize = integer();
  data.shuffle = integer() != 0;
  data.before = integer();
  std::vector<std::unique_ptr<float[]>> owned;
  for (int64_t i = 0; i < columns; i++) {
    const int64_t width = integer();
    const int64_t length = integer();
    owned.push_back(numbers<float>(length));
    data.columns.push_back({owned.back().get(), static_cast<uint64_t>(length), width});
  }
  answer(session.bind(data));
}

void run(Session& session) {
  RunRequest request;
  Problem problem;
  request.from = checkedInteger("from", 0, problem);
  request.to = checkedInteger("to", 0, problem);
  request.repeats = checkedInteger("repeats", 0, problem);
  request.epoch = checkedInteger("epoch", 0, problem);
  request.batch = checkedInteger("batch", 0, problem);
  request.rows = checkedInteger("rows", 1, problem);
  if (problem.empty()) problem = session.prepare(request);
  answer(problem);
  if (!problem.empty()) return;
  session.resume();
  answer(static_cast<double>(session.run(request)));
}

void records(Session& session) {
  const int64_t length = integer();
  if (length < 0 || static_cast<uint64_t>(length) > session.records().length()) fail("more records than there are");
  answer(session.records().data(), length);
}

void execute(Command command, Session& session) {
  switch (command) {
    case Command::write: return write(session);
    case Command::read: return read(session);
    case Command::bind: return bind(session);
    case Command::run: return run(session);
    case Command::records: return records(session);
    default: fail("not a command");
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) fail("usage: driver ISA");
  std::string error;
  const Isa* const isa = chainrule::chooseIsa(arguments[1], error);
  if (!isa) fail(error);
  answer(chainrule::TABLE_HASH);
  answer(chainrule::PROGRAM_VERSION);
  std::map<int64_t, std::unique_ptr<Session>> sessions;
  double word;
  while (tryNumber(word)) {
    const Command command = static_cast<Command>(static_cast<int>(word));
    const int64_t id = integer();
    if (command == Command::open) {
      sessions[id] = open(*isa);
    } else if (sessions.count(id) == 0) {
      fail("not a session");
    } else if (command == Command::dispose) {
      sessions.erase(id);
    } else {
      execute(command, *sessions[id]);
    }
  }
  return 0;
}
