// A program as one thread executes it: decoded once, so that an instruction costs a call and nothing else.
#pragma once

#include <stdint.h>

#include "isa.h"
#include "memory.h"

namespace chainrule {

// A checked program over its arena. `division` lies beside the code as src/program/divide.ts says; null where one thread runs it.
struct CodeView {
  const int32_t* code;
  const int32_t* division;
  int64_t length;
  const double* literals;
  ArenaView arena;
  // By code word: where the packed copy of the operand that a word names begins.
  Packed packed;
};

// Elements [offset, offset + length) of the arena lie elsewhere during a run; none where `length` is 0. The program only reads them.
struct Lent {
  int64_t offset = 0;
  int64_t length = 0;
  const float* data = nullptr;

  bool operator==(const Lent& other) const { return offset == other.offset && length == other.length && data == other.data; }
};

struct Instruction {
  // A kernel that does nothing where this thread has no share.
  Kernel kernel;
  Argument* arguments;
  // The threads meet before it.
  bool meets;
  // Of an instruction whose units' elements are divided, which of a share's calls this is; 0 of any other.
  uint8_t call;
};

class ThreadCode {
 public:
  // False where memory is short. What `view` points to must outlive this object.
  bool open(const Isa& isa, const CodeView& view);

  // Decodes thread `index`'s share, of `threads`. Cheap where nothing changed.
  void adopt(int64_t rows, const Lent& lent, int64_t index, int64_t threads);

  // Sizes for another number of rows; called after whatever may have changed it.
  void adoptRows(int64_t rows) {
    if (rows != rows_) resolveRows(rows);
  }

  // The arena lies elsewhere: decodes anew when a run next adopts it.
  void move(const ArenaView& arena) {
    view_.arena = arena;
    threads_ = 0;
  }

  const Instruction* instructions() const { return instructions_.data(); }
  int64_t count() const { return static_cast<int64_t>(instructions_.length()); }
  // The first instruction that is divided; `count` where none is.
  int64_t firstShared() const { return firstShared_; }
  // The instruction that starts at a code word.
  int64_t indexOf(int64_t word) const;
  uint64_t bytes() const { return instructions_.bytes() + arguments_.bytes() + starts_.bytes(); }

 private:
  struct Share {
    // Units, and elements of the divided size.
    int64_t firstUnit;
    int64_t first;
    int64_t count;
  };

  // A call of a share of the units' elements: units, and elements within each of them.
  struct Call {
    int64_t firstUnit;
    int64_t units;
    int64_t first;
    int64_t count;
  };

  void resolveRows(int64_t rows);
  void resolve(int64_t index);
  void resolveWhole(const int32_t* word, const Signature& signature, Argument* arguments) const;
  bool resolveTogether(const int32_t* word, const int32_t* divided, const Signature& signature, Argument* arguments) const;
  // Both return false where there is nothing to do.
  bool resolveShare(const int32_t* word, const int32_t* divided, const Signature& signature, Argument* arguments) const;
  bool resolveCall(const int32_t* word, const int32_t* divided, const Signature& signature, int32_t within, int64_t call,
                   Argument* arguments) const;
  void move(const int32_t* word, const int32_t* divided, const Signature& signature, int64_t units, Argument* arguments) const;
  float* at(int32_t word) const;
  Share shareOf(int64_t units, int64_t unit, int32_t granule) const;
  Call callOf(int64_t call, int64_t units, int64_t inner) const;
  int64_t sizeOf(int32_t word) const { return word >= 0 ? word : -static_cast<int64_t>(word) * rows_; }
  // A size that counts the batch has a unit for each row.
  int64_t unitsOf(int32_t size) const { return size >= 0 ? size : rows_; }
  static int64_t unitOf(int32_t size) { return size >= 0 ? 1 : -static_cast<int64_t>(size); }

  const Isa* isa_ = nullptr;
  CodeView view_{};
  Array<Instruction> instructions_;
  Array<Argument> arguments_;
  // Code word of each instruction, and the code's length.
  Array<int64_t> starts_;
  int64_t firstShared_ = 0;
  int64_t rows_ = 0;
  int64_t index_ = 0;
  int64_t threads_ = 0;
  Lent lent_;
};

}  // namespace chainrule
