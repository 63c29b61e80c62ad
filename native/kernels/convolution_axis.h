// The two directions of a convolution, each by itself: which elements of the source a position reads.
#pragma once

#include <stdint.h>

#include "../sizes.h"

namespace chainrule {
namespace CHAINRULE_ISA {

// One direction of a convolution. What is computed is a grid of positions; tap t at position q reads the coordinate
// first + q·stride + t·step, where the source's element i lies at coordinate i·spacing and everything else is zero.
struct Axis {
  int64_t grid;
  int64_t taps;
  int64_t source;
  int64_t stride;
  int64_t spacing;
  int64_t first;
  int64_t step;

  int64_t lowest() const { return step < 0 ? (taps - 1) * step : 0; }
  // From the lowest coordinate that a position reads to the tap's.
  int64_t offset(int64_t tap) const { return tap * step - lowest(); }
  // The source's element at a coordinate; -1 if it has none there.
  int64_t element(int64_t coordinate) const {
    if (coordinate < 0) return -1;
    int64_t i = coordinate;
    // Divisions are slow, and mostly there is nothing to divide by.
    if (spacing > 1) {
      if (coordinate % spacing != 0) return -1;
      i = coordinate / spacing;
    }
    return i < source ? i : -1;
  }
  // How many phases (below) have a position.
  int64_t phases() const { return least(spacing, grid); }
};

// Positions p, p + spacing, … of a grid whose source is spread out. The other taps find nothing there: with taps `tap`, tap + apart, … they
// are the grid of an axis without spacing.
struct Phase {
  Axis axis;
  int64_t tap;
  int64_t apart;
};

inline Phase phaseOf(const Axis& axis, int64_t p) {
  if (axis.spacing == 1) return {axis, 0, 1};
  int64_t tap = 0;
  while (tap < axis.taps && (axis.first + p + tap * axis.step) % axis.spacing != 0) tap++;
  int64_t apart = 1;
  while (apart * axis.step % axis.spacing != 0) apart++;
  const int64_t grid = ceilDivide(axis.grid - p, axis.spacing);
  const int64_t taps = tap < axis.taps ? ceilDivide(axis.taps - tap, apart) : 0;
  const int64_t first = (axis.first + p + tap * axis.step) / axis.spacing;
  return {{grid, taps, axis.source, 1, 1, first, apart * axis.step / axis.spacing}, tap, apart};
}

// What the positions of all phases of an axis read: position q elements of coordinates first + q·stride, with offsets 0, unit, … span.
struct Reach {
  int64_t source;
  int64_t stride;
  int64_t first;
  int64_t span;
  int64_t unit;

  // Of a tap of one of the phases.
  int64_t offset(const Phase& phase, int64_t tap) const { return phase.axis.first + tap * phase.axis.step - first; }
};

inline Reach reachOf(const Axis& axis) {
  const int64_t unit = axis.step < 0 ? -axis.step : axis.step;
  if (axis.spacing == 1) return {axis.source, axis.stride, axis.first + axis.lowest(), (axis.taps - 1) * unit, unit};
  Reach reach = {axis.source, 1, 0, -1, 1};
  for (int64_t p = 0; p < axis.phases(); p++) {
    const Axis own = phaseOf(axis, p).axis;
    if (own.taps == 0) continue;
    const int64_t first = own.first + own.lowest();
    const int64_t last = first + own.offset(own.step < 0 ? 0 : own.taps - 1);
    const int64_t end = reach.span < 0 ? last : reach.first + reach.span;
    reach.first = reach.span < 0 ? first : least(first, reach.first);
    reach.span = greatest(last, end) - reach.first;
  }
  if (reach.span < 0) reach.span = 0;
  return reach;
}

// Some rows and columns of a grid.
struct Part2d {
  int64_t row;
  int64_t rows;
  int64_t column;
  int64_t columns;
};

}  // namespace CHAINRULE_ISA
}  // namespace chainrule
