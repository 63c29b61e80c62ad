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

  void note(int32_t column, const uint8_t* from, const uint8_t* to) {
    request.notes[result.notes++] = {result.row, column, static_cast<int32_t>(from - request.bytes),
                                     static_cast<int32_t>(to - request.bytes), result.lines};
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
  Reading reading = {request, end, {0, request.row, 0, 0, 0}};
  CsvResult& result = reading.result;
  const int32_t last = static_cast<int32_t>(columns_.size()) - 1;
  while (at < end && result.row < request.rows && request.mostNotes - result.notes > last) {
    if (*at == '\n' || (*at == '\r' && at[1] == '\n')) {
      at += *at == '\n' ? 1 : 2;
      result.lines++;
      continue;
    }
    const uint8_t* const line = at;
    for (int32_t index = 0;; index++, at++) {
      const CsvColumn& column = columns_[static_cast<size_t>(index)];
      if (column.kind == CsvKind::IGNORED)
        at = endOfField(at);
      else if (column.kind == CsvKind::TEXT)
        at = readText(at, column, index, reading);
      else
        at = readNumber(at, column, index, reading);
      const bool isLast = *at != delimiter_;
      if (isLast != (index == last)) {
        result.fields = countFields(line);
        result.at = static_cast<int32_t>(line - request.bytes);
        return result;
      }
      if (isLast) break;
    }
    at += *at == '\r' ? 2 : 1;
    result.row++;
    result.lines++;
  }
  result.at = static_cast<int32_t>(at - request.bytes);
  return result;
}

const uint8_t* CsvLines::readNumber(const uint8_t* from, const CsvColumn& column, int32_t index, Reading& reading) const {
  const Decimal plain = plainDecimal(from, reading.end);
  if (plain.end && isEnd(plain.end) && !isNumberMissing_) {
    reading.putNumber(column, plain.value);
    return plain.end;
  }
  const uint8_t* const to = endOfField(from);
  double value = 0;
  if (readOtherNumber(from, to, value))
    reading.putNumber(column, value);
  else
    reading.note(index, from, to);
  return to;
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

const uint8_t* CsvLines::readText(const uint8_t* from, const CsvColumn& column, int32_t index, Reading& reading) {
  const uint8_t* const to = endOfField(from);
  bool isNew = false;
  const int32_t number = texts_.numberOf(from, static_cast<size_t>(to - from), static_cast<size_t>(index), isNew);
  reading.put(column, number);
  if (isNew || number == CsvTexts::NONE) reading.note(index, from, to);
  return to;
}

// Where the delimiter or the end of the line is.
const uint8_t* CsvLines::endOfField(const uint8_t* from) const {
  const uint8_t* at = from;
  while (*at != delimiter_ && *at != '\n') at++;
  return *at == '\n' && at > from && at[-1] == '\r' ? at - 1 : at;
}

int32_t CsvLines::countFields(const uint8_t* from) const {
  int32_t fields = 1;
  for (const uint8_t* at = from; *at != '\n'; at++) fields += *at == delimiter_;
  return fields;
}

bool CsvLines::isMissing(const uint8_t* from, const uint8_t* to) const {
  if (from == to) return isEmptyMissing_;
  const size_t length = static_cast<size_t>(to - from);
  return std::any_of(missing_.begin(), missing_.end(),
                     [from, length](const std::string& text) { return text.size() == length && memcmp(text.data(), from, length) == 0; });
}

}  // namespace chainrule
