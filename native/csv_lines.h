// Records of comma-separated values: numbers, and the numbers of texts, read where their bytes lie. Fields in quotes are
// read too; a record with any other quote is the caller's.
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

#include "csv_texts.h"

namespace chainrule {

enum class CsvKind : int32_t { IGNORED, FLOAT32, FLOAT64, TEXT };
constexpr int32_t CSV_KINDS = 4;

// Where the fields of a column go: that of row r to element `start + r * stride` of a memory. Those of a text are int32 numbers of `CsvTexts`.
struct CsvColumn {
  CsvKind kind;
  int32_t memory;
  int32_t start;
  int32_t stride;
};

// A field that the caller reads: a number that is spelled in another way, a text that is new or has no number.
struct CsvNote {
  int32_t row;
  int32_t column;
  // Its bytes are [from, to).
  int32_t from;
  int32_t to;
  // Lines before its record's since the call.
  int32_t line;
  // 1 where quotes within are doubled, else 0.
  int32_t doubled;
};

struct CsvRequest {
  // Of which the last is the end of a line.
  const uint8_t* bytes;
  int32_t length;
  // Rows [row, rows) are to be filled.
  int32_t row;
  int32_t rows;
  // By number, each as large as the columns' places say for all rows.
  void* const* memories;
  CsvNote* notes;
  // At least as many as there are columns.
  int32_t mostNotes;
};

// Why no more is read: nothing is left, or there is no room; a line without quotes has too many fields or too few; a record has quotes that the
// caller has to look at, or its end is not there.
enum class CsvStop : int32_t { NONE, FIELDS, QUOTES };

struct CsvResult {
  // Where it stopped: before a record that it does not read, or where nothing is left or there is no room.
  int32_t at;
  // The row that comes next.
  int32_t row;
  // Lines passed, blank ones too.
  int32_t lines;
  int32_t notes;
  CsvStop stop;
  // Of a line that has not as many as there are columns.
  int32_t fields;
};

class CsvLines {
 public:
  // `missing`: fields that are gaps. The delimiter is neither a quote nor a part of a number nor the end of a line.
  CsvLines(uint8_t delimiter, std::vector<CsvColumn> columns, std::vector<std::string> missing);

  const std::vector<CsvColumn>& columns() const { return columns_; }

  CsvResult read(const CsvRequest& request);

 private:
  struct Reading;

  const uint8_t* readRecord(const uint8_t* from, Reading& reading);
  void keepTexts(int32_t first, Reading& reading) const;
  // A field's end, behind its quotes; null where the caller has to look at its quotes.
  const uint8_t* readField(const uint8_t* from, const CsvColumn& column, int32_t index, Reading& reading);
  const uint8_t* readQuoted(const uint8_t* from, const CsvColumn& column, int32_t index, Reading& reading);
  void putField(const uint8_t* from, const uint8_t* to, const CsvColumn& column, int32_t index, Reading& reading);
  bool readOtherNumber(const uint8_t* from, const uint8_t* to, double& value) const;
  bool isEnd(const uint8_t* at) const { return *at == delimiter_ || *at == '\n' || (*at == '\r' && at[1] == '\n'); }
  const uint8_t* endOfField(const uint8_t* from) const;
  bool countFields(const uint8_t* from, int32_t& fields) const;
  bool isMissing(const uint8_t* from, const uint8_t* to) const;

  const uint8_t delimiter_;
  const std::vector<CsvColumn> columns_;
  const std::vector<std::string> missing_;
  bool isEmptyMissing_ = false;
  // Whether a gap may look like a number.
  bool isNumberMissing_ = false;
  CsvTexts texts_;
};

}  // namespace chainrule
