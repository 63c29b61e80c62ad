// The class `CsvLines` that JavaScript sees.
#pragma once

#define NAPI_DISABLE_CPP_EXCEPTIONS
#include <napi.h>

#include <stdint.h>

namespace chainrule {

// What its methods take and give, by number: JavaScript that expects another does without it.
constexpr int32_t CSV_VERSION = 2;

Napi::Function defineCsvLines(Napi::Env env);

}  // namespace chainrule
