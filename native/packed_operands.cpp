#include "packed_operands.h"

namespace chainrule {

namespace {

constexpr int64_t USES_BEFORE = 1;

}  // namespace

bool PackedOperands::open(const Isa& isa, const std::vector<PackableView>& operands, const int32_t* code, uint64_t codeLength,
                          const ArenaView& arena) {
  isa_ = &isa;
  arena_ = arena;
  operands_.clear();
  for (const PackableView& view : operands) operands_.push_back({view, code[view.word], 0, {}});
  return packed_.allocate(codeLength);
}

void PackedOperands::changed(int64_t offset, int64_t count) {
  for (Operand& operand : operands_) {
    const int64_t size = operand.view.k * operand.view.n;
    if (offset >= operand.offset + size || operand.offset >= offset + count) continue;
    operand.uses = 0;
    packed_[operand.view.word] = nullptr;
  }
}

void PackedOperands::prepare(int64_t uses) {
  for (Operand& operand : operands_) {
    if (packed_[operand.view.word]) continue;
    operand.uses += uses;
    if (operand.uses > USES_BEFORE) pack(operand);
  }
}

void PackedOperands::pack(Operand& operand) {
  const PackableView& view = operand.view;
  const MatrixView matrix = {arena_.at(operand.offset), view.k, view.n, view.transposed, view.rounded};
  if (!operand.copy.length() && !operand.copy.allocate(isa_->packedLength(matrix))) return;
  isa_->pack(matrix, operand.copy.data());
  packed_[view.word] = operand.copy.data();
}

uint64_t PackedOperands::bytes() const {
  uint64_t total = packed_.bytes();
  for (const Operand& operand : operands_) total += operand.copy.bytes();
  return total;
}

}  // namespace chainrule
