#include "cpu.h"

#include "isa/amx.h"
#if defined(__x86_64__) || defined(_M_X64)
#define CHAINRULE_X64 1
#elif defined(__aarch64__) || defined(_M_ARM64)
#define CHAINRULE_ARM64 1
#endif

#if defined(CHAINRULE_AMX)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// Built nowhere here: Visual C++ has no __builtin_cpu_supports.
#if defined(CHAINRULE_X64) && defined(_MSC_VER) && !defined(__clang__)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace chainrule {

namespace scalar {
extern const Isa isa;
}
#if defined(CHAINRULE_X64)
namespace avx2 {
extern const Isa isa;
}
namespace avx512 {
extern const Isa isa;
}
#if defined(CHAINRULE_AMX)
namespace amx {
extern const Isa isa;
}
#endif
#elif defined(CHAINRULE_ARM64)
namespace neon {
extern const Isa isa;
}
#endif

namespace {

#if defined(CHAINRULE_X64) && defined(_MSC_VER) && !defined(__clang__)

// Bits of XCR0: the system saves the registers of AVX, and those of AVX-512.
constexpr unsigned long long AVX_STATE = 0x06;
constexpr unsigned long long AVX512_STATE = 0xe6;

bool has(int word, int bit) { return (word >> bit) & 1; }

struct Features {
  bool avx2 = false;
  bool avx512 = false;

  Features() {
    int leaf1[4];
    int leaf7[4];
    __cpuid(leaf1, 1);
    __cpuidex(leaf7, 7, 0);
    if (!has(leaf1[2], 27)) return;  // OSXSAVE
    const unsigned long long state = _xgetbv(0);
    const bool fma = has(leaf1[2], 12);
    avx2 = (state & AVX_STATE) == AVX_STATE && fma && has(leaf7[1], 5);
    avx512 = avx2 && (state & AVX512_STATE) == AVX512_STATE && has(leaf7[1], 16) && has(leaf7[1], 17) &&
             has(leaf7[1], 30) && has(leaf7[1], 31);  // F, DQ, BW, VL
  }
};

#elif defined(CHAINRULE_X64)

struct Features {
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
};

#endif

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

}  // namespace

std::vector<const Isa*> availableIsas() {
  std::vector<const Isa*> isas;
#if defined(CHAINRULE_X64)
  const Features features;
#if defined(CHAINRULE_AMX)
  if (features.avx512 && mayUseMatrixRegisters()) isas.push_back(&amx::isa);
#endif
  if (features.avx512) isas.push_back(&avx512::isa);
  if (features.avx2) isas.push_back(&avx2::isa);
#elif defined(CHAINRULE_ARM64)
  isas.push_back(&neon::isa);
#endif
  isas.push_back(&scalar::isa);
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
