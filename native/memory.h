// Zeroed memory that starts on a cache line, owned by one object; running out of it is an answer, not an exception.
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include <utility>

#include "generated/ops.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace chainrule {

// Huge pages: one entry of the processor's address cache covers this much. Rows of large matrices lie a small page and more apart, and each
// would miss that cache.
constexpr size_t HUGE_PAGE_BYTES = size_t{1} << 21;

// An arena: first elements that lie elsewhere, where other sessions read them too, then its own.
struct ArenaView {
  float* shared = nullptr;
  int64_t sharedLength = 0;
  float* own = nullptr;

  float* at(int64_t offset) const { return offset < sharedLength ? shared + offset : own + (offset - sharedLength); }
};

// Blocks of this size or more begin on a huge page: smaller ones would gain little from them and waste much of one.
constexpr size_t HUGE_BLOCK_BYTES = 2 * HUGE_PAGE_BYTES;

// The alignment of a block of `bytes` bytes.
constexpr size_t blockAlignment(size_t bytes) { return bytes >= HUGE_BLOCK_BYTES ? HUGE_PAGE_BYTES : ALIGNMENT_BYTES; }

// The first place in memory at which such a block may start.
inline uintptr_t alignedStart(const void* memory, size_t bytes) {
  const uintptr_t slack = blockAlignment(bytes) - 1;
  return (reinterpret_cast<uintptr_t>(memory) + slack) & ~slack;
}

// Asks for huge pages in a large block, for those that it fills whole. The rest takes small pages.
inline void preferHugePages([[maybe_unused]] void* start, [[maybe_unused]] size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  // Advice only: a system without huge pages ignores it.
  if (bytes >= HUGE_BLOCK_BYTES) static_cast<void>(madvise(start, bytes / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES, MADV_HUGEPAGE));
#endif
}

template <typename T>
class Array {
 public:
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() { free(block_); }

  // Replaces what was held by `length` zeros. False, and empty, where memory is short. Large blocks come untouched from the system: memory
  // that is never used takes no pages.
  bool allocate(uint64_t length) {
    *this = Array();
    if (length > (SIZE_MAX - HUGE_PAGE_BYTES) / sizeof(T)) return false;
    const size_t bytes = static_cast<size_t>(length) * sizeof(T);
    const size_t slack = blockAlignment(bytes) - 1;
    block_ = calloc(bytes + slack, 1);
    if (!block_) return false;
    data_ = reinterpret_cast<T*>(alignedStart(block_, bytes));
    length_ = length;
    preferHugePages(data_, bytes);
#if defined(__SANITIZE_ADDRESS__)
    const uintptr_t end = reinterpret_cast<uintptr_t>(block_) + bytes + slack;
    ASAN_POISON_MEMORY_REGION(data_ + length, end - reinterpret_cast<uintptr_t>(data_ + length));
#endif
    return true;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  uint64_t length() const { return length_; }
  uint64_t bytes() const { return length_ * sizeof(T); }
  T& operator[](uint64_t i) { return data_[i]; }
  const T& operator[](uint64_t i) const { return data_[i]; }

 private:
  void swap(Array& other) {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(length_, other.length_);
  }

  void* block_ = nullptr;
  T* data_ = nullptr;
  uint64_t length_ = 0;
};

}  // namespace chainrule
