// Cosines between code columns, from the rows on which both features fire.
//
// Feature i of A meets only the codes of B on the rows where it fires, rows ascending: N·k_a·k_b multiply-adds for
// all pairs, in float64 and in the portable kernel's order. A product of two float32 codes is exact, so it makes no
// difference whether multiply and add are fused. A thread holds one row of sums. Silent columns have no partner.
#include "codes/co-firing.h"

#include <algorithm>
#include <cmath>

namespace reseed {
namespace {

constexpr size_t featuresPerPiece = 16;
/** How far ahead rows of B, and before them where they begin, are called into the cache. */
constexpr int32_t rowsAhead = 6, offsetsAhead = 24, lineBytes = 64;

std::vector<double> columnNorms(const Codes& codes) {
  std::vector<double> norms(codes.features);
  const int32_t end = codes.offsets[codes.rows];
  for (int32_t e = 0; e < end; e++) {
    const double v = codes.values[e];
    norms[static_cast<size_t>(codes.indices[e])] += v * v;
  }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

/** The best partners of every column; what they must reach lies apart from them, so that looking at all takes little memory. */
class ColumnBests {
 public:
  explicit ColumnBests(size_t n) : best_(n), sign_(n, -HUGE_VAL), size_(n, -HUGE_VAL) {}
  const BothBest& operator[](size_t j) const { return best_[j]; }
  /** Whether v changes nothing for column j. */
  bool surelyKeeps(size_t j, double v) const { return v < sign_[j] && std::fabs(v) < size_[j]; }
  void offer(size_t j, double v, int32_t i) {
    best_[j].offer(v, i);
    sign_[j] = best_[j].bySign.secondValue;
    size_[j] = best_[j].bySize.secondValue;
  }

 private:
  std::vector<BothBest> best_;
  std::vector<double> sign_, size_;
};

/** For every feature, the rows it fires on and its codes there. */
struct Columns {
  std::vector<int32_t> offsets, rows;
  std::vector<float> values;

  explicit Columns(const Codes& codes) : offsets(codes.features + 1) {
    const size_t count = static_cast<size_t>(codes.offsets[codes.rows]);
    rows.resize(count);
    values.resize(count);
    for (size_t e = 0; e < count; e++) offsets[static_cast<size_t>(codes.indices[e]) + 1]++;
    for (size_t i = 0; i < codes.features; i++) offsets[i + 1] += offsets[i];
    std::vector<int32_t> next(offsets.begin(), offsets.end() - 1);
    for (size_t n = 0; n < codes.rows; n++) {
      for (int32_t e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
        const size_t slot = static_cast<size_t>(next[static_cast<size_t>(codes.indices[e])]++);
        rows[slot] = static_cast<int32_t>(n);
        values[slot] = codes.values[e];
      }
    }
  }

  /** [features × rows] */
  Codes codes() const { return {offsets.size() - 1, 0, offsets.data(), rows.data(), values.data()}; }
};

}  // namespace

MetRows::MetRows(const Codes& b, size_t mostCopied) : b_(b) {
  const size_t count = static_cast<size_t>(b.offsets[b.rows]);
  if (count > mostCopied) return;
  entries_.grow(std::max<size_t>(64, count * sizeof(Entry)));
  Entry* const to = entries_.as<Entry>();
  for (size_t e = 0; e < count; e++) to[e] = {b.indices[e], b.values[e]};
}

void MetRows::add(double* sums, const Codes& columns, size_t i) const {
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
void MetRows::addFrom(double* sums, const Codes& columns, size_t i, Fetch fetch, EntryAt at) const {
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

void coFiring(const CodePath& path, size_t threads, Stop stop, const CoFiringJob& job) {
  const Codes &a = job.a, &b = job.b;
  const std::vector<double> normsA = columnNorms(a), normsB = columnNorms(b);
  const Columns columns(a);
  const MetRows rows(b);
  std::vector<ColumnBests> cols(threads, ColumnBests(b.features));
  std::vector<std::vector<double>> sums(threads, std::vector<double>(b.features));
  std::vector<std::vector<double>> cosines(threads, std::vector<double>(b.features));
  Pieces pieces;
  pieces.reset((a.features + featuresPerPiece - 1) / featuresPerPiece);
  onThreads(threads, [&](size_t id) {
    for (size_t piece; pieces.take(piece) && !stop.asked();) {
      const size_t end = std::min(a.features, (piece + 1) * featuresPerPiece);
      for (size_t i = piece * featuresPerPiece; i < end; i++) {
        BothBest best;
        if (normsA[i] > 0) {
          double* sum = sums[id].data();
          std::fill_n(sum, b.features, 0.0);
          rows.add(sum, columns.codes(), i);
          // Silent columns give 0/0 here and are skipped below.
          double* cosine = cosines[id].data();
          path.cosines(sum, normsA[i], normsB.data(), b.features, cosine);
          for (size_t j = 0; j < b.features; j++) {
            if (cols[id].surelyKeeps(j, cosine[j]) && !best.reachedBy(cosine[j])) continue;
            if (normsB[j] == 0) continue;
            best.offer(cosine[j], static_cast<int32_t>(j));
            cols[id].offer(j, cosine[j], static_cast<int32_t>(i));
          }
        }
        job.out.rowSigned.put(i, best.bySign);
        job.out.rowAbs.put(i, best.bySize);
      }
    }
  });
  for (size_t j = 0; j < b.features; j++) {
    BothBest best;
    for (const auto& part : cols) best.merge(part[j]);
    job.out.colSigned.put(j, best.bySign);
    job.out.colAbs.put(j, best.bySize);
  }
}

}  // namespace reseed
