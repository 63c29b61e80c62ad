#include "csv_object.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "csv_lines.h"

namespace chainrule {
namespace {

constexpr size_t WORDS_OF_COLUMN = 4;
constexpr size_t WORDS_OF_NOTE = 6;
static_assert(sizeof(CsvNote) == WORDS_OF_NOTE * sizeof(int32_t), "notes are written as words");
// Words before the notes: `CsvResult`.
constexpr size_t WORDS_OF_RESULT = 6;

napi_typedarray_type typeOf(CsvKind kind) {
  if (kind == CsvKind::TEXT) return napi_int32_array;
  return kind == CsvKind::FLOAT32 ? napi_float32_array : napi_float64_array;
}

class CsvObject : public Napi::ObjectWrap<CsvObject> {
 public:
  // (delimiter, columns, missing): four words for each column, kind, memory, start and stride; texts that are gaps, a line each
  explicit CsvObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CsvObject>(info) {
    Arguments arguments(info);
    const int64_t delimiter = arguments.integer(0, "delimiter", 0, 127);
    const auto words = arguments.typedArray<Napi::Int32Array>(1, "columns", napi_int32_array, "an Int32Array");
    const auto missing = arguments.typedArray<Napi::Uint8Array>(2, "missing", napi_uint8_array, "a Uint8Array");
    if (!arguments.ok()) return;
    std::vector<CsvColumn> columns;
    for (size_t i = 0; i + WORDS_OF_COLUMN <= words.ElementLength(); i += WORDS_OF_COLUMN) {
      if (words[i] < 0 || words[i] >= CSV_KINDS || words[i + 1] < 0 || words[i + 2] < 0 || words[i + 3] < 1) break;
      columns.push_back({static_cast<CsvKind>(words[i]), words[i + 1], words[i + 2], words[i + 3]});
    }
    if (columns.empty() || columns.size() > MAX_COLUMNS || columns.size() * WORDS_OF_COLUMN != words.ElementLength()) {
      arguments.fail<Napi::RangeError>("columns", "kind, memory, start and stride of 1 to " + std::to_string(MAX_COLUMNS) + " columns");
      return;
    }
    lines_ = std::make_unique<CsvLines>(static_cast<uint8_t>(delimiter), std::move(columns), textsOf(missing));
  }

  // (bytes, row, rows, memories, out): reads lines, of which the last has ended, into rows [row, rows); the result and the notes are in `out`
  Napi::Value read(const Napi::CallbackInfo& info) {
    const Napi::Value undefined = info.Env().Undefined();
    Arguments arguments(info);
    const std::vector<Napi::Value> memories = arguments.list(3, "memories");
    const auto bytes = arguments.typedArray<Napi::Uint8Array>(0, "bytes", napi_uint8_array, "a Uint8Array");
    const int64_t rows = arguments.integer(2, "rows", 0, MAX_INT32);
    const int64_t row = arguments.integer(1, "row", 0, rows);
    auto out = arguments.typedArray<Napi::Int32Array>(4, "out", napi_int32_array, "an Int32Array");
    if (!arguments.ok()) return undefined;
    const size_t length = bytes.ElementLength();
    if (length == 0 || length > static_cast<size_t>(MAX_INT32) || bytes.Data()[length - 1] != '\n') {
      return arguments.fail<Napi::RangeError>("bytes", "less than 2 GiB that end with a line"), undefined;
    }
    const size_t room = out.ElementLength() < WORDS_OF_RESULT ? 0 : (out.ElementLength() - WORDS_OF_RESULT) / WORDS_OF_NOTE;
    if (room < lines_->columns().size() || room > static_cast<size_t>(MAX_INT32)) {
      return arguments.fail<Napi::RangeError>("out", "room for the result and a note of each column"), undefined;
    }
    std::vector<void*> places;
    if (!placesOf(arguments, memories, rows, places)) return undefined;
    auto* const notes = reinterpret_cast<CsvNote*>(out.Data() + WORDS_OF_RESULT);
    const CsvResult result = lines_->read({bytes.Data(), static_cast<int32_t>(length), static_cast<int32_t>(row),
                                           static_cast<int32_t>(rows), places.data(), notes, static_cast<int32_t>(room)});
    const int32_t words[WORDS_OF_RESULT] = {result.at,    result.row, result.lines, result.notes, static_cast<int32_t>(result.stop),
                                            result.fields};
    memcpy(out.Data(), words, sizeof words);
    return undefined;
  }

 private:
  static std::vector<std::string> textsOf(const Napi::Uint8Array& lines) {
    std::vector<std::string> texts;
    std::string text;
    for (size_t i = 0; i < lines.ElementLength(); i++) {
      if (lines[i] != '\n') {
        text += static_cast<char>(lines[i]);
        continue;
      }
      texts.push_back(text);
      text.clear();
    }
    return texts;
  }

  // Where the memories lie. Throws unless each is of its columns' type and has room for all rows.
  bool placesOf(Arguments& arguments, const std::vector<Napi::Value>& memories, int64_t rows, std::vector<void*>& places) {
    for (const Napi::Value& memory : memories) {
      const bool isArray = memory.IsTypedArray();
      places.push_back(isArray ? dataOf(memory.As<Napi::TypedArray>()) : nullptr);
    }
    for (const CsvColumn& column : lines_->columns()) {
      if (column.kind == CsvKind::IGNORED) continue;
      const size_t index = static_cast<size_t>(column.memory);
      if (index >= memories.size() || !memories[index].IsTypedArray()) {
        return arguments.fail<Napi::TypeError>("memories", "a typed array for each number in the columns"), false;
      }
      const auto array = memories[index].As<Napi::TypedArray>();
      const int64_t room = static_cast<int64_t>(array.ElementLength());
      if (array.TypedArrayType() != typeOf(column.kind) || (rows > 0 && column.start + (rows - 1) * column.stride >= room)) {
        return arguments.fail<Napi::RangeError>("memories", "arrays of the columns' types, with room for all rows"), false;
      }
    }
    return true;
  }

  static void* dataOf(const Napi::TypedArray& array) {
    void* data = nullptr;
    napi_get_typedarray_info(array.Env(), array, nullptr, nullptr, &data, nullptr, nullptr);
    return data;
  }

  std::unique_ptr<CsvLines> lines_;
};

}  // namespace

Napi::Function defineCsvLines(Napi::Env env) {
  return Napi::ObjectWrap<CsvObject>::DefineClass(env, "CsvLines",
                                                  {Napi::InstanceWrap<CsvObject>::InstanceMethod<&CsvObject::read>("read")});
}

}  // namespace chainrule
