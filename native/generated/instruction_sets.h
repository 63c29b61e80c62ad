// Generated from src/codegen/instruction-sets.ts; do not edit.
#pragma once

#include "../isa.h"

namespace chainrule {

// A feature’s bit in a word of a leaf of CPUID.
struct CpuFeature {
  int leaf;
  int word;
  int bit;
};

namespace features {
constexpr CpuFeature fma = {1, 2, 12};
constexpr CpuFeature avx2 = {7, 1, 5};
constexpr CpuFeature avx512f = {7, 1, 16};
constexpr CpuFeature avx512dq = {7, 1, 17};
constexpr CpuFeature avx512bw = {7, 1, 30};
constexpr CpuFeature avx512vl = {7, 1, 31};
constexpr CpuFeature avx512vnni = {7, 2, 11};
}  // namespace features

// Bits of XCR0, by which the system says which registers it saves.
namespace registers {
constexpr unsigned long long none = 0x00;
constexpr unsigned long long avx = 0x06;
constexpr unsigned long long avx512 = 0xe6;
}  // namespace registers

#if defined(CHAINRULE_X64)
#if defined(CHAINRULE_AMX)
namespace amx {
extern const Isa isa;
}  // namespace amx
bool mayUseMatrixRegisters();
#endif
#if defined(CHAINRULE_AVX512BF16)
namespace avx512bf16 {
extern const Isa isa;
}  // namespace avx512bf16
bool multipliesBfloat16();
#endif
namespace avx512 {
extern const Isa isa;
}  // namespace avx512
namespace avx2 {
extern const Isa isa;
}  // namespace avx2
#endif
#if defined(CHAINRULE_ARM64)
namespace neon {
extern const Isa isa;
}  // namespace neon
#endif
namespace scalar {
extern const Isa isa;
}  // namespace scalar

// Calls add(isa) for each that this program holds and that this machine has, fastest first; has(feature) asks the processor,
// saves(registers) the system.
template <typename Has, typename Saves, typename Add>
void forEachInstructionSet(Has has, Saves saves, Add add) {
  (void)has;
  (void)saves;
#if defined(CHAINRULE_X64)
#if defined(CHAINRULE_AMX)
  if (saves(registers::avx512) && has(features::fma) && has(features::avx2) && has(features::avx512f) && has(features::avx512dq) && has(features::avx512bw) && has(features::avx512vl) && mayUseMatrixRegisters()) add(&amx::isa);
#endif
#if defined(CHAINRULE_AVX512BF16)
  if (saves(registers::avx512) && has(features::fma) && has(features::avx2) && has(features::avx512f) && has(features::avx512dq) && has(features::avx512bw) && has(features::avx512vl) && multipliesBfloat16()) add(&avx512bf16::isa);
#endif
  if (saves(registers::avx512) && has(features::fma) && has(features::avx2) && has(features::avx512f) && has(features::avx512dq) && has(features::avx512bw) && has(features::avx512vl)) add(&avx512::isa);
  if (saves(registers::avx) && has(features::fma) && has(features::avx2)) add(&avx2::isa);
#endif
#if defined(CHAINRULE_ARM64)
  add(&neon::isa);
#endif
  add(&scalar::isa);
}

}  // namespace chainrule
