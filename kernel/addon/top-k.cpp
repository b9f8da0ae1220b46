// Encoding and training of TopK autoencoders from JavaScript.
#include <algorithm>
#include <vector>

#include "addon/call.h"
#include "top-k/encode.h"
#include "top-k/train.h"

namespace reseed::addon {
namespace {

template <class F>
TopKWeights<F> weightsAt(const Napi::Object& from, const char* key, size_t features, size_t width) {
  const Napi::Object w = objectAt(from, key);
  return {arrayAt<float>(w, "encoder", features * width), arrayAt<float>(w, "encoderBias", features),
          arrayAt<float>(w, "decoder", features * width), arrayAt<float>(w, "decoderBias", width)};
}

Napi::Value encodeCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  TopKEncodeJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.features = countAt(from, "features");
  job.k = std::min(countAt(from, "k"), job.features);
  job.weights = weightsAt<const float>(from, "weights", job.features, job.width);
  job.relu = flagAt(from, "relu");
  job.subtractDecoderBias = flagAt(from, "subtractDecoderBias");
  job.indices = arrayAt<int32_t>(from, "indices", job.rows * job.k);
  job.values = arrayAt<float>(from, "values", job.rows * job.k);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { encodeTopK(path, threads, stop, job); });
}

/** Levels as their ends and weights; the last ends with the features. */
std::vector<Level> levelsAt(const Napi::Object& from, size_t features) {
  const size_t n = lengthAt(from, "levelEnds");
  const int32_t* ends = arrayAt<int32_t>(from, "levelEnds", n);
  const double* weights = arrayAt<double>(from, "levelWeights", n);
  std::vector<Level> levels;
  size_t before = 0;
  for (size_t l = 0; l < n; l++) {
    if (ends[l] < 0 || static_cast<size_t>(ends[l]) < before) throw refusal(from, "levelEnds: not ascending");
    before = static_cast<size_t>(ends[l]);
    levels.push_back({before, weights[l]});
  }
  if (n == 0 || n > 255 || before != features) throw refusal(from, "levelEnds: not all features");
  return levels;
}

TopKTask taskOf(const Napi::Object& from, const TopKTrainJob& job) {
  TopKTask task{};
  static_cast<Schedule&>(task) = scheduleAt(from, lengthAt(from, "reconstruction"), job.rows);
  task.features = countAt(from, "features");
  task.weights = weightsAt<float>(from, "weights", task.features, job.width);
  task.first = weightsAt<float>(from, "first", task.features, job.width);
  task.second = weightsAt<float>(from, "second", task.features, job.width);
  task.levels = levelsAt(from, task.features);
  task.sinceFired = arrayAt<int32_t>(from, "sinceFired", task.features);
  task.threshold = arrayAt<double>(from, "threshold", 1);
  task.taken = numberAt(from, "taken");
  task.reconstruction = arrayAt<double>(from, "reconstruction", task.steps);
  task.auxiliary = arrayAt<double>(from, "auxiliary", task.steps);
  task.dead = arrayAt<int32_t>(from, "dead", task.steps);
  return task;
}

AuxiliaryHyper auxiliaryOf(const Napi::Object& from) {
  AuxiliaryHyper h{};
  h.k = countAt(from, "k");
  h.coefficient = numberAt(from, "coefficient");
  h.relu = flagAt(from, "relu");
  h.normalise = flagAt(from, "normalise");
  h.scaleByDead = flagAt(from, "scaleByDead");
  h.bias = static_cast<AuxiliaryBias>(std::min<size_t>(countAt(from, "bias"), 2));
  h.inRows = flagAt(from, "inRows");
  h.judgedBefore = flagAt(from, "judgedBefore");
  h.window = numberAt(from, "window");
  h.firedAbove = numberAt(from, "firedAbove");
  return h;
}

TopKHyper hyperOf(const Napi::Object& from) {
  TopKHyper h{};
  h.k = countAt(from, "k");
  h.relu = flagAt(from, "relu");
  h.subtractDecoderBias = flagAt(from, "subtractDecoderBias");
  h.overBatch = flagAt(from, "overBatch");
  h.rankByDecoderNorm = flagAt(from, "rankByDecoderNorm");
  h.meanOverWidth = flagAt(from, "meanOverWidth");
  h.thresholdKeep = numberAt(from, "thresholdKeep");
  h.thresholdFrom = numberAt(from, "thresholdFrom");
  h.beta1 = numberAt(from, "beta1");
  h.beta2 = numberAt(from, "beta2");
  h.epsilon = numberAt(from, "epsilon");
  h.projectGradient = flagAt(from, "projectGradient");
  h.normaliseDecoder = static_cast<Normalise>(std::min<size_t>(countAt(from, "normaliseDecoder"), 2));
  h.clipNorm = numberAt(from, "clipNorm");
  h.auxiliary = auxiliaryOf(objectAt(from, "auxiliary"));
  return h;
}

Napi::Value trainCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  TopKTrainJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.firstEqual = firstEqualAt(from, job.rows);
  job.hyper = hyperOf(objectAt(from, "hyper"));
  const Napi::Array tasks = listAt(from, "tasks");
  for (uint32_t t = 0; t < tasks.Length(); t++) job.tasks.push_back(taskOf(tasks.Get(t).As<Napi::Object>(), job));
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { trainTopK(path, threads, stop, job); });
}

}  // namespace

void exportTopK(Napi::Env env, Napi::Object exports) {
  exports.Set("encodeTopK", Napi::Function::New(env, encodeCall));
  exports.Set("trainTopK", Napi::Function::New(env, trainCall));
}

}  // namespace reseed::addon
