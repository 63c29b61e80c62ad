// The largest elements of the windows of a plane, and where they are: those of each row's columns first, then those of the rows, so that the
// first of equal elements stays.
#pragma once

#include <math.h>
#include <stdint.h>

#include "indices.h"
#include "pooling_halving.h"
#include "pooling_rows.h"
#include "pooling_windows.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// Splits rows from `row` to `end` one behind the other.
inline void splitRows(const Pool& s, const float* x, int64_t row, int64_t end, float* parts) {
  for (; row < end; row++, parts += s.splitPitch()) splitRow(s, x + row * s.width, parts);
}

// The largest elements of windows of any size. The scratch memory is of the size that src/ops/pooling.ts says.
class Largest {
 public:
  Largest(const Pool& s, float* scratch) : parts_(scratch), kept_(parts_ + Pool::ROWS_AHEAD * s.splitPitch()) {
    fillElements(parts_, Pool::ROWS_AHEAD * s.splitPitch(), -INFINITY);
  }

  // out = those of the windows of plane x.
  CHAINRULE_KERNEL void find(const Pool& any, const float* x, float* out) {
    withConstants(any, [=](const Pool& s) { findIn(s, x, out); });
  }

 private:
  void findIn(const Pool& s, const float* x, float* out) {
    const int64_t pitch = s.resultPitch();
    float* const kept = kept_;
    KeptRows rows(s);
    for (int64_t y = 0; y < s.outHeight; y++, out += s.outWidth) {
      rows.moveTo(s.top(y), s.bottom(y), [&](int64_t row, int64_t end) {
        splitRows(s, x, row, end, parts_);
        for (const float* parts = parts_; row < end; row++, parts += s.splitPitch()) findInRow(s, parts, kept + rows.placeOf(row) * pitch);
      });
      forEachVector(s.outWidth, [&](int64_t i, int64_t n) {
        Vector largest = broadcast(-INFINITY);
        rows.forEach([&](int64_t place) { largest = largerOf(largest, load(kept + place * pitch + i)); });
        storeUpTo(out + i, largest, n);
      });
    }
  }

  static void findInRow(const Pool& s, const float* parts, float* to) {
    for (int64_t i = 0; i < s.outWidth; i += LANES) {
      Vector largest = broadcast(-INFINITY);
      forEachColumn(s, parts + i, [&](const float* from) { largest = largerOf(largest, load(from)); });
      store(to + i, largest);
    }
  }

  float* const parts_;
  float* const kept_;
};

// Where the windows of a plane have their maxima, beside δ of the windows. The scratch memory is of the size that src/ops/pooling.ts says.
//
// A place is a float whose bits count the elements of the plane from the least normal number on: comparisons tell places apart exactly, and
// none is equal to the zeros beside a row of windows. So a plane has fewer than 2³¹ − 2²⁴ elements.
class Maxima {
 public:
  Maxima(const Pool& s, float* scratch)
      : s_(s),
        parts_(scratch),
        steps_(parts_ + Pool::ROWS_AHEAD * s.splitPitch()),
        firsts_(steps_ + Pool::LANES_AT_MOST),
        keptLargest_(firsts_ + s.resultPitch()),
        keptPlaces_(keptLargest_ + s.keptRows() * s.resultPitch()),
        places_(keptPlaces_ + s.keptRows() * s.resultPitch()),
        delta_(places_ + s.outHeight * s.windowPitch()) {
    fillElements(parts_, Pool::ROWS_AHEAD * s.splitPitch(), -INFINITY);
    fillElements(places_, 2 * s.outHeight * s.windowPitch(), 0.0f);
    for (int64_t i = 0; i < Pool::LANES_AT_MOST; i++) storeIndex(steps_, i, static_cast<int32_t>(i * s.strideX));
    for (int64_t i = 0; i < s.resultPitch(); i++) {
      const int64_t column = i * s.strideX - s.padLeft;
      storeIndex(firsts_, i, FIRST_PLACE + static_cast<int32_t>(column > 0 ? column : 0));
    }
  }

  // Finds the places of plane x.
  CHAINRULE_KERNEL void find(const float* x) {
    withConstants(s_, [=](const Pool& s) { findIn(s, x); });
  }

  // The place of a window's maximum.
  int64_t placeOf(int64_t y, int64_t x) const { return loadIndex(places_, at(s_, y) + x) - FIRST_PLACE; }

  // Takes δ of the windows of the plane.
  void takeDelta(const float* delta) {
    for (int64_t y = 0; y < s_.outHeight; y++, delta += s_.outWidth) {
      float* const to = delta_ + at(s_, y);
      forEachVector(s_.outWidth, [=](int64_t i, int64_t n) { storeUpTo(to + i, loadUpTo(delta + i, n), n); });
    }
  }

  // The places of an element and of those strideX, 2·strideX, … behind it.
  Vector elementsFrom(int64_t element) const {
    return fromBits(addIntegers(bitsOf(load(steps_)), broadcastInteger(FIRST_PLACE + static_cast<int32_t>(element))));
  }

  // δ of the windows `at` and side by side with it whose maxima are `elements`; zeros in the other lanes.
  Vector deltaOf(int64_t at, Vector elements) const { return select(equal(load(places_ + at), elements), load(delta_ + at), zero()); }

 private:
  // The bits of the least normal number.
  static constexpr int32_t FIRST_PLACE = 0x00800000;

  // Where a row of windows begins.
  static int64_t at(const Pool& s, int64_t y) { return y * s.windowPitch() + s.behind(s.kernelWidth - 1); }

  void findIn(const Pool& s, const float* x) {
    const int64_t pitch = s.resultPitch();
    KeptRows rows(s);
    for (int64_t y = 0; y < s.outHeight; y++) {
      rows.moveTo(s.top(y), s.bottom(y), [&](int64_t row, int64_t end) {
        splitRows(s, x, row, end, parts_);
        for (const float* parts = parts_; row < end; row++, parts += s.splitPitch()) findInRow(s, row, parts, rows.placeOf(row) * pitch);
      });
      forEachVector(s.outWidth, [&](int64_t i, int64_t n) {
        Vector largest = broadcast(-INFINITY);
        Vector places = fromBits(addIntegers(bitsOf(load(firsts_ + i)), broadcastInteger(static_cast<int32_t>(s.top(y) * s.width))));
        rows.forEach([&](int64_t place) {
          const Vector next = load(keptLargest_ + place * pitch + i);
          places = whereBeats(next, largest, load(keptPlaces_ + place * pitch + i), places);
          largest = largerOf(largest, next);
        });
        storeUpTo(places_ + at(s, y) + i, places, n);
      });
    }
  }

  // Of a row, whose parts these are: the largest elements of the windows' columns and their places, written so far into the kept ones. A place
  // counts where the element is larger than −∞ alone.
  void findInRow(const Pool& s, int64_t row, const float* parts, int64_t to) {
    for (int64_t i = 0; i < s.outWidth; i += LANES) {
      Vector largest = broadcast(-INFINITY);
      Integers next = bitsOf(elementsFrom(row * s.width + i * s.strideX - s.padLeft));
      Vector places = fromBits(next);
      forEachColumn(s, parts + i, [&](const float* from) {
        const Vector x = load(from);
        places = whereBeats(x, largest, fromBits(next), places);
        largest = largerOf(largest, x);
        next = addIntegers(next, broadcastInteger(1));
      });
      store(keptLargest_ + to + i, largest);
      store(keptPlaces_ + to + i, places);
    }
  }

  const Pool s_;
  float* const parts_;
  // 0, strideX, 2·strideX, …; and the place of the first element of each window in the first row.
  float* const steps_;
  float* const firsts_;
  float* const keptLargest_;
  float* const keptPlaces_;
  float* const places_;
  float* const delta_;
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
