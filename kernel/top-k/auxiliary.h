// AuxK: dead features reconstruct what the other features have left over.
#pragma once
#include <memory>

#include "top-k/entries.h"
#include "top-k/train.h"

namespace reseed {

class TopKAuxiliary {
 public:
  TopKAuxiliary(const CodePath& path, ThreadTeam& team, const TopKTrainJob& job, size_t features, size_t batch);

  /** Before the selection of a step; one thread. */
  void begin(const TopKTask& task);
  /** After it: brings the counts since firing up to date; one thread. */
  void count(const TopKEntries& selected, const BatchRows& batch);
  /**
   * Every thread of the team calls this once `errors` is there, and overwrites it.
   * @param inputs what is encoded [distinct × d]
   * @param r result, the term's residuals [distinct × d]
   */
  void run(size_t id, const BatchRows& batch, const float* inputs, const double* norms, float* r);

  /** x̂ − x of each row, by the last level [distinct × d]. */
  float* errors() { return errors_.data(); }
  const TopKEntries& entries() const { return entries_; }
  double loss() const { return loss_; }
  size_t dead() const { return dead_.size(); }
  /** Whether the residuals have a part in ∂b_d. */
  bool movesBias() const { return isThere_ && hyper_.bias != AuxiliaryBias::none; }

 private:
  void judge();
  void variance(size_t id, const BatchRows& batch);
  void gather(size_t id, const double* norms);
  void block(size_t id, size_t from, size_t n, const BatchRows& batch, const float* inputs, float* r);

  const CodePath& path_;
  ThreadTeam& team_;
  const TopKTrainJob& job_;
  const AuxiliaryHyper& hyper_;
  const TopKTask* task_ = nullptr;
  std::vector<int32_t> dead_;
  TopKEntries entries_;
  size_t k_ = 0, blockRows_ = 1;
  double per_ = 0, share_ = 0, scale_ = 0, loss_ = 0;
  bool isThere_ = false;
  std::vector<double> mean_, squares_, deadNorms_;
  std::vector<float> errors_, deadEncoder_, deadBias_;
  PackedEncoder packed_;
  std::vector<std::unique_ptr<RowEncoder>> encoders_;
  /** e − mean(e) of one row, for each thread. */
  std::vector<std::vector<double>> apart_;
  Pieces blocks_;
};

}  // namespace reseed
