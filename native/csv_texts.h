// Texts of a table by number: a category comes up in most rows, and whoever reads it makes one string for all of them.
#pragma once

#include <stdint.h>
#include <string.h>

#include <utility>
#include <vector>

#include "memory.h"

namespace chainrule {

// Numbers texts from 0 in the order in which they come. What it holds is bounded: texts beyond that have no number.
class CsvTexts {
 public:
  static constexpr int32_t NONE = -1;

  explicit CsvTexts(size_t columns) : added_(columns, 0) {}

  // The number of a text; NONE for a long one, or where there is no room left. `isNew` says whether it is the first of its bytes.
  int32_t numberOf(const uint8_t* text, size_t length, size_t column, bool& isNew) {
    isNew = false;
    if (length > LONGEST) return NONE;
    if (slots_.length() == 0 && !grow()) return NONE;
    const uint32_t hash = hashOf(text, length);
    const uint64_t mask = slots_.length() - 1;
    // A file that is made to have texts of one hash takes no longer than others.
    for (uint64_t probe = 0; probe < MOST_PROBES; probe++) {
      int32_t& slot = slots_[(hash + probe) & mask];
      if (slot == 0) return add(slot, hash, text, length, column, isNew);
      const Entry& entry = entries_[static_cast<uint64_t>(slot - 1)];
      if (entry.hash == hash && entry.length == length && memcmp(entry.bytes, text, length) == 0) return slot - 1;
    }
    return NONE;
  }

 private:
  static constexpr size_t LONGEST = 56;
  static constexpr uint64_t MOST_PROBES = 16;
  // Of all columns, and new ones of each: a column of names, say, leaves room for others.
  static constexpr int32_t MOST = 1 << 16;
  static constexpr int32_t MOST_OF_COLUMN = 4096;
  static constexpr uint64_t LEAST_SLOTS = 256;

  // A cache line.
  struct Entry {
    uint32_t hash;
    uint32_t length;
    uint8_t bytes[LONGEST];
  };

  static uint32_t hashOf(const uint8_t* text, size_t length) {
    constexpr uint64_t FACTOR = 0x9e3779b97f4a7c15u;
    uint64_t hash = length;
    size_t at = 0;
    for (; at + 8 <= length; at += 8) {
      uint64_t word;
      memcpy(&word, text + at, 8);
      hash = mixed((hash ^ word) * FACTOR);
    }
    uint64_t rest = 0;
    for (; at < length; at++) rest = rest << 8 | text[at];
    return static_cast<uint32_t>(mixed((hash ^ rest) * FACTOR));
  }

  static uint64_t mixed(uint64_t hash) { return hash ^ (hash >> 32); }

  int32_t add(int32_t& slot, uint32_t hash, const uint8_t* text, size_t length, size_t column, bool& isNew) {
    if (count_ == MOST || added_[column] == MOST_OF_COLUMN) return NONE;
    // Half of the slots stay free, and there are as many entries as that.
    if (static_cast<uint64_t>(count_) == entries_.length()) {
      if (!grow()) return NONE;
      return numberOf(text, length, column, isNew);
    }
    Entry& entry = entries_[static_cast<uint64_t>(count_)];
    entry.hash = hash;
    entry.length = static_cast<uint32_t>(length);
    memcpy(entry.bytes, text, length);
    isNew = true;
    added_[column]++;
    slot = ++count_;
    return slot - 1;
  }

  // Twice the room. False where memory is short: all stays as it is.
  bool grow() {
    Array<int32_t> slots;
    Array<Entry> entries;
    const uint64_t size = slots_.length() ? 2 * slots_.length() : LEAST_SLOTS;
    if (!slots.allocate(size) || !entries.allocate(size / 2)) return false;
    if (count_) memcpy(static_cast<void*>(entries.data()), entries_.data(), static_cast<size_t>(count_) * sizeof(Entry));
    for (int32_t i = 0; i < count_; i++) {
      uint64_t at = entries[static_cast<uint64_t>(i)].hash & (size - 1);
      while (slots[at] != 0) at = (at + 1) & (size - 1);
      slots[at] = i + 1;
    }
    slots_ = std::move(slots);
    entries_ = std::move(entries);
    return true;
  }

  // The numbers of entries, from 1; 0 where there is none.
  Array<int32_t> slots_;
  Array<Entry> entries_;
  int32_t count_ = 0;
  // By column.
  std::vector<int32_t> added_;
};

}  // namespace chainrule
