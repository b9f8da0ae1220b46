// Encoding and training of TopK autoencoders from JavaScript.
#include <algorithm>

#include "call.h"
#include "encode.h"
#include "train.h"

namespace reseed::addon {
namespace {

template <class F>
Weights<F> weightsAt(const Napi::Object& from, const char* key, size_t features, size_t width) {
  const Napi::Object w = objectAt(from, key);
  return {arrayAt<float>(w, "encoder", features * width), arrayAt<float>(w, "encoderBias", features),
          arrayAt<float>(w, "decoder", features * width), arrayAt<float>(w, "decoderBias", width)};
}

Napi::Value encodeCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  EncodeJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.features = countAt(from, "features");
  job.k = std::min(countAt(from, "k"), job.features);
  job.weights = weightsAt<const float>(from, "weights", job.features, job.width);
  job.relu = flagAt(from, "relu");
  job.subtractDecoderBias = flagAt(from, "subtractDecoderBias");
  job.indices = arrayAt<int32_t>(from, "indices", job.rows * job.k);
  job.values = arrayAt<float>(from, "values", job.rows * job.k);
  return start(info, [job](const Path& path, size_t threads, Stop stop) { encodeTopK(path, threads, stop, job); });
}

TrainTask taskOf(const Napi::Object& from, const TrainJob& job) {
  TrainTask task{};
  static_cast<Schedule&>(task) = scheduleAt(from, lengthAt(from, "losses"), job.rows);
  task.features = countAt(from, "features");
  task.weights = weightsAt<float>(from, "weights", task.features, job.width);
  task.first = weightsAt<float>(from, "first", task.features, job.width);
  task.second = weightsAt<float>(from, "second", task.features, job.width);
  task.losses = arrayAt<double>(from, "losses", task.steps);
  return task;
}

Napi::Value trainCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  TrainJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.firstEqual = firstEqualAt(from, job.rows);
  const Napi::Object hyper = objectAt(from, "hyper");
  job.hyper = {countAt(hyper, "k"),       flagAt(hyper, "relu"),     flagAt(hyper, "subtractDecoderBias"),
               numberAt(hyper, "beta1"), numberAt(hyper, "beta2"), numberAt(hyper, "epsilon")};
  const Napi::Array tasks = listAt(from, "tasks");
  for (uint32_t t = 0; t < tasks.Length(); t++) job.tasks.push_back(taskOf(tasks.Get(t).As<Napi::Object>(), job));
  return start(info, [job](const Path& path, size_t threads, Stop stop) { trainTopK(path, threads, stop, job); });
}

}  // namespace

void exportTopK(Napi::Env env, Napi::Object exports) {
  exports.Set("encodeTopK", Napi::Function::New(env, encodeCall));
  exports.Set("trainTopK", Napi::Function::New(env, trainCall));
}

}  // namespace reseed::addon
