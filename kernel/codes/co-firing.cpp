// Cosines between code columns, from the rows on which both features fire.
//
// Feature i of A meets only the codes of B on the rows where it fires, rows ascending: N·k_a·k_b multiply-adds for
// all pairs, in float64 and in the portable kernel's order. A product of two float32 codes is exact, so it makes no
// difference whether multiply and add are fused. A thread holds one row of sums. Silent columns have no partner.
#include "codes/co-firing.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "codes/code-rows.h"

namespace reseed {
namespace {

constexpr size_t featuresPerPiece = 16;

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

/** The best partners of every column. What a partner must reach lies apart from them: a look at all columns reads little memory. */
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

void coFiring(const CodePath& path, size_t threads, Stop stop, const CoFiringJob& job) {
  const Codes &a = job.a, &b = job.b;
  const std::vector<double> normsA = columnNorms(a), normsB = columnNorms(b);
  const Columns columns(a);
  const CodeRows rows(b);
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
