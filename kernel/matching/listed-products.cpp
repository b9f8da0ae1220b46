// Products of listed pairs in float64, in the order of portable/products.ts. Threads take blocks of rows.
//
// Cost: a row of B from memory for each pair; the multiply-adds are hidden behind that.
#include "matching/listed-products.h"

#include <algorithm>

#include "isa/packed.h"

namespace reseed {
namespace {

constexpr size_t blockRows = 64;

}  // namespace

void listedProducts(const CodePath& path, size_t threads, Stop stop, const ListedProductsJob& job) {
  Pieces pieces;
  pieces.reset(panelsOf(job.rows, blockRows));
  onThreads(threads, [&](size_t) {
    for (size_t piece; pieces.take(piece) && !stop.asked();) {
      for (size_t i = piece * blockRows; i < std::min(job.rows, (piece + 1) * blockRows); i++) {
        const size_t from = static_cast<size_t>(job.offsets[i]), to = static_cast<size_t>(job.offsets[i + 1]);
        path.dots(job.a + i * job.d, job.b, job.d, job.partners + from, to - from, job.out + from);
      }
    }
  });
}

}  // namespace reseed
