/** Values of a program's slots, by name. */
import type { Slot } from '../program/format.ts';
import type { Elements, Session } from './backend.ts';

/** Copies values into the named slots. */
export function writeSlots(session: Session, slots: ReadonlyMap<string, Slot>, values: ReadonlyMap<string, Elements>): void {
  for (const [name, slot] of slots) {
    const value = values.get(name);
    if (value) session.write(slot.offset, value);
  }
}
