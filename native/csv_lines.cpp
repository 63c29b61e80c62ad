#include "csv_lines.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "csv_number.h"

namespace chainrule {

// A call under way.
struct CsvLines::Reading {
  const CsvRequest& request;
  // Of the bytes.
  const uint8_t* end;
  CsvResult result;
  // Of the record that is read: ends of lines within quotes, and fields in quotes.
  int32_t innerLines;
  int32_t quotes;

  void note(int32_t column, const uint8_t* from, const uint8_t* to, bool isDoubled = false) {
    request.notes[result.notes++] = {
        result.row,   column,           static_cast<int32_t>(from - request.bytes), static_cast<int32_t>(to - request.bytes),
        result.lines, isDoubled ? 1 : 0};
  }

  template <typename T>
  void put(const CsvColumn& column, T value) {
    static_cast<T*>(request.memories[column.memory])[column.start + static_cast<int64_t>(result.row) * column.stride] = value;
  }

  void putNumber(const CsvColumn& column, double value) {
    if (column.kind == CsvKind::FLOAT64) return put(column, value);
    put(column, static_cast<float>(value));
  }
};

CsvLines::CsvLines(uint8_t delimiter, std::vector<CsvColumn> columns, std::vector<std::string> missing)
    : delimiter_(delimiter), columns_(std::move(columns)), missing_(std::move(missing)), texts_(columns_.size()) {
  for (const std::string& text : missing_) {
    isEmptyMissing_ |= text.empty();
    isNumberMissing_ |= !text.empty() && (isDigit(static_cast<uint8_t>(text.back())) || text.back() == '.');
  }
}

CsvResult CsvLines::read(const CsvRequest& request) {
  const uint8_t* at = request.bytes;
  const uint8_t* const end = request.bytes + request.length;
  Reading reading = {request, end, {0, request.row, 0, 0, CsvStop::NONE, 0}, 0, 0};
  CsvResult& result = reading.result;
  const int32_t columns = static_cast<int32_t>(columns_.size());
  while (at < end && result.row < request.rows && request.mostNotes - result.notes >= columns) {
    if (*at == '\n' || (*at == '\r' && at[1] == '\n')) {
      at += *at == '\n' ? 1 : 2;
      result.lines++;
      continue;
    }
    const uint8_t* const next = readRecord(at, reading);
    if (!next) break;
    at = next;
    result.row++;
    result.lines += 1 + reading.innerLines;
  }
  result.at = static_cast<int32_t>(at - request.bytes);
  return result;
}

// Where the next record begins; null where it stops before this one.
const uint8_t* CsvLines::readRecord(const uint8_t* from, Reading& reading) {
  CsvResult& result = reading.result;
  const int32_t notes = result.notes;
  const int32_t last = static_cast<int32_t>(columns_.size()) - 1;
  reading.innerLines = 0;
  reading.quotes = 0;
  const uint8_t* at = from;
  for (int32_t index = 0;; index++, at++) {
    at = readField(at, columns_[static_cast<size_t>(index)], index, reading);
    const bool isLast = at && *at != delimiter_;
    if (at && isLast == (index == last)) {
      if (!isLast) continue;
      return at + (*at == '\r' ? 2 : 1);
    }
    const bool hasQuotes = !at || reading.quotes > 0 || countFields(from, result.fields);
    result.stop = hasQuotes ? CsvStop::QUOTES : CsvStop::FIELDS;
    if (hasQuotes) keepTexts(notes, reading);
    return nullptr;
  }
}

// Of the notes of a record that the caller reads, those of texts stay, which have their numbers now.
void CsvLines::keepTexts(int32_t first, Reading& reading) const {
  CsvNote* const notes = reading.request.notes;
  int32_t& count = reading.result.notes;
  const auto isNumber = [this](const CsvNote& note) { return columns_[static_cast<size_t>(note.column)].kind != CsvKind::TEXT; };
  count = static_cast<int32_t>(std::remove_if(notes + first, notes + count, isNumber) - notes);
}

const uint8_t* CsvLines::readField(const uint8_t* from, const CsvColumn& column, int32_t index, Reading& reading) {
  if (*from == '"') return readQuoted(from, column, index, reading);
  if (column.kind == CsvKind::FLOAT32 || column.kind == CsvKind::FLOAT64) {
    const Decimal plain = plainDecimal(from, reading.end);
    if (plain.end && isEnd(plain.end) && !isNumberMissing_) {
      reading.putNumber(column, plain.value);
      return plain.end;
    }
  }
  const uint8_t* const to = endOfField(from);
  if (to) putField(from, to, column, index, reading);
  return to;
}

// In a table of one column, quotes may make a blank line, which is the caller's.
const uint8_t* CsvLines::readQuoted(const uint8_t* from, const CsvColumn& column, int32_t index, Reading& reading) {
  if (columns_.size() == 1) return nullptr;
  bool isDoubled = false;
  const uint8_t* to = from + 1;
  for (; to; to += 2) {
    to = static_cast<const uint8_t*>(memchr(to, '"', static_cast<size_t>(reading.end - to)));
    if (!to || to[1] != '"') break;
    isDoubled = true;
  }
  if (!to || !isEnd(to + 1)) return nullptr;
  reading.quotes++;
  reading.innerLines += static_cast<int32_t>(std::count(from + 1, to, static_cast<uint8_t>('\n')));
  if (!isDoubled) {
    putField(from + 1, to, column, index, reading);
  } else if (column.kind != CsvKind::IGNORED) {
    if (column.kind == CsvKind::TEXT) reading.put(column, CsvTexts::NONE);
    reading.note(index, from + 1, to, true);
  }
  return to + 1;
}

void CsvLines::putField(const uint8_t* from, const uint8_t* to, const CsvColumn& column, int32_t index, Reading& reading) {
  if (column.kind == CsvKind::IGNORED) return;
  if (column.kind == CsvKind::TEXT) {
    bool isNew = false;
    const int32_t number = texts_.numberOf(from, static_cast<size_t>(to - from), static_cast<size_t>(index), isNew);
    reading.put(column, number);
    if (isNew || number == CsvTexts::NONE) reading.note(index, from, to);
    return;
  }
  double value = 0;
  if (readOtherNumber(from, to, value))
    reading.putNumber(column, value);
  else
    reading.note(index, from, to);
}

// False for what the caller has to read.
bool CsvLines::readOtherNumber(const uint8_t* from, const uint8_t* to, double& value) const {
  if (isMissing(from, to)) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const Decimal decimal = anyDecimal(from, to);
  value = decimal.value;
  return decimal.end == to;
}

// Where the delimiter or the end of the line is; null where a quote is before it.
const uint8_t* CsvLines::endOfField(const uint8_t* from) const {
  const uint8_t* at = from;
  while (*at != delimiter_ && *at != '\n' && *at != '"') at++;
  if (*at == '"') return nullptr;
  return *at == '\n' && at > from && at[-1] == '\r' ? at - 1 : at;
}

// Counts the fields of a line. True where it has quotes.
bool CsvLines::countFields(const uint8_t* from, int32_t& fields) const {
  fields = 1;
  for (const uint8_t* at = from; *at != '\n'; at++) {
    if (*at == '"') return true;
    fields += *at == delimiter_;
  }
  return false;
}

bool CsvLines::isMissing(const uint8_t* from, const uint8_t* to) const {
  if (from == to) return isEmptyMissing_;
  const size_t length = static_cast<size_t>(to - from);
  return std::any_of(missing_.begin(), missing_.end(),
                     [from, length](const std::string& text) { return text.size() == length && memcmp(text.data(), from, length) == 0; });
}

}  // namespace chainrule
