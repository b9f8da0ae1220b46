// Gradients of a TopK autoencoder by feature, and the optimiser step that they make.
#pragma once
#include "top-k/pass.h"

namespace reseed {

class TopKUpdate {
 public:
  TopKUpdate(const CodePath& path, ThreadTeam& team, const TopKTrainJob& job);

  /** One thread, before the first step of a task. @param moving features with moments that are not all 0 [F] */
  void begin(const TopKTask& task, char* moving);
  /** Every thread of the team calls this for step s, after its pass. */
  void run(size_t id, size_t s, const TopKPass& pass);

 private:
  void sortByFeature(const TopKPass& pass);
  void sort(const TopKEntries& entries, const TopKPass& pass, bool auxiliary);
  void decoderBiasGradient(size_t id, const TopKPass& pass);
  bool isStill(size_t i) const { return starts_[i] == starts_[i + 1] && !moving_[i]; }
  void sum(size_t i, const TopKPass& pass, float* encoder, float* decoder);
  void move(size_t i, const float* encoder, const float* decoder, double bias, const AdamStep& adam);
  void updateFeatures(size_t id, size_t piece, const TopKPass& pass, const AdamStep& adam);
  void keepFeatures(size_t piece, const TopKPass& pass);
  void moveKept(size_t piece, double scale, const AdamStep& adam);
  double clipped() const;

  const CodePath& path_;
  ThreadTeam& team_;
  const TopKTrainJob& job_;
  const TopKTask* task_ = nullptr;
  char* moving_ = nullptr;
  Pieces features_, kept_;
  /** Entries by feature: those of feature i are starts_[i] … starts_[i+1]. */
  std::vector<int32_t> starts_, next_, residualRows_, inputRows_;
  std::vector<float> codes_, pulls_;
  std::vector<double> biasGradient_, biasOf_;
  /** For each thread the gradients of one feature. */
  std::vector<std::vector<float>> encoderGradients_, decoderGradients_;
  /** Gradients of all features and their squares, where they are clipped. */
  std::vector<float> keptEncoder_, keptDecoder_;
  std::vector<double> squaresOf_;
};

}  // namespace reseed
