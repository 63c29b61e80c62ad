// Rows of an image, split for the windows of a pooling.
#pragma once

#include <stdint.h>

#include "pooling_halving.h"
#include "pooling_windows.h"

namespace chainrule {
namespace CHAINRULE_ISA {

inline void fillElements(float* out, int64_t size, float x) {
  forEachVector(size, [=](int64_t i, int64_t n) { storeUpTo(out + i, broadcast(x), n); });
}

// A row of a plane, split into its parts. The memory for it was filled with what the padding counts as.
inline void splitRow(const Pool& s, const float* row, float* parts) {
  const int64_t columns = s.coveredColumns();
  const int64_t part = s.part();
  const auto partOf = [=](int64_t column) { return parts + (column % s.strideX) * part + s.behind(column); };
  if (s.strideX == 1) {
    float* const to = partOf(s.padLeft);
    forEachVector(columns, [=](int64_t i, int64_t n) { storeUpTo(to + i, loadUpTo(row + i, n), n); });
  } else if (s.strideX == 2 && s.kernelWidth > 1) {
    float* const even = partOf(s.padLeft);
    float* const odd = partOf(s.padLeft + 1);
    const int64_t size = columns / 2;
    forEachVector(size, [=](int64_t i, int64_t n) {
      const Pairs pairs(row + 2 * i, 2 * n);
      storeUpTo(even + i, pairs.even, n);
      storeUpTo(odd + i, pairs.odd, n);
    });
    if (columns % 2 == 1) even[size] = row[columns - 1];
  } else {
    for (int64_t first = 0; first < s.strideX && first < columns; first++) {
      if ((s.padLeft + first) % s.strideX >= s.kernelWidth) continue;
      float* to = partOf(s.padLeft + first);
      for (int64_t column = first; column < columns; column += s.strideX) *to++ = row[column];
    }
  }
}

// Calls body(from) for the columns of the windows from the first one on: `from` is where those of the windows side by side lie in the parts.
template <typename Body>
inline void forEachColumn(const Pool& s, const float* parts, Body body) {
  const int64_t part = s.part();
  const float* from = parts;
  for (int64_t j = 0, p = 0; j < s.kernelWidth; j++) {
    body(from);
    from += part;
    if (++p == s.strideX) {
      from -= s.strideX * part - 1;
      p = 0;
    }
  }
}

// The rows of a plane that windows need, in a ring of s.keptRows(): row r is in place r mod s.keptRows().
class KeptRows {
 public:
  explicit KeptRows(const Pool& s) : kept_(s.keptRows()), height_(s.height) {}

  // Goes to the windows with rows from `top` to `bottom`. Calls take(row, end) where the ring has to take the rows from `row` to `end`.
  template <typename Take>
  void moveTo(int64_t top, int64_t bottom, Take take) {
    if (next_ < top) next_ = top;
    while (next_ < bottom) {
      const int64_t end = next_ + Pool::ROWS_AHEAD < height_ ? next_ + Pool::ROWS_AHEAD : height_;
      take(next_, end);
      next_ = end;
    }
    place_ = top % kept_;
    rows_ = bottom - top;
  }

  int64_t placeOf(int64_t row) const { return row % kept_; }

  // Calls body(place) for the rows of the windows, from the first on.
  template <typename Body>
  void forEach(Body body) const {
    for (int64_t i = 0, place = place_; i < rows_; i++) {
      body(place);
      if (++place == kept_) place = 0;
    }
  }

 private:
  const int64_t kept_;
  const int64_t height_;
  int64_t next_ = 0;
  int64_t place_ = 0;
  int64_t rows_ = 0;
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
