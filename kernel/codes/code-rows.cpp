// Products of one code column with all columns of other codes, row by row; the order is that of the portable kernel.
#include "codes/code-rows.h"

#include <algorithm>

namespace reseed {
namespace {

/** How far ahead rows of B are fetched, and the offsets that say where they begin. */
constexpr int32_t rowsAhead = 6, offsetsAhead = 24, lineBytes = 64;

}  // namespace

CodeRows::CodeRows(const Codes& b, size_t mostCopied) : b_(b) {
  const size_t count = static_cast<size_t>(b.offsets[b.rows]);
  if (count > mostCopied) return;
  entries_.grow(std::max<size_t>(64, count * sizeof(Entry)));
  Entry* const to = entries_.as<Entry>();
  for (size_t e = 0; e < count; e++) to[e] = {b.indices[e], b.values[e]};
}

void CodeRows::add(double* sums, const Codes& columns, size_t i) const {
  if (const Entry* const entries = entries_.as<Entry>()) {
    const auto fetch = [=](int32_t from, int32_t to) {
      for (int32_t e = from; e < to; e += lineBytes / sizeof(Entry)) __builtin_prefetch(entries + e);
    };
    addFrom(sums, columns, i, fetch, [=](int32_t e) { return entries[e]; });
  } else {
    const auto fetch = [&](int32_t from, int32_t to) {
      for (int32_t e = from; e < to; e += lineBytes / 4) {
        __builtin_prefetch(b_.indices + e);
        __builtin_prefetch(b_.values + e);
      }
    };
    addFrom(sums, columns, i, fetch, [&](int32_t e) { return Entry{b_.indices[e], b_.values[e]}; });
  }
}

template <class Fetch, class EntryAt>
void CodeRows::addFrom(double* sums, const Codes& columns, size_t i, Fetch fetch, EntryAt at) const {
  const int32_t end = columns.offsets[i + 1];
  for (int32_t s = columns.offsets[i]; s < end; s++) {
    // The rows lie far apart in B, and the processor cannot know which come next.
    if (s + offsetsAhead < end) __builtin_prefetch(b_.offsets + columns.indices[s + offsetsAhead]);
    if (s + rowsAhead < end) {
      const int32_t* const later = b_.offsets + columns.indices[s + rowsAhead];
      fetch(later[0], later[1]);
    }
    const int32_t* const row = b_.offsets + columns.indices[s];
    const double code = columns.values[s];
    for (int32_t e = row[0]; e < row[1]; e++) {
      const Entry entry = at(e);
      sums[entry.feature] += code * static_cast<double>(entry.value);
    }
  }
}

}  // namespace reseed
