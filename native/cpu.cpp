#include "cpu.h"

#include "byte_products.h"
#include "isa/amx.h"
#include "isa/avx512bf16.h"
#if defined(__x86_64__) || defined(_M_X64)
#define CHAINRULE_X64 1
#elif defined(__aarch64__) || defined(_M_ARM64)
#define CHAINRULE_ARM64 1
#endif

#if defined(CHAINRULE_X64)
#if defined(_MSC_VER) && !defined(__clang__)
// Built nowhere here.
#include <immintrin.h>
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif
#if defined(CHAINRULE_AMX)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "generated/instruction_sets.h"

namespace chainrule {

#if defined(CHAINRULE_AMX)

// Whether the processor has matrix registers for bfloat16, and the system lets this process use them: it keeps their 8 KiB a thread
// for those alone who asked.
bool mayUseMatrixRegisters() {
#if defined(CHAINRULE_EMULATED_MATRIX_REGISTERS)
  return true;
#else
  constexpr unsigned BFLOAT16 = 1u << 22;
  constexpr unsigned TILES = 1u << 24;
  constexpr long REQUEST_PERMISSION = 0x1023;
  constexpr long TILE_DATA = 18;
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || (edx & BFLOAT16) == 0 || (edx & TILES) == 0) return false;
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
#endif
}

#endif

#if defined(CHAINRULE_AVX512BF16)

bool multipliesBfloat16() {
  constexpr unsigned SUBLEAF = 1;
  constexpr unsigned BFLOAT16 = 1u << 5;
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid_count(7, SUBLEAF, &eax, &ebx, &ecx, &edx) && (eax & BFLOAT16) != 0;
}

#endif

namespace {

#if defined(CHAINRULE_X64)

// EAX, EBX, ECX, EDX of a leaf; zeros where the processor has no such leaf.
struct CpuLeaf {
  unsigned words[4] = {};

  explicit CpuLeaf(int leaf) {
#if defined(_MSC_VER) && !defined(__clang__)
    int values[4];
    __cpuid(values, 0);
    if (values[0] < leaf) return;
    __cpuidex(values, leaf, 0);
    for (int i = 0; i < 4; i++) words[i] = static_cast<unsigned>(values[i]);
#else
    __get_cpuid_count(static_cast<unsigned>(leaf), 0, words, words + 1, words + 2, words + 3);
#endif
  }

  bool has(int word, int bit) const { return (words[word] >> bit) & 1; }
};

bool has(const CpuFeature& feature) { return CpuLeaf(feature.leaf).has(feature.word, feature.bit); }

bool saves(unsigned long long registers) {
  constexpr CpuFeature TELLS = {1, 2, 27};
  if (!has(TELLS)) return false;
#if defined(_MSC_VER) && !defined(__clang__)
  const unsigned long long state = _xgetbv(0);
#else
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  const unsigned long long state = (static_cast<unsigned long long>(high) << 32) | low;
#endif
  return (state & registers) == registers;
}

#else

bool has(const CpuFeature&) { return false; }
bool saves(unsigned long long) { return false; }

#endif

}  // namespace

bool multipliesBytes() {
  static const bool known = has(features::avx512vnni);
  return known;
}

std::vector<const Isa*> availableIsas() {
  std::vector<const Isa*> isas;
  forEachInstructionSet(has, saves, [&isas](const Isa* isa) { isas.push_back(isa); });
  return isas;
}

const Isa* chooseIsa(const char* forced, std::string& error) {
  const std::vector<const Isa*> isas = availableIsas();
  if (!forced || !*forced) return isas.front();
  std::string names;
  for (const Isa* isa : isas) {
    if (std::string(forced) == isa->name) return isa;
    names += (names.empty() ? "" : ", ") + std::string(isa->name);
  }
  error = "CHAINRULE_ISA is " + std::string(forced) + ", which this machine does not have; expected one of " + names;
  return nullptr;
}

}  // namespace chainrule
