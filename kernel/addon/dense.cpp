// Encoding, single passes and training of ReLU, JumpReLU and Gated autoencoders from JavaScript.
#include "addon/call.h"
#include "dense/train.h"

namespace reseed::addon {
namespace {

DenseLoss lossAt(const Napi::Object& from) {
  const Napi::Object loss = objectAt(from, "loss");
  const std::string name = loss.Get("architecture").ToString().Utf8Value();
  DenseArchitecture architecture{};
  if (name == "relu") architecture = DenseArchitecture::relu;
  else if (name == "jumprelu") architecture = DenseArchitecture::jumprelu;
  else if (name == "gated") architecture = DenseArchitecture::gated;
  else throw refusal(from, "architecture: unknown");
  return {architecture,
          flagAt(loss, "subtractDecoderBias"),
          flagAt(loss, "weighByDecoderNorm"),
          flagAt(loss, "meanOverWidth"),
          numberAt(loss, "sparsity"),
          numberAt(loss, "bandwidth"),
          numberAt(loss, "targetL0")};
}

template <class T>
DenseArrays<T> arraysAt(const Napi::Object& from, const char* key, DenseArchitecture architecture, size_t features,
                        size_t width) {
  const Napi::Object object = objectAt(from, key);
  DenseArrays<T> arrays{arrayAt<T>(object, "encoder", features * width), arrayAt<T>(object, "decoder", features * width),
                        arrayAt<T>(object, "decoderBias", width), {}};
  const Napi::Array perFeature = listAt(object, "perFeature");
  for (uint32_t k = 0; k < perFeatureCount(architecture); k++) {
    arrays.perFeature[k] = arrayAt<T>(perFeature, k, features);
  }
  return arrays;
}

Napi::Value encodeCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  DenseEncodeJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.features = countAt(from, "features");
  job.loss = lossAt(from);
  job.weights = arraysAt<const float>(from, "weights", job.loss.architecture, job.features, job.width);
  job.codes = arrayAt<float>(from, "codes", job.rows * job.features);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { encodeDense(path, threads, stop, job); });
}

Napi::Value passCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  DensePassJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.features = countAt(from, "features");
  job.firstEqual = firstEqualAt(from, job.rows);
  job.loss = lossAt(from);
  job.weights = arraysAt<const float>(from, "weights", job.loss.architecture, job.features, job.width);
  job.gradients = arraysAt<double>(from, "gradients", job.loss.architecture, job.features, job.width);
  job.batchRows = lengthAt(from, "batch");
  job.batch = indicesAt(from, "batch", job.batchRows, 0, job.rows);
  job.parts = arrayAt<double>(from, "parts", 5);
  return start(info, [job](const CodePath& path, size_t threads, Stop) { forwardBackward(path, threads, job); });
}

DenseTask taskOf(const Napi::Object& from, const DenseTrainJob& job) {
  DenseTask task{};
  static_cast<Schedule&>(task) = scheduleAt(from, lengthAt(from, "sparsities"), job.rows);
  const DenseArchitecture architecture = job.loss.architecture;
  task.features = countAt(from, "features");
  task.weights = arraysAt<float>(from, "weights", architecture, task.features, job.width);
  task.first = arraysAt<float>(from, "first", architecture, task.features, job.width);
  task.second = arraysAt<float>(from, "second", architecture, task.features, job.width);
  task.sparsities = arrayAt<double>(from, "sparsities", task.steps);
  task.parts = arrayAt<double>(from, "parts", 5 * task.steps);
  return task;
}

Napi::Value trainCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  DenseTrainJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.firstEqual = firstEqualAt(from, job.rows);
  job.loss = lossAt(from);
  const Napi::Object optimiser = objectAt(from, "optimiser");
  job.optimiser = {numberAt(optimiser, "beta1"), numberAt(optimiser, "beta2"), numberAt(optimiser, "epsilon"),
                   flagAt(optimiser, "projectGradient"), flagAt(optimiser, "normaliseDecoder"),
                   numberAt(optimiser, "clipNorm")};
  const Napi::Array tasks = listAt(from, "tasks");
  for (uint32_t t = 0; t < tasks.Length(); t++) job.tasks.push_back(taskOf(tasks.Get(t).As<Napi::Object>(), job));
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { trainDense(path, threads, stop, job); });
}

}  // namespace

void exportDense(Napi::Env env, Napi::Object exports) {
  exports.Set("encodeDense", Napi::Function::New(env, encodeCall));
  exports.Set("forwardBackward", Napi::Function::New(env, passCall));
  exports.Set("trainDense", Napi::Function::New(env, trainCall));
}

}  // namespace reseed::addon
