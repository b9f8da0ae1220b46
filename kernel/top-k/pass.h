// One pass over a batch of a TopK autoencoder: entries, losses, residuals and the pull of every code.
#pragma once
#include <algorithm>
#include <memory>

#include "top-k/auxiliary.h"
#include "top-k/batch-selection.h"
#include "top-k/train.h"

namespace reseed {

/** The threads of a team on one batch after the other; scratch space for the largest task of the job. */
class TopKPass {
 public:
  TopKPass(const CodePath& path, ThreadTeam& team, const TopKTrainJob& job);

  /** One thread, before the first step of a task. */
  void begin(const TopKTask& task, RankGuess& guess);
  /** Every thread of the team calls this for step s. */
  void run(size_t id, size_t s);

  const BatchRows& batch() const { return batch_; }
  const TopKEntries& entries() const { return entries_; }
  /** Null where the job has none. */
  TopKAuxiliary* auxiliary() const { return auxiliary_.get(); }
  /** c of all rows, what is encoded: x − b_d, or x [distinct × d]. */
  const float* inputs() const { return inputs_.data(); }
  /** R of all rows, one table for each level, and then r of the auxiliary term [… × distinct × d]. */
  const float* residuals() const { return residuals_.data(); }
  /** Of an entry of row s and feature i, and of the auxiliary term. */
  size_t residualRow(size_t s, size_t i) const { return levelOf_[i] * batch_.distinct + s; }
  size_t auxiliaryRow(size_t s) const { return task_->levels.size() * batch_.distinct + s; }

 private:
  void prepare(size_t s);
  void selectOverBatch(size_t id, size_t s);
  void forwardBlock(size_t id, size_t block);
  void reconstruct(size_t id, size_t s);
  void reconstructLevels(size_t id, size_t s);
  double loss() const;
  double per() const;
  void centreRows(size_t id);
  void fill(size_t s, float* to) const { std::copy_n(inputs_.data() + s * job_.width, job_.width, to); }
  const float* dataRow(size_t s) const { return job_.x + static_cast<size_t>(batch_.rows[s]) * job_.width; }

  const CodePath& path_;
  ThreadTeam& team_;
  const TopKTrainJob& job_;
  const TopKTask* task_ = nullptr;
  RankGuess* guess_ = nullptr;
  size_t k_ = 0, blockRows_ = 1, levels_ = 1;
  std::unique_ptr<PackedEncoder> packed_;
  std::vector<std::unique_ptr<RowEncoder>> encoders_;
  BatchSelection selection_;
  std::unique_ptr<TopKAuxiliary> auxiliary_;
  Pieces blocks_;
  BatchRows batch_;
  TopKEntries entries_;
  /** Slot of each row of x in the batch, or −1. */
  std::vector<int32_t> slot_;
  /** The first level that has each feature. */
  std::vector<uint8_t> levelOf_;
  std::vector<float> inputs_, residuals_;
  /** count·‖x̂ − x‖² [levels × distinct]; ‖D_i‖ where features are ranked by it. */
  std::vector<double> squares_, norms_;
  /** For each thread r of each level of one row, and R where there are several. */
  std::vector<std::vector<float>> sums_;
  std::vector<std::vector<double>> weighed_;
};

}  // namespace reseed
