// TopK encoding of all rows, by the coarse screen where that pays (row-encoder.cpp has the proof and the costs).
#include "top-k/encode.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "top-k/ranks.h"

namespace reseed {
namespace {

/** The encoder packed for the coarse screen, and for the fine one once a thread finds that the coarse one does not pay. */
class Encoders {
 public:
  Encoders(const CodePath& path, size_t threads, const TopKEncodeJob& job)
      : path_(path), job_(job), first_(*path.coarse, job.features, job.width, threads) {
    for (size_t id = 0; id < threads; id++) rows_.push_back(rowEncoder(*path.coarse));
  }

  void pack(size_t id) { first_.pack(id, job_.weights.encoder, job_.weights.encoderBias); }
  void gather() { first_.gather(); }
  size_t blockRows() const { return rows_[0]->blockRows(); }

  /** What thread `id` encodes its next block with. */
  std::pair<RowEncoder&, const PackedEncoder&> of(size_t id) {
    std::unique_ptr<RowEncoder>& rows = rows_[id];
    if (&rows->screen() == path_.fine) return {*rows, path_.fine == path_.coarse ? first_ : *second_};
    if (rows->leftPerRow() <= worthwhile()) return {*rows, first_};
    std::call_once(refined_, [this] {
      second_ = std::make_unique<PackedEncoder>(*path_.fine, job_.features, job_.width, 1);
      second_->pack(0, job_.weights.encoder, job_.weights.encoderBias);
      second_->gather();
    });
    rows = rowEncoder(*path_.fine);
    return {*rows, *second_};
  }

 private:
  std::unique_ptr<RowEncoder> rowEncoder(const Screen& screen) const {
    return std::make_unique<RowEncoder>(path_, screen, job_.features, job_.width, job_.k);
  }

  /**
   * Up to this many products left for a row, the coarse screen saves more than they cost. It takes half as long as the
   * fine one, and a product of two rows in float32 takes as long as some fifteen products of the fine screen.
   */
  double worthwhile() const { return 1.5 * static_cast<double>(job_.k) + static_cast<double>(job_.features) / 30; }

  const CodePath& path_;
  const TopKEncodeJob& job_;
  PackedEncoder first_;
  std::unique_ptr<PackedEncoder> second_;
  std::once_flag refined_;
  std::vector<std::unique_ptr<RowEncoder>> rows_;
};

}  // namespace

void encodeTopK(const CodePath& path, size_t threads, Stop stop, const TopKEncodeJob& job) {
  if (job.k == 0 || job.rows == 0) return;
  Encoders encoders(path, threads, job);
  ThreadTeam team(threads);
  Pieces pieces;
  const size_t block = encoders.blockRows();
  pieces.reset(panelsOf(job.rows, block));
  onThreads(threads, [&](size_t id) {
    path.enter();
    encoders.pack(id);
    team.sync();
    if (id == 0) encoders.gather();
    team.sync();
    for (size_t piece; pieces.take(piece) && !stop.asked();) {
      const size_t from = piece * block;
      const size_t n = std::min(block, job.rows - from);
      const auto [encoder, packed] = encoders.of(id);
      for (size_t r = 0; r < n; r++) {
        centre(encoder.input(r), job.x + (from + r) * job.width, job.width,
               job.subtractDecoderBias ? job.weights.decoderBias : nullptr);
      }
      float* values = job.values + from * job.k;
      encoder.select(packed, job.weights.encoder, job.weights.encoderBias, n, job.indices + from * job.k, values);
      if (job.relu) {
        for (size_t e = 0; e < n * job.k; e++) values[e] = values[e] > 0 ? values[e] : 0;
      }
    }
    path.leave();
  });
}

}  // namespace reseed
