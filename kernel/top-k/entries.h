// The rows of a batch and its entries, the pairs of a row and a feature that take part in a step.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reseed {

/** Rows of a batch, and how often each occurs. Equal rows stand once, unless they must be told apart. */
struct BatchRows {
  /** Rows in the batch, copies and all. */
  size_t size = 0;
  size_t distinct = 0;
  std::vector<int32_t> rows;
  std::vector<double> counts;
};

/** Entries of row s are offsets[s] … offsets[s+1], features ascending. */
struct TopKEntries {
  std::vector<int32_t> offsets, features;
  /** p, as selected, and z. */
  std::vector<float> values, codes;
  /** ∂loss/∂z, in float64 until `settlePulls` rounds it. */
  std::vector<double> pulls;

  size_t begin(size_t row) const { return static_cast<size_t>(offsets[row]); }
  size_t end(size_t row) const { return static_cast<size_t>(offsets[row + 1]); }

  /** The same number of entries in each row. */
  void shape(size_t rows, size_t each) {
    offsets.resize(rows + 1);
    for (size_t s = 0; s <= rows; s++) offsets[s] = static_cast<int32_t>(s * each);
    reserve(rows * each);
  }

  void reserve(size_t count) {
    if (features.size() >= count) return;
    features.resize(count);
    values.resize(count);
    codes.resize(count);
    pulls.resize(count);
  }

  /** Codes of the entries from … to. */
  void activate(size_t from, size_t to, bool relu) {
    for (size_t e = from; e < to; e++) {
      const float v = values[e];
      codes[e] = relu && !(v > 0) ? 0 : v;
    }
  }

  /** Rounds the pulls of the entries from … to; ReLU passes none where it cut a code to 0. */
  void settlePulls(size_t from, size_t to, bool relu) {
    for (size_t e = from; e < to; e++) pulls[e] = relu && codes[e] == 0 ? 0 : static_cast<double>(static_cast<float>(pulls[e]));
  }
};

}  // namespace reseed
