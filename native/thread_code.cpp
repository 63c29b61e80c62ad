#include "sizes.h"
#include "thread_code.h"

#include <algorithm>

namespace chainrule {

namespace {

// Places of a division's parts among an instruction's words.
constexpr int HOW_WORD = 0;
constexpr int DIVIDED_WORD = 1;

void doNothing(const Argument*, Context&) {}

const Signature& signatureOf(const int32_t* word) { return SIGNATURES[word[0]]; }

// A share of the units' elements is the rest of the unit that it begins in, whole units, and a part of the one it ends in.
constexpr uint8_t CALLS = 3;

// Where the size stands that is divided within each unit; 0 where none is.
int32_t withinOf(const int32_t* word, const int32_t* divided) {
  const int32_t over = divided ? divided[DIVIDED_WORD] : 0;
  const Signature& signature = signatureOf(word);
  for (int32_t i = 0; over && i < signature.count; i++) {
    if (!isBuffer(signature.words[i]) && HEADER_WORDS + i != over && divided[HEADER_WORDS + i]) return HEADER_WORDS + i;
  }
  return 0;
}

bool isTogether(const int32_t* divided) { return (divided[HOW_WORD] & TOGETHER) != 0; }

// Arguments besides the one for each word: for the first `count` words.
int64_t extraArguments(const Signature& signature, int32_t count) {
  const WordKind* const words = signature.words;
  return std::count(words, words + count, WordKind::packable) + 2 * std::count(words, words + count, WordKind::range);
}

int64_t argumentCount(const Signature& signature) { return signature.count + extraArguments(signature, signature.count); }

Activation activationOf(const int32_t* word) {
  const Signature& signature = signatureOf(word);
  const int64_t at = std::find(signature.words, signature.words + signature.count, WordKind::activation) - signature.words;
  return at < signature.count ? static_cast<Activation>(word[HEADER_WORDS + at]) : Activation::identity;
}

// Tells a kernel which elements to compute of the size that stands in a word.
void setRange(const Signature& signature, int32_t word, int64_t first, int64_t count, Argument* arguments) {
  Argument* range = arguments + signature.count + extraArguments(signature, word - HEADER_WORDS);
  range[0].integer = first;
  range[1].integer = count;
}

bool dependsOnRows(const int32_t* word) {
  const Signature& signature = signatureOf(word);
  for (int32_t i = 0; i < signature.count; i++) {
    if (isSize(signature.words[i]) && word[HEADER_WORDS + i] < 0) return true;
  }
  return false;
}

}  // namespace

bool ThreadCode::open(const Isa& isa, const CodeView& view) {
  isa_ = &isa;
  view_ = view;
  uint64_t instructions = 0;
  uint64_t arguments = 0;
  const auto callsAt = [&view](int64_t at) {
    const int32_t* const divided = view.division ? view.division + at : nullptr;
    return withinOf(view.code + at, divided) && !isTogether(divided) ? CALLS : uint8_t{1};
  };
  for (int64_t at = 0; at < view.length; at += view.code[at + 1]) {
    instructions += callsAt(at);
    arguments += static_cast<uint64_t>(callsAt(at) * argumentCount(signatureOf(view.code + at)));
  }
  if (!instructions_.allocate(instructions) || !arguments_.allocate(arguments) || !starts_.allocate(instructions + 1)) return false;
  firstShared_ = count();
  Argument* next = arguments_.data();
  int64_t i = 0;
  for (int64_t at = 0; at < view.length; at += view.code[at + 1]) {
    if (view.division && view.division[at + DIVIDED_WORD]) firstShared_ = std::min(firstShared_, i);
    for (uint8_t call = 0; call < callsAt(at); call++, i++) {
      starts_[i] = at;
      instructions_[i].arguments = next;
      instructions_[i].meets = call == 0 && view.division && (view.division[at + HOW_WORD] & MEETS);
      instructions_[i].call = call;
      next += argumentCount(signatureOf(view.code + at));
    }
  }
  starts_[count()] = view.length;
  return true;
}

void ThreadCode::adopt(int64_t rows, const Lent& lent, int64_t index, int64_t threads) {
  if (index == index_ && threads == threads_ && lent == lent_) return adoptRows(rows);
  rows_ = rows;
  lent_ = lent;
  index_ = index;
  threads_ = threads;
  for (int64_t i = 0; i < count(); i++) resolve(i);
}

void ThreadCode::resolveRows(int64_t rows) {
  rows_ = rows;
  for (int64_t i = 0; i < count(); i++) {
    if (dependsOnRows(view_.code + starts_[i])) resolve(i);
  }
}

int64_t ThreadCode::indexOf(int64_t word) const {
  return std::lower_bound(starts_.data(), starts_.data() + starts_.length(), word) - starts_.data();
}

void ThreadCode::resolve(int64_t index) {
  Instruction& instruction = instructions_[index];
  const int32_t* word = view_.code + starts_[index];
  const int32_t* divided = view_.division ? view_.division + starts_[index] : nullptr;
  const int32_t over = divided && threads_ > 1 ? divided[DIVIDED_WORD] : 0;
  const Signature& signature = signatureOf(word);
  bool takesPart = index_ == 0 && instruction.call == 0;
  resolveWhole(word, signature, instruction.arguments);
  if (over && isTogether(divided)) {
    takesPart = resolveTogether(word, divided, signature, instruction.arguments);
  } else if (over) {
    const int32_t within = withinOf(word, divided);
    takesPart = within ? resolveCall(word, divided, signature, within, instruction.call, instruction.arguments)
                       : resolveShare(word, divided, signature, instruction.arguments);
  }
  instruction.kernel = takesPart ? isa_->kernelOf(static_cast<Op>(word[0]), activationOf(word)) : doNothing;
}

float* ThreadCode::at(int32_t word) const {
  const int64_t lent = word - lent_.offset;
  // Kernels take what they only read by the same kind of pointer.
  return lent >= 0 && lent < lent_.length ? const_cast<float*>(lent_.data) + lent : view_.arena.at(word);
}

void ThreadCode::resolveWhole(const int32_t* word, const Signature& signature, Argument* arguments) const {
  Argument* extra = arguments + signature.count;
  word += HEADER_WORDS;
  for (int32_t i = 0; i < signature.count; i++, word++, arguments++) {
    switch (signature.words[i]) {
      case WordKind::packable:
        extra++->packed = view_.packed + (word - view_.code);
        arguments->buffer = at(*word);
        break;
      case WordKind::buffer:
      case WordKind::bufferOrAbsent: arguments->buffer = *word == ABSENT ? nullptr : at(*word); break;
      case WordKind::range:
        extra++->integer = 0;
        extra++->integer = sizeOf(*word);
        arguments->integer = sizeOf(*word);
        break;
      case WordKind::size: arguments->integer = sizeOf(*word); break;
      case WordKind::literal: arguments->number = view_.literals[*word]; break;
      case WordKind::integer:
      case WordKind::activation: arguments->integer = *word;
    }
  }
}

// The kernel is told its range, which may be empty: it meets those of the other threads. What is but one granule with these rows the first
// thread computes alone, and meets nobody.
bool ThreadCode::resolveTogether(const int32_t* word, const int32_t* divided, const Signature& signature, Argument* arguments) const {
  const int32_t second = withinOf(word, divided);
  const int32_t within = second ? second : divided[DIVIDED_WORD];
  const int64_t size = sizeOf(word[within]);
  if (size <= divided[within]) return index_ == 0;
  const Share share = shareOf(size, 1, divided[within]);
  setRange(signature, within, share.first, share.count, arguments);
  return true;
}

// Either the kernel is told the range, or it is called with a smaller size and moved operands.
bool ThreadCode::resolveShare(const int32_t* word, const int32_t* divided, const Signature& signature, Argument* arguments) const {
  const int32_t over = divided[DIVIDED_WORD];
  const bool splits = (divided[HOW_WORD] & SPLITS) != 0;
  const int64_t units = splits ? sizeOf(word[over]) : unitsOf(word[over]);
  const Share share = shareOf(units, splits ? 1 : unitOf(word[over]), divided[over]);
  if (signature.words[over - HEADER_WORDS] == WordKind::range) {
    setRange(signature, over, share.first, share.count, arguments);
  } else {
    arguments[over - HEADER_WORDS].integer = share.count;
    move(word, divided, signature, share.firstUnit, arguments);
  }
  return share.count > 0;
}

// The kernel is called with fewer units, its operands moved, and is told the range within each of them.
bool ThreadCode::resolveCall(const int32_t* word, const int32_t* divided, const Signature& signature, int32_t within, int64_t call,
                             Argument* arguments) const {
  const int32_t over = divided[DIVIDED_WORD];
  const Call part = callOf(call, unitsOf(word[over]), sizeOf(word[within]));
  arguments[over - HEADER_WORDS].integer = part.units * unitOf(word[over]);
  move(word, divided, signature, part.firstUnit, arguments);
  setRange(signature, within, part.first, part.count, arguments);
  return part.units > 0 && part.count > 0;
}

void ThreadCode::move(const int32_t* word, const int32_t* divided, const Signature& signature, int64_t units, Argument* arguments) const {
  for (int64_t i = 0; i < signature.count && isBuffer(signature.words[i]); i++) {
    if (word[HEADER_WORDS + i] != ABSENT) arguments[i].buffer += units * sizeOf(divided[HEADER_WORDS + i]);
  }
}

// Whole granules, as evenly as they go.
ThreadCode::Share ThreadCode::shareOf(int64_t units, int64_t unit, int32_t granule) const {
  const int64_t granules = ceilDivide(units, granule);
  const int64_t from = least(units, granules * index_ / threads_ * granule);
  const int64_t to = least(units, granules * (index_ + 1) / threads_ * granule);
  return {from, from * unit, (to - from) * unit};
}

// The share is elements [from, to) of all units, `inner` in each.
ThreadCode::Call ThreadCode::callOf(int64_t call, int64_t units, int64_t inner) const {
  const int64_t from = units * inner * index_ / threads_;
  const int64_t to = units * inner * (index_ + 1) / threads_;
  const int64_t firstWhole = ceilDivide(from, inner);
  const int64_t end = to / inner;
  if (call == 0) return {from / inner, firstWhole - from / inner, from % inner, least(to, firstWhole * inner) - from};
  if (call == 1) return {firstWhole, end - firstWhole, 0, inner};
  return {end, end < firstWhole ? 0 : 1, 0, to % inner};
}

}  // namespace chainrule
