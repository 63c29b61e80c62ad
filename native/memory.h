// Zeroed memory that starts on a cache line, owned by one object; running out of it is an answer, not an exception.
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include <utility>

#include "generated/ops.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace chainrule {

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

  // Replaces what was held by `length` zeros. False, and empty, where memory is short. Large blocks come untouched from the
  // system, so that memory which is never used is never paid for.
  bool allocate(uint64_t length) {
    *this = Array();
    constexpr uint64_t slack = ALIGNMENT_BYTES - 1;
    if (length > (SIZE_MAX - slack) / sizeof(T)) return false;
    const size_t bytes = static_cast<size_t>(length) * sizeof(T);
    block_ = calloc(bytes + slack, 1);
    if (!block_) return false;
    const uintptr_t aligned = (reinterpret_cast<uintptr_t>(block_) + slack) & ~static_cast<uintptr_t>(slack);
    data_ = reinterpret_cast<T*>(aligned);
    length_ = length;
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
