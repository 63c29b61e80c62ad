// The shapes of a processor's matrix registers (AMX).
#pragma once

#include <stdint.h>

namespace chainrule {
namespace amx {

// Of a matrix register: its rows, and the 4-byte elements of a row.
constexpr int MATRIX_ROWS = 16;
constexpr int MATRIX_COLUMNS = 16;

// The rows and columns of each register that are used, in the form that the processor takes.
struct alignas(64) MatrixShapes {
  uint8_t palette = 1;
  uint8_t start = 0;
  uint8_t reserved[14] = {};
  uint16_t rowBytes[16] = {};
  uint8_t rows[16] = {};

  void set(int matrix, int64_t usedRows, int64_t usedColumns) {
    rows[matrix] = static_cast<uint8_t>(usedRows);
    rowBytes[matrix] = static_cast<uint16_t>(usedColumns * static_cast<int64_t>(sizeof(float)));
  }
};

}  // namespace amx
}  // namespace chainrule
