// Bytes of text, eight at a time.
#pragma once

#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER)
#include <intrin.h>
#endif

namespace chainrule {

// Bytes that are looked at together.
constexpr int64_t WORD_BYTES = 8;

constexpr uint64_t everyByte(uint8_t byte) { return 0x0101010101010101u * byte; }

// The first byte is the lowest, on all processors that the addon is built for.
inline uint64_t wordAt(const uint8_t* bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// How many bytes are before the first of those whose highest bit is set in `marks`, of which one is.
inline int64_t bytesBefore(uint64_t marks) {
#if defined(_MSC_VER)
  unsigned long bit;
  _BitScanForward64(&bit, marks);
  return static_cast<int64_t>(bit) / 8;
#else
  return __builtin_ctzll(marks) / 8;
#endif
}

// The highest bits of the bytes that are more than 9.
inline uint64_t marksAbove9(uint64_t word) { return (((word & everyByte(0x7f)) + everyByte(0x76)) | word) & everyByte(0x80); }

// The number that eight digits are, each a byte from 0 to 9, the first the lowest.
inline uint64_t eightDigits(uint64_t digits) {
  constexpr uint64_t LOW = 0x000000ff000000ffu;
  constexpr uint64_t HUNDREDS = 100 + (uint64_t{1000000} << 32);
  constexpr uint64_t ONES = 1 + (uint64_t{10000} << 32);
  const uint64_t pairs = digits * 10 + (digits >> 8);
  return static_cast<uint32_t>(((pairs & LOW) * HUNDREDS + ((pairs >> 16) & LOW) * ONES) >> 32);
}

inline bool isDigit(uint8_t byte) { return static_cast<uint8_t>(byte - '0') <= 9; }

}  // namespace chainrule
