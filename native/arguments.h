// The arguments of a call from JavaScript, checked.
#pragma once

#define NAPI_DISABLE_CPP_EXCEPTIONS
#include <napi.h>

#include <cmath>
#include <string>
#include <vector>

#include "session.h"

namespace chainrule {

// Largest integer that every double below it is exact to.
constexpr int64_t MAX_SAFE_INTEGER = 9007199254740991;
constexpr int64_t MAX_INT32 = INT32_MAX;
// More inputs than any network has.
constexpr uint32_t MAX_COLUMNS = 65536;

// Reads a call's arguments. The first wrong one throws in JavaScript; the rest read as empty.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) {}

  bool ok() const { return ok_; }

  int64_t integer(size_t index, const char* name, int64_t least, int64_t most) { return integerOf(info_[index], name, least, most); }

  bool boolean(size_t index, const char* name) {
    if (!ok_) return false;
    if (!info_[index].IsBoolean()) return fail<Napi::TypeError>(name, "a boolean"), false;
    return info_[index].As<Napi::Boolean>().Value();
  }

  // A typed array of exactly this element type; undefined where it is not one.
  template <typename Typed>
  Typed typedArray(size_t index, const char* name, napi_typedarray_type type, const char* expected) {
    return typedArrayOf<Typed>(info_[index], name, type, expected);
  }

  Napi::Float32Array floats(size_t index, const char* name) {
    return typedArray<Napi::Float32Array>(index, name, napi_float32_array, "a Float32Array");
  }

  // The elements of an array.
  std::vector<Napi::Value> list(size_t index, const char* name) {
    if (!ok_) return {};
    if (!info_[index].IsArray()) return fail<Napi::TypeError>(name, "an array"), std::vector<Napi::Value>();
    const Napi::Array array = info_[index].As<Napi::Array>();
    if (array.Length() <= MAX_COLUMNS) return elementsOf(array);
    fail<Napi::RangeError>(name, "at most " + std::to_string(MAX_COLUMNS));
    return {};
  }

  // The columns of `bind`: an array of Float32Array, or null for one that is filled later, and an array of as many widths.
  std::vector<ColumnView> columns(size_t index, size_t widthsIndex) {
    std::vector<ColumnView> result;
    if (!ok_) return result;
    if (!info_[index].IsArray()) return fail<Napi::TypeError>("columns", "an array"), result;
    if (!info_[widthsIndex].IsArray()) return fail<Napi::TypeError>("widths", "an array"), result;
    const Napi::Array columns = info_[index].As<Napi::Array>();
    const Napi::Array widths = info_[widthsIndex].As<Napi::Array>();
    if (columns.Length() > MAX_COLUMNS) return fail<Napi::RangeError>("columns", "at most " + std::to_string(MAX_COLUMNS)), result;
    const std::vector<Napi::Value> arrays = elementsOf(columns);
    const std::vector<Napi::Value> sizes = elementsOf(widths);
    if (ok_ && arrays.size() != sizes.size()) return fail<Napi::RangeError>("widths", "one for each column"), result;
    for (size_t i = 0; i < arrays.size() && ok_; i++) {
      const int64_t width = integerOf(sizes[i], "widths", 1, MAX_INT32);
      if (arrays[i].IsNull()) {
        result.push_back({nullptr, 0, width, false});
        continue;
      }
      const auto data = typedArrayOf<Napi::Float32Array>(arrays[i], "columns", napi_float32_array, "Float32Arrays");
      if (ok_) result.push_back({data.Data(), data.ElementLength(), width});
    }
    return result;
  }

  // The copies of `copyAsync`, of elements [first, end): an array of offsets, and an array of as many Float32Arrays.
  std::vector<ArenaCopy> copies(size_t index, size_t outsIndex, int64_t first, int64_t end) {
    std::vector<ArenaCopy> result;
    if (!ok_) return result;
    if (!info_[index].IsArray()) return fail<Napi::TypeError>("offsets", "an array"), result;
    if (!info_[outsIndex].IsArray()) return fail<Napi::TypeError>("outs", "an array"), result;
    const std::vector<Napi::Value> offsets = elementsOf(info_[index].As<Napi::Array>());
    const std::vector<Napi::Value> outs = elementsOf(info_[outsIndex].As<Napi::Array>());
    if (ok_ && offsets.size() != outs.size()) return fail<Napi::RangeError>("outs", "one for each offset"), result;
    for (size_t i = 0; i < offsets.size() && ok_; i++) {
      const int64_t offset = integerOf(offsets[i], "offsets", first, end);
      auto out = typedArrayOf<Napi::Float32Array>(outs[i], "outs", napi_float32_array, "Float32Arrays");
      if (!ok_) return result;
      const int64_t count = static_cast<int64_t>(out.ElementLength());
      if (count > end - offset) return fail<Napi::RangeError>("outs", "at most the elements from each offset on"), result;
      result.push_back({offset, out.Data(), count});
    }
    return result;
  }

  // Four numbers for each operand: code word, rows, columns, and 1 where it lies transposed, 2 more where it is rounded.
  std::vector<PackableView> packable(size_t index) {
    std::vector<PackableView> result;
    const auto words = typedArray<Napi::Int32Array>(index, "packable", napi_int32_array, "an Int32Array");
    if (!ok_) return result;
    if (words.ElementLength() % 4 != 0) return fail<Napi::RangeError>("packable", "four words for each operand"), result;
    for (size_t i = 0; i < words.ElementLength(); i += 4) {
      result.push_back({words[i], words[i + 1], words[i + 2], (words[i + 3] & 1) != 0, (words[i + 3] & 2) != 0});
    }
    return result;
  }

  // `from, to, repeats, epoch, batch, rows`.
  RunRequest runRequest() {
    RunRequest request;
    request.from = integer(0, "from", 0, MAX_INT32);
    request.to = integer(1, "to", 0, MAX_INT32);
    request.repeats = integer(2, "repeats", 0, MAX_SAFE_INTEGER);
    request.epoch = integer(3, "epoch", 0, MAX_SAFE_INTEGER);
    request.batch = integer(4, "batch", 0, MAX_INT32);
    request.rows = integer(5, "rows", 1, MAX_INT32);
    return request;
  }

  template <typename ErrorType>
  void fail(const char* name, const std::string& expected) {
    ok_ = false;
    ErrorType::New(info_.Env(), std::string(name) + ": expected " + expected).ThrowAsJavaScriptException();
  }

 private:
  // Reading an element may run JavaScript, which may throw or take another array's memory away: all are read before any is looked into.
  std::vector<Napi::Value> elementsOf(const Napi::Array& array) {
    std::vector<Napi::Value> elements;
    const uint32_t length = ok_ ? array.Length() : 0;
    for (uint32_t i = 0; i < length && i <= MAX_COLUMNS && ok_; i++) {
      napi_value element = nullptr;
      ok_ = napi_get_element(info_.Env(), array, i, &element) == napi_ok;
      elements.emplace_back(info_.Env(), element);
    }
    return elements;
  }

  int64_t integerOf(Napi::Value value, const char* name, int64_t least, int64_t most) {
    if (!ok_) return 0;
    if (!value.IsNumber()) return fail<Napi::TypeError>(name, "a number"), 0;
    const double number = value.As<Napi::Number>().DoubleValue();
    if (number >= static_cast<double>(least) && number <= static_cast<double>(most) && number == std::trunc(number)) {
      return static_cast<int64_t>(number);
    }
    fail<Napi::RangeError>(
        name, "an integer from " + std::to_string(least) + " to " + std::to_string(most) + ", got " + value.ToString().Utf8Value());
    return 0;
  }

  template <typename Typed>
  Typed typedArrayOf(Napi::Value value, const char* name, napi_typedarray_type type, const char* expected) {
    if (!ok_) return Typed();
    if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type) return value.As<Typed>();
    fail<Napi::TypeError>(name, expected);
    return Typed();
  }

  const Napi::CallbackInfo& info_;
  bool ok_ = true;
};

}  // namespace chainrule
