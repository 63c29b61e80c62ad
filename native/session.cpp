#include "session.h"

#include <string.h>

#include <utility>

#include "finite.h"
#include "generated/ops.h"
#include "sizes.h"

namespace chainrule {

namespace {

std::string text(int64_t number) { return std::to_string(number); }

Problem outOfMemory(const char* what, uint64_t bytes) {
  return "not enough memory: could not allocate " + std::to_string(bytes) + " bytes for " + what;
}

template <typename T>
bool copyInto(Array<T>& target, const T* values, uint64_t length) {
  if (!target.allocate(length)) return false;
  if (length) memcpy(target.data(), values, static_cast<size_t>(length) * sizeof(T));
  return true;
}

constexpr int64_t COPIED_TOGETHER = int64_t{1} << 14;
constexpr int64_t LARGEST_RECORD = int64_t{1} << 27;

bool isOp(int32_t word, Op op) { return word == static_cast<int32_t>(op); }

}  // namespace

Problem Session::open(const ProgramView& program, const SessionOptions& options) {
  maximumRows_ = program.maximumRows;
  context_ = Context{};
  context_.rows = 1;
  context_.batchSize = 1;
  context_.batchesPerEpoch = 1;
  context_.before = -1;
  context_.orderEpoch = -1;
  context_.seed = options.seed;
  context_.numerics = options.numerics;
  const bool copied = copyInto(code_, program.code, program.codeLength) &&
                      copyInto(division_, program.division, program.division ? program.codeLength : 0) &&
                      copyInto(literals_, program.literals, program.literalCount) && starts_.allocate(program.codeLength + 1);
  if (!copied) return outOfMemory("the program", program.codeLength * sizeof(int32_t));
  const uint64_t elements = static_cast<uint64_t>(program.arenaElements - program.sharedElements);
  if (!arena_.allocate(elements)) return outOfMemory("the arena", elements * sizeof(float));
  view_ = {program.shared, program.sharedElements, arena_.data()};
  const Problem problem = checkCode();
  if (!problem.empty()) return problem;
  for (uint64_t at = 0; at < code_.length(); at += static_cast<uint64_t>(code_[at + 1])) starts_[at] = 1;
  starts_[code_.length()] = 1;
  const Problem unrecordable = measureRecord();
  if (!unrecordable.empty()) return unrecordable;
  const Problem unpackable = checkPackable(program.packable);
  if (!unpackable.empty()) return unpackable;
  if (!packed_.open(isa_, program.packable, code_.data(), code_.length(), view_)) return outOfMemory("the program", code_.bytes());
  const CodeView view = {
      code_.data(),    division_.length() ? division_.data() : nullptr, static_cast<int64_t>(code_.length()), literals_.data(), view_,
      packed_.byWord()};
  if (!interpreter_.open(isa_, view, options.threads, options.scratch)) return outOfMemory("the decoded program", code_.bytes());
  return {};
}

Problem Session::checkCode() const {
  const int64_t length = static_cast<int64_t>(code_.length());
  for (int64_t at = 0; at < length; at += code_[at + 1]) {
    const Problem problem = checkInstruction(at);
    if (!problem.empty()) return "code word " + text(at) + ": " + problem;
  }
  return {};
}

Problem Session::checkInstruction(int64_t at) const {
  const int64_t left = static_cast<int64_t>(code_.length()) - at;
  if (left < HEADER_WORDS) return "the instruction is cut short";
  const int32_t op = code_[at];
  if (op < 0 || op >= OP_COUNT) return "expected an op id from 0 to " + text(OP_COUNT - 1) + ", got " + text(op);
  const Signature& signature = SIGNATURES[op];
  const int64_t words = HEADER_WORDS + signature.count;
  if (code_[at + 1] != words) return "expected an instruction of " + text(words) + " words, got " + text(code_[at + 1]);
  if (left < words) return "the instruction is cut short";
  for (int64_t i = HEADER_WORDS; i < words; i++) {
    const int64_t word = code_[at + i];
    if (!isValid(signature.words[i - HEADER_WORDS], word)) return "word " + text(i) + " is out of range: " + text(word);
  }
  return division_.length() ? checkDivision(at) : Problem();
}

bool Session::isValid(WordKind kind, int64_t word) const {
  switch (kind) {
    case WordKind::buffer:
    case WordKind::packable: return word >= 0 && word < arenaElements();
    case WordKind::bufferOrAbsent: return word == ABSENT || (word >= 0 && word < arenaElements());
    case WordKind::literal: return word >= 0 && word < static_cast<int64_t>(literals_.length());
    case WordKind::activation: return word >= 0 && word < ACTIVATION_COUNT;
    case WordKind::size:
    case WordKind::range:
    case WordKind::integer: return true;
  }
  return false;
}

// A divided size is a size and has a granule. A size divided within units is one that kernels take ranges of. Where threads compute the
// units together, the size that they take ranges of has two granules or more, or depends on the rows: with fewer granules one thread
// computes all of it. The same holds of the divided size where they compute the whole together.
Problem Session::checkDivision(int64_t at) const {
  const Signature& signature = SIGNATURES[code_[at]];
  const int64_t over = division_[at + 1];
  if (over == 0) return {};
  const int64_t divided = over - HEADER_WORDS;
  const bool hasSize = divided >= 0 && divided < signature.count && isSize(signature.words[divided]);
  if (!hasSize || division_[at + over] < 1) return "the division is out of range: " + text(over);
  bool lacksTogether = (division_[at] & TOGETHER) != 0;
  for (int32_t i = 0; i < signature.count; i++) {
    const int64_t granule = division_[at + HEADER_WORDS + i];
    if (isBuffer(signature.words[i]) || i == divided || granule == 0) continue;
    const int64_t size = code_[at + HEADER_WORDS + i];
    const bool isFew = size < 0 ? !lacksTogether : size <= (lacksTogether ? granule : 0);
    if (signature.words[i] != WordKind::range || granule < 1 || isFew) return "the division is out of range: " + text(i);
    lacksTogether = false;
  }
  if (!lacksTogether) return {};
  // The whole is computed together.
  const int64_t size = code_[at + over];
  if (signature.words[divided] != WordKind::range || (size >= 0 && size <= division_[at + over]))
    return "the division names nothing that threads compute together";
  return {};
}

// The record has room for what the code may write there with the most rows.
Problem Session::measureRecord() {
  for (uint64_t at = 0; at < code_.length(); at += static_cast<uint64_t>(code_[at + 1])) {
    if (!isOp(code_[at], Op::record)) continue;
    const int32_t* const word = code_.data() + at + HEADER_WORDS + 1;
    const auto sizeOf = [this](int32_t size) { return size >= 0 ? int64_t{size} : -int64_t{size} * maximumRows_; };
    if (word[0] < 0 || word[1] > 0) return "code word " + text(static_cast<int64_t>(at)) + ": expected a place in the record";
    const int64_t end = word[0] + sizeOf(word[1]) + sizeOf(word[2]);
    if (end > LARGEST_RECORD) return "expected a record of at most " + text(LARGEST_RECORD) + " numbers, got " + text(end);
    if (end > context_.recordWidth) context_.recordWidth = end;
  }
  return {};
}

// An operand that a kernel takes as a packed copy; it lies within the arena.
Problem Session::checkPackable(const std::vector<PackableView>& operands) const {
  const int64_t length = static_cast<int64_t>(code_.length());
  for (const PackableView& operand : operands) {
    const Problem problem = "the packable operand is out of range: word " + text(operand.word);
    if (operand.word < HEADER_WORDS || operand.word >= length || operand.k < 1 || operand.n < 1) return problem;
    int64_t at = operand.word;
    while (!starts_[at]) at--;
    const int64_t place = operand.word - at - HEADER_WORDS;
    if (place < 0 || SIGNATURES[code_[at]].words[place] != WordKind::packable) return problem;
    if (operand.n > (arenaElements() - code_[operand.word]) / operand.k) return problem;
  }
  return {};
}

void Session::share(float* shared) {
  packed_.changed(0, view_.sharedLength);
  if (shared == view_.shared) return;
  view_.shared = shared;
  packed_.move(view_);
  interpreter_.move(view_);
}

void Session::write(int64_t offset, const float* values, int64_t count) {
  memcpy(view_.at(offset), values, static_cast<size_t>(count) * sizeof(float));
  packed_.changed(offset, count);
}

bool Session::copyFinite(const std::vector<ArenaCopy>& copies) const {
  for (const ArenaCopy& copy : copies) {
    // What was copied is still in the cache when it is looked at.
    for (int64_t start = 0; start < copy.count; start += COPIED_TOGETHER) {
      const int64_t count = least(COPIED_TOGETHER, copy.count - start);
      memcpy(copy.out + start, view_.at(copy.offset + start), static_cast<size_t>(count) * sizeof(float));
      if (firstNotFinite(copy.out + start, count, 1) >= 0) return false;
    }
  }
  return true;
}

Problem Session::bind(const DataView& data) {
  if (data.batchSize > maximumRows_) {
    return "expected a batch of at most " + text(maximumRows_) + " rows, got " + text(data.batchSize);
  }
  const Problem problem = checkGathers(data);
  if (!problem.empty()) return problem;
  std::vector<Array<float>> columns(data.columns.size());
  std::vector<const float*> pointers(data.columns.size());
  for (size_t i = 0; i < columns.size(); i++) {
    const uint64_t length = static_cast<uint64_t>(data.rows) * static_cast<uint64_t>(data.columns[i].width);
    const ColumnView& column = data.columns[i];
    if (keepsColumn(data, i)) continue;
    const bool held = column.given ? copyInto(columns[i], column.data, length) : columns[i].allocate(length);
    if (!held) return outOfMemory("the data", length * sizeof(float));
  }
  Array<int32_t> order;
  const uint64_t rows = static_cast<uint64_t>(data.rows);
  if (!order.allocate(rows)) return outOfMemory("the order of the data", rows * sizeof(int32_t));
  for (size_t i = 0; i < columns.size(); i++) {
    if (keepsColumn(data, i)) columns[i] = std::move(columns_[i]);
    pointers[i] = columns[i].data();
  }
  columns_ = std::move(columns);
  columnData_ = std::move(pointers);
  order_ = std::move(order);
  context_.columns = columnData_.data();
  context_.order = order_.data();
  context_.dataRows = data.rows;
  context_.orderEpoch = -1;
  context_.cursor = 0;
  context_.batchSize = data.batchSize;
  context_.batchesPerEpoch = ceilDivide(data.rows, data.batchSize);
  context_.shuffle = data.shuffle;
  context_.before = data.before;
  return {};
}

// Whether a column that is filled later takes the memory of the one before: windows of a dataset follow one another, and fresh memory costs more than
// to fill it.
bool Session::keepsColumn(const DataView& data, size_t i) const {
  const uint64_t length = static_cast<uint64_t>(data.rows) * static_cast<uint64_t>(data.columns[i].width);
  return !data.columns[i].given && i < columns_.size() && columns_[i].length() == length;
}

Problem Session::fill(int64_t column, int64_t start, const float* values, uint64_t count) {
  if (static_cast<uint64_t>(column) >= columns_.size())
    return "expected one of " + text(static_cast<int64_t>(columns_.size())) + " columns, got " + text(column);
  const uint64_t length = columns_[static_cast<size_t>(column)].length();
  const uint64_t first = static_cast<uint64_t>(start);
  if (first > length || count > length - first) {
    return "column " + text(column) + ": expected values within its " + text(static_cast<int64_t>(length)) + ", got " +
           text(static_cast<int64_t>(count)) + " from " + text(start) + " on";
  }
  if (count) memcpy(columns_[static_cast<size_t>(column)].data() + first, values, static_cast<size_t>(count) * sizeof(float));
  return {};
}

// Every gather must find its column, of the width that its code says.
Problem Session::checkGathers(const DataView& data) const {
  for (size_t i = 0; i < data.columns.size(); i++) {
    const ColumnView& column = data.columns[i];
    if (column.given && static_cast<uint64_t>(column.width) > column.length / static_cast<uint64_t>(data.rows)) {
      return "column " + text(static_cast<int64_t>(i)) + ": expected " + text(data.rows) + " rows of " + text(column.width) +
             " values, got " + text(static_cast<int64_t>(column.length)) + " values";
    }
  }
  for (uint64_t at = 0; at < code_.length(); at += static_cast<uint64_t>(code_[at + 1])) {
    if (!isOp(code_[at], Op::gather)) continue;
    const int32_t column = code_[at + HEADER_WORDS + 1];
    const int32_t width = code_[at + HEADER_WORDS + 3];
    if (column < 0 || static_cast<size_t>(column) >= data.columns.size() || data.columns[column].width != width) {
      return "the program gathers column " + text(column) + " with " + text(width) + " values a row, which the data has not";
    }
  }
  return {};
}

Problem Session::prepare(const RunRequest& request) {
  const Problem problem = checkRange(request);
  if (!problem.empty()) return problem;
  const uint64_t repeats = static_cast<uint64_t>(request.repeats);
  const uint64_t bytes = static_cast<uint64_t>(context_.recordWidth) * sizeof(double);
  // The product may be beyond any integer.
  if (bytes && repeats > UINT64_MAX / bytes) return outOfMemory("the records", UINT64_MAX);
  const uint64_t needed = repeats * static_cast<uint64_t>(context_.recordWidth);
  if (records_.length() < needed && !records_.allocate(needed)) return outOfMemory("the records", needed * sizeof(double));
  context_.records = records_.data();
  return {};
}

Problem Session::checkRange(const RunRequest& request) const {
  const int64_t length = static_cast<int64_t>(code_.length());
  if (request.from > request.to || request.to > length || !starts_[request.from] || !starts_[request.to]) {
    return "expected a range of whole instructions in 0 to " + text(length) + ", got " + text(request.from) + " to " + text(request.to);
  }
  if (request.rows > maximumRows_) {
    return "expected at most " + text(maximumRows_) + " rows, got " + text(request.rows);
  }
  bool chosen = false;
  for (int64_t at = request.from; at < request.to; at += code_[at + 1]) {
    const bool begins = isOp(code_[at], Op::beginStep);
    if (!begins && !isOp(code_[at], Op::gather)) continue;
    if (!context_.order) return "the program draws mini-batches, but no data is bound";
    chosen = chosen || begins;
    if (!chosen && context_.cursor + request.rows > context_.dataRows) {
      return "expected at most " + text(context_.dataRows - context_.cursor) + " rows after the mini-batch's start, got " +
             text(request.rows);
    }
  }
  return {};
}

int64_t Session::run(const RunRequest& request) {
  packed_.prepare(request.repeats);
  return interpreter_.run(request, context_, cancelled_);
}

int64_t Session::bytes() const {
  uint64_t total =
      code_.bytes() + division_.bytes() + literals_.bytes() + starts_.bytes() + arena_.bytes() + order_.bytes() + records_.bytes();
  for (const Array<float>& column : columns_) total += column.bytes();
  return static_cast<int64_t>(total + packed_.bytes()) + interpreter_.bytes();
}

}  // namespace chainrule
