/**
 * The phases of a grid whose source is spread out, by a stride that δ of the image goes through backwards: positions p, p + spacing, … of each
 * direction find an element with the same taps. A grid whose source lies close has one phase, with all taps.
 */
import { Axis } from './convolution_space';
import { ceilDivide } from '../sizes';

/** Phases of both directions together, at most: beyond it elements are computed one by one. */
export const MOST_PHASES: i32 = 64;

@inline
export function phasesOf(axis: Axis): i32 {
  return min(axis.spacing, axis.grid);
}

/** How many positions a phase has: the first, 0, has the most. */
@inline
export function gridOf(axis: Axis, phase: i32): i32 {
  return ceilDivide(axis.grid - phase, axis.spacing);
}

/** Whether the tap finds elements at the positions of the phase. */
@inline
export function isReached(axis: Axis, phase: i32, tap: i32): bool {
  return (axis.first + phase + tap * axis.step) % axis.spacing == 0;
}

/** The element which the phase's first position finds there. */
@inline
function firstElement(axis: Axis, phase: i32, tap: i32): i32 {
  return (axis.first + phase + tap * axis.step) / axis.spacing;
}

/** From the lowest element that first positions read to the tap's. */
@inline
export function offsetOf(axis: Axis, phase: i32, tap: i32): i32 {
  return firstElement(axis, phase, tap) - axis.lowest;
}

/** Works out what the phases' first positions read. */
export function takeReach(axis: Axis): void {
  let lowest = i32.MAX_VALUE;
  let highest = i32.MIN_VALUE;
  for (let phase = 0; phase < phasesOf(axis); phase++) {
    for (let tap = 0; tap < axis.taps; tap++) {
      if (!isReached(axis, phase, tap)) continue;
      const element = firstElement(axis, phase, tap);
      lowest = min(lowest, element);
      highest = max(highest, element);
    }
  }
  const isEmpty = lowest > highest;
  axis.lowest = isEmpty ? 0 : lowest;
  axis.span = isEmpty ? 0 : highest - lowest;
}
