// Executes a program's instructions in order. Included once by each ISA's spine, after the kernels.
#pragma once

#include "generated/ops.h"
#include "isa.h"

namespace chainrule {
namespace CHAINRULE_ISA {

#include "generated/activations.inc"

inline void executeInstruction(const Machine& machine, Context& context, const int32_t* word) {
  const auto buffer = [&](int32_t offset) { return machine.arena + offset; };
  const auto optional = [&](int32_t offset) { return offset == ABSENT ? nullptr : machine.arena + offset; };
  // A negative size counts batches: it is resolved with the rows that the batch has now.
  const auto size = [&](int32_t n) -> int64_t { return n >= 0 ? n : -static_cast<int64_t>(n) * context.rows; };
  const auto number = [&](int32_t literal) { return machine.literals[literal]; };
  switch (static_cast<Op>(word[0])) {
#include "generated/dispatch.inc"
  }
}

inline int64_t execute(const Machine& machine, const RunRequest& request) {
  Context& context = *machine.context;
  for (int64_t done = 0; done < request.repeats; done++) {
    if (machine.cancellation->raised()) return done;
    context.iteration = request.iteration + done;
    context.rows = request.rows;
    const int32_t* const end = machine.code + request.to;
    for (const int32_t* word = machine.code + request.from; word < end; word += word[1]) {
      executeInstruction(machine, context, word);
    }
  }
  return request.repeats;
}

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
