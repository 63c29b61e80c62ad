#include "thread_code.h"

#include <string.h>

#include <algorithm>

namespace chainrule {

namespace {

// Where in a division's words of an instruction its parts stand.
constexpr int MEETS_WORD = 0;
constexpr int DIVIDED_WORD = 1;

void doNothing(const Argument*, Context&) {}

const char* kindsOf(const int32_t* word) { return SIGNATURES[word[0]]; }

bool isBuffer(char kind) { return kind == 'b' || kind == 'o' || kind == 'p'; }

// Arguments besides the one for each word: for the words [from, to).
int64_t extraArguments(const char* from, const char* to) { return std::count(from, to, 'p') + 2 * std::count(from, to, 'r'); }

int64_t argumentCount(const char* kinds) {
  const int64_t words = static_cast<int64_t>(strlen(kinds));
  return words + extraArguments(kinds, kinds + words);
}

Activation activationOf(const int32_t* word) {
  const char* kinds = kindsOf(word);
  const char* at = strchr(kinds, 'a');
  return at ? static_cast<Activation>(word[HEADER_WORDS + (at - kinds)]) : Activation::identity;
}

bool dependsOnRows(const int32_t* word) {
  const char* kinds = kindsOf(word);
  for (int64_t i = 0; kinds[i]; i++) {
    if ((kinds[i] == 's' || kinds[i] == 'r') && word[HEADER_WORDS + i] < 0) return true;
  }
  return false;
}

}  // namespace

bool ThreadCode::open(const Isa& isa, const CodeView& view) {
  isa_ = &isa;
  view_ = view;
  uint64_t instructions = 0;
  uint64_t arguments = 0;
  for (int64_t at = 0; at < view.length; at += view.code[at + 1]) {
    instructions++;
    arguments += static_cast<uint64_t>(argumentCount(kindsOf(view.code + at)));
  }
  if (!instructions_.allocate(instructions) || !arguments_.allocate(arguments) || !starts_.allocate(instructions + 1)) return false;
  firstShared_ = count();
  Argument* next = arguments_.data();
  int64_t at = 0;
  for (int64_t i = 0; i < count(); i++, at += view.code[at + 1]) {
    starts_[i] = at;
    instructions_[i].arguments = next;
    instructions_[i].meets = view.division && view.division[at + MEETS_WORD];
    next += argumentCount(kindsOf(view.code + at));
    if (view.division && view.division[at + DIVIDED_WORD]) firstShared_ = std::min(firstShared_, i);
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
  const char* kinds = kindsOf(word);
  bool takesPart = index_ == 0;
  resolveWhole(word, kinds, instruction.arguments);
  if (over) {
    const Share share = shareOf(word[over], divided[over]);
    resolveShare(word, divided, kinds, instruction.arguments, share);
    takesPart = share.count > 0;
  }
  instruction.kernel = takesPart ? isa_->kernelOf(static_cast<Op>(word[0]), activationOf(word)) : doNothing;
}

float* ThreadCode::at(int32_t word) const {
  const int64_t lent = word - lent_.offset;
  // Kernels take what they only read by the same kind of pointer.
  return lent >= 0 && lent < lent_.length ? const_cast<float*>(lent_.data) + lent : view_.arena.at(word);
}

void ThreadCode::resolveWhole(const int32_t* word, const char* kinds, Argument* arguments) const {
  Argument* extra = arguments + strlen(kinds);
  word += HEADER_WORDS;
  for (; *kinds; kinds++, word++, arguments++) {
    switch (*kinds) {
      case 'p':
        extra++->packed = view_.packed + (word - view_.code);
        arguments->buffer = at(*word);
        break;
      case 'b':
      case 'o':
        arguments->buffer = *word == ABSENT ? nullptr : at(*word);
        break;
      case 'r':
        extra++->integer = 0;
        extra++->integer = sizeOf(*word);
        arguments->integer = sizeOf(*word);
        break;
      case 's':
        arguments->integer = sizeOf(*word);
        break;
      case 'f':
        arguments->number = view_.literals[*word];
        break;
      default:
        arguments->integer = *word;
    }
  }
}

// Either the kernel is told the range, or it is called with less and with its operands moved.
void ThreadCode::resolveShare(const int32_t* word, const int32_t* divided, const char* kinds, Argument* arguments,
                              const Share& share) const {
  const int32_t over = divided[DIVIDED_WORD] - HEADER_WORDS;
  if (kinds[over] == 'r') {
    Argument* range = arguments + strlen(kinds) + extraArguments(kinds, kinds + over);
    range[0].integer = share.first;
    range[1].integer = share.count;
    return;
  }
  arguments[over].integer = share.count;
  for (int64_t i = 0; isBuffer(kinds[i]); i++) {
    if (word[HEADER_WORDS + i] != ABSENT) arguments[i].buffer += share.firstUnit * sizeOf(divided[HEADER_WORDS + i]);
  }
}

// Whole granules, as evenly as they go. A size that counts the batch has a unit for each row.
ThreadCode::Share ThreadCode::shareOf(int32_t size, int32_t granule) const {
  const int64_t unit = size >= 0 ? 1 : -static_cast<int64_t>(size);
  const int64_t units = size >= 0 ? size : rows_;
  const int64_t granules = (units + granule - 1) / granule;
  const int64_t from = std::min(units, granules * index_ / threads_ * granule);
  const int64_t to = std::min(units, granules * (index_ + 1) / threads_ * granule);
  return {from, from * unit, (to - from) * unit};
}

}  // namespace chainrule
