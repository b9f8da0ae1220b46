// Takes sparse codes out of a JavaScript object.
#pragma once
#include "addon/arguments.h"
#include "codes/codes.h"

namespace reseed::addon {

inline Codes codesOf(const Napi::Object& from) {
  Codes codes{};
  codes.rows = countAt(from, "rows");
  codes.features = countAt(from, "features");
  codes.offsets = arrayAt<int32_t>(from, "offsets", codes.rows + 1);
  const size_t count = static_cast<size_t>(codes.offsets[codes.rows]);
  codes.indices = indicesAt(from, "indices", count, 0, codes.features);
  codes.values = arrayAt<float>(from, "values", count);
  for (size_t n = 0; n < codes.rows; n++) {
    if (codes.offsets[n] > codes.offsets[n + 1] || codes.offsets[n] < 0) throw refusal(from, "offsets: not ascending");
  }
  return codes;
}

}  // namespace reseed::addon
