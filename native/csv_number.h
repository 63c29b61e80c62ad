// Numbers as decimals spell them, rounded as JavaScript's `Number` rounds.
#pragma once

#include <stdint.h>

#include <charconv>
#include <system_error>

#include "csv_bytes.h"

namespace chainrule {

// A number at the beginning of some bytes. Where it has none `end` is null.
struct Decimal {
  double value;
  const uint8_t* end;
};

// Powers of ten that float64 holds exactly.
constexpr double POWERS_OF_TEN[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int64_t MOST_FRACTION = 22;

// A quotient of two exact numbers is rounded once, as Number rounds.
inline double decimalOf(bool isNegative, uint64_t integer, int64_t fraction) {
  const double value = static_cast<double>(integer) / POWERS_OF_TEN[fraction];
  return isNegative ? -value : value;
}

// Digits with a point among the first eight bytes, which something else ends there too. Without an end where it is not so.
inline Decimal shortDecimal(const uint8_t* from, bool isNegative) {
  const uint64_t word = wordAt(from) ^ everyByte('0');
  const uint64_t others = marksAbove9(word);
  const uint64_t behindFirst = others & (others - 1);
  if (behindFirst == 0) return {0, nullptr};
  const int64_t whole = bytesBefore(others);
  const bool hasPoint = from[whole] == '.';
  const int64_t length = hasPoint ? bytesBefore(behindFirst) : whole;
  const int64_t fraction = hasPoint ? length - whole - 1 : 0;
  if (length == hasPoint) return {0, nullptr};
  // The digits before the point move up to those behind it, then all to the last byte.
  const uint64_t before = (uint64_t{1} << (8 * whole)) - 1;
  const uint64_t digits = hasPoint ? ((word & before) << 8) | (word & ~(before << 8 | 0xff)) : word;
  return {decimalOf(isNegative, eightDigits(digits << (8 * (WORD_BYTES - length))), fraction), from + length};
}

// Digits with a point or without one, behind a minus or not. Without an end where there is no digit, or where these digits are too many to be
// certain in this way. Before `end` there is something that is neither a digit nor a point.
inline Decimal plainDecimal(const uint8_t* from, const uint8_t* end) {
  // As many fit into 64 bits.
  constexpr int64_t MOST_DIGITS = 19;
  constexpr uint64_t EXACT = uint64_t{1} << 53;
  const bool isNegative = *from == '-';
  const uint8_t* at = from + isNegative;
  if (end - at >= WORD_BYTES) {
    const Decimal decimal = shortDecimal(at, isNegative);
    if (decimal.end) return decimal;
  }
  const uint8_t* const first = at;
  uint64_t integer = 0;
  for (; isDigit(*at); at++) integer = integer * 10 + (*at - '0');
  int64_t digits = at - first;
  int64_t fraction = 0;
  if (*at == '.') {
    const uint8_t* const second = ++at;
    for (; isDigit(*at); at++) integer = integer * 10 + (*at - '0');
    fraction = at - second;
    digits += fraction;
  }
  if (digits == 0 || digits > MOST_DIGITS || integer > EXACT || fraction > MOST_FRACTION) return {0, nullptr};
  return {decimalOf(isNegative, integer, fraction), at};
}

// Any finite decimal, with an exponent or without one; where the library cannot read it, or its value is too large or too small, it has no
// end.
inline Decimal anyDecimal([[maybe_unused]] const uint8_t* from, [[maybe_unused]] const uint8_t* end) {
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
  // Words for infinity and NaN are read elsewhere.
  const uint8_t* const first = from + (from < end && *from == '-');
  if (first < end && (isDigit(*first) || *first == '.')) {
    double value = 0;
    const char* const last = reinterpret_cast<const char*>(end);
    const std::from_chars_result result = std::from_chars(reinterpret_cast<const char*>(from), last, value);
    if (result.ec == std::errc()) return {value, reinterpret_cast<const uint8_t*>(result.ptr)};
  }
#endif
  return {0, nullptr};
}

}  // namespace chainrule
