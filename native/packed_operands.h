// Packed copies of the matrices that a program reads and never writes: made once after they changed, read by every product.
#pragma once

#include <stdint.h>

#include <vector>

#include "isa.h"
#include "memory.h"

namespace chainrule {

// An operand whose packed copy stays valid until the operand is written from outside.
struct PackableView {
  // The code word that names it.
  int64_t word;
  int64_t k;
  int64_t n;
  bool transposed;
  // To bfloat16, of which the copy consists.
  bool rounded;
};

// Whoever writes the arena calls `changed`. A matrix is packed when it is used unchanged for the second time: a caller that changes the
// weights before every run pays nothing.
class PackedOperands {
 public:
  // The operands lie in the arena, whole. False where memory is short.
  bool open(const Isa& isa, const std::vector<PackableView>& operands, const int32_t* code, uint64_t codeLength, const ArenaView& arena);

  // By code word; what they point to is null where no packed copy is current.
  const float* const* byWord() const { return packed_.data(); }

  // The arena lies elsewhere; packed copies stay valid.
  void move(const ArenaView& arena) { arena_ = arena; }

  // Elements [offset, offset + count) of the arena were written.
  void changed(int64_t offset, int64_t count);

  // Before `uses` uses of every operand. A matrix for which memory is short stays as it is.
  void prepare(int64_t uses);

  uint64_t bytes() const;

 private:
  struct Operand {
    PackableView view;
    int64_t offset;
    int64_t uses;
    Array<float> copy;
  };

  void pack(Operand& operand);

  const Isa* isa_ = nullptr;
  ArenaView arena_;
  std::vector<Operand> operands_;
  Array<const float*> packed_;
};

}  // namespace chainrule
