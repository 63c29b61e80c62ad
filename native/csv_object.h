// The class `CsvLines` that JavaScript sees.
#pragma once

#define NAPI_DISABLE_CPP_EXCEPTIONS
#include <napi.h>

namespace chainrule {

Napi::Function defineCsvLines(Napi::Env env);

}  // namespace chainrule
