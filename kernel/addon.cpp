// The Node-API surface: takes typed arrays out of their objects, and runs the work off the event loop.
//
// The caller has checked values and shapes (src/kernel/arguments.ts); what is checked again here is what memory
// safety needs: the type and the length of every array.
#include <napi.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "co-firing.h"
#include "encode.h"
#include "match.h"
#include "path.h"
#include "train.h"

namespace {

using namespace reseed;

Napi::Object objectAt(const Napi::Object& from, const char* key) {
  const Napi::Value value = from.Get(key);
  if (!value.IsObject()) throw Napi::TypeError::New(from.Env(), std::string(key) + ": not an object");
  return value.As<Napi::Object>();
}

size_t countAt(const Napi::Object& from, const char* key) {
  const Napi::Value value = from.Get(key);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= 0x7fffffff) || number != static_cast<double>(static_cast<size_t>(number))) {
    throw Napi::TypeError::New(from.Env(), std::string(key) + ": not a count");
  }
  return static_cast<size_t>(number);
}

double numberAt(const Napi::Object& from, const char* key) { return from.Get(key).ToNumber().DoubleValue(); }

bool flagAt(const Napi::Object& from, const char* key) { return from.Get(key).ToBoolean(); }

/** The values of a typed array of type T with exactly `length` entries. */
template <class T>
T* arrayAt(const Napi::Object& from, const char* key, size_t length) {
  constexpr napi_typedarray_type type = std::is_same_v<T, float>    ? napi_float32_array
                                        : std::is_same_v<T, double> ? napi_float64_array
                                                                    : napi_int32_array;
  const Napi::Value value = from.Get(key);
  if (value.IsTypedArray()) {
    auto array = value.As<Napi::TypedArrayOf<T>>();
    if (array.TypedArrayType() == type && array.ElementLength() == length) return array.Data();
  }
  throw Napi::TypeError::New(from.Env(), std::string(key) + ": not the expected array of " + std::to_string(length) + " values");
}

size_t lengthAt(const Napi::Object& from, const char* key) {
  const Napi::Value value = from.Get(key);
  if (!value.IsTypedArray()) throw Napi::TypeError::New(from.Env(), std::string(key) + ": not a typed array");
  return value.As<Napi::TypedArray>().ElementLength();
}

/** A matrix's values; sets its shape. */
const float* matrixAt(const Napi::Object& from, size_t& rows, size_t& cols) {
  rows = countAt(from, "rows");
  cols = countAt(from, "cols");
  return arrayAt<float>(from, "data", rows * cols);
}

BestOut bestAt(const Napi::Object& from, const char* key, size_t n) {
  const Napi::Object table = objectAt(from, key);
  return {arrayAt<int32_t>(table, "index", n), arrayAt<double>(table, "value", n),
          arrayAt<int32_t>(table, "secondIndex", n), arrayAt<double>(table, "secondValue", n)};
}

MatchesOut matchesAt(const Napi::Object& from, size_t rowsA, size_t rowsB) {
  const Napi::Object a = objectAt(from, "aToB"), b = objectAt(from, "bToA");
  return {bestAt(a, "signed", rowsA), bestAt(a, "abs", rowsA), bestAt(b, "signed", rowsB), bestAt(b, "abs", rowsB)};
}

template <class F>
Weights<F> weightsAt(const Napi::Object& from, const char* key, size_t features, size_t width) {
  const Napi::Object w = objectAt(from, key);
  return {arrayAt<float>(w, "encoder", features * width), arrayAt<float>(w, "encoderBias", features),
          arrayAt<float>(w, "decoder", features * width), arrayAt<float>(w, "decoderBias", width)};
}

Codes codesOf(const Napi::Object& from) {
  Codes codes{};
  codes.rows = countAt(from, "rows");
  codes.features = countAt(from, "features");
  codes.offsets = arrayAt<int32_t>(from, "offsets", codes.rows + 1);
  const size_t count = static_cast<size_t>(codes.offsets[codes.rows]);
  codes.indices = arrayAt<int32_t>(from, "indices", count);
  codes.values = arrayAt<float>(from, "values", count);
  for (size_t n = 0; n < codes.rows; n++) {
    if (codes.offsets[n] > codes.offsets[n + 1] || codes.offsets[n] < 0) {
      throw Napi::TypeError::New(from.Env(), "offsets: not ascending");
    }
  }
  for (size_t e = 0; e < count; e++) {
    if (static_cast<uint32_t>(codes.indices[e]) >= codes.features) {
      throw Napi::TypeError::New(from.Env(), "indices: a feature that is not there");
    }
  }
  return codes;
}

using Work = std::function<void(const Path&, size_t, Stop)>;

/** Runs on a thread of libuv's pool, which brings its own crew; holds on to the arguments until it is done. */
class Worker : public Napi::AsyncWorker {
 public:
  Worker(const Napi::CallbackInfo& info, Work work)
      : AsyncWorker(info.Env(), "reseed"), work_(std::move(work)), deferred_(Napi::Promise::Deferred::New(info.Env())) {
    const Napi::Object orders = info[0].As<Napi::Object>();
    threads_ = std::max<size_t>(1, countAt(orders, "threads"));
    stop_.word = arrayAt<int32_t>(orders, "stop", 1);
    path_ = &pathByName(orders.Get("path").ToString().Utf8Value());
    const Napi::Array held = Napi::Array::New(info.Env(), info.Length());
    for (uint32_t i = 0; i < info.Length(); i++) held.Set(i, info[i]);
    held_ = Napi::Persistent(held.As<Napi::Object>());
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { work_(*path_, threads_, stop_); }
  void OnOK() override { deferred_.Resolve(Env().Undefined()); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Work work_;
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference held_;
  size_t threads_ = 1;
  Stop stop_{};
  const Path* path_ = nullptr;
};

Napi::Value start(const Napi::CallbackInfo& info, Work work) {
  std::unique_ptr<Worker> worker;
  try {
    worker = std::make_unique<Worker>(info, std::move(work));
  } catch (const std::invalid_argument& error) {
    throw Napi::TypeError::New(info.Env(), error.what());
  }
  const Napi::Promise promise = worker->promise();
  // The worker deletes itself when it is done.
  worker.release()->Queue();
  return promise;
}

Napi::Object argument(const Napi::CallbackInfo& info, size_t i) {
  if (!info[i].IsObject()) throw Napi::TypeError::New(info.Env(), "an argument is not an object");
  return info[i].As<Napi::Object>();
}

Napi::Value matchCall(const Napi::CallbackInfo& info) {
  MatchJob job{};
  size_t widthB = 0;
  job.a = matrixAt(argument(info, 1), job.f, job.d);
  job.b = matrixAt(argument(info, 2), job.g, widthB);
  if (widthB != job.d) throw Napi::TypeError::New(info.Env(), "matrices differ in width");
  job.out = matchesAt(argument(info, 3), job.f, job.g);
  return start(info, [job](const Path& path, size_t threads, Stop stop) { bestMatches(path, threads, stop, job); });
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
  task.features = countAt(from, "features");
  task.weights = weightsAt<float>(from, "weights", task.features, job.width);
  task.first = weightsAt<float>(from, "first", task.features, job.width);
  task.second = weightsAt<float>(from, "second", task.features, job.width);
  task.steps = lengthAt(from, "losses");
  task.losses = arrayAt<double>(from, "losses", task.steps);
  task.stepSizes = arrayAt<double>(from, "stepSizes", task.steps);
  task.roots = arrayAt<double>(from, "roots", task.steps);
  task.starts = arrayAt<int32_t>(from, "starts", task.steps + 1);
  const size_t count = lengthAt(from, "rows");
  task.rows = arrayAt<int32_t>(from, "rows", count);
  bool sound = task.starts[0] == 0 && static_cast<size_t>(task.starts[task.steps]) == count;
  for (size_t s = 0; s < task.steps; s++) sound = sound && task.starts[s] < task.starts[s + 1];
  for (size_t n = 0; n < count; n++) sound = sound && static_cast<uint32_t>(task.rows[n]) < job.rows;
  if (!sound) throw Napi::TypeError::New(from.Env(), "batches: rows that are not there");
  return task;
}

Napi::Value trainCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  TrainJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.firstEqual = arrayAt<int32_t>(from, "firstEqual", job.rows);
  for (size_t n = 0; n < job.rows; n++) {
    if (static_cast<uint32_t>(job.firstEqual[n]) > n) throw Napi::TypeError::New(info.Env(), "firstEqual: not a row before");
  }
  const Napi::Object hyper = objectAt(from, "hyper");
  job.hyper = {countAt(hyper, "k"),       flagAt(hyper, "relu"),     flagAt(hyper, "subtractDecoderBias"),
               numberAt(hyper, "beta1"), numberAt(hyper, "beta2"), numberAt(hyper, "epsilon")};
  const Napi::Object tasks = objectAt(from, "tasks");
  const uint32_t count = tasks.As<Napi::Array>().Length();
  for (uint32_t t = 0; t < count; t++) job.tasks.push_back(taskOf(tasks.Get(t).As<Napi::Object>(), job));
  return start(info, [job](const Path& path, size_t threads, Stop stop) { trainTopK(path, threads, stop, job); });
}

Napi::Value coFiringCall(const Napi::CallbackInfo& info) {
  CoFiringJob job{};
  job.a = codesOf(argument(info, 1));
  job.b = codesOf(argument(info, 2));
  if (job.a.rows != job.b.rows) throw Napi::TypeError::New(info.Env(), "codes differ in rows");
  job.out = matchesAt(argument(info, 3), job.a.features, job.b.features);
  return start(info, [job](const Path& path, size_t threads, Stop stop) { coFiring(path, threads, stop, job); });
}

Napi::Object load(Napi::Env env, Napi::Object exports) {
  const auto& paths = availablePaths();
  const Napi::Array names = Napi::Array::New(env, paths.size());
  for (uint32_t i = 0; i < paths.size(); i++) names.Set(i, paths[i]->name);
  exports.Set("paths", names);
  exports.Set("bestMatches", Napi::Function::New(env, matchCall));
  exports.Set("encodeTopK", Napi::Function::New(env, encodeCall));
  exports.Set("trainTopK", Napi::Function::New(env, trainCall));
  exports.Set("coFiring", Napi::Function::New(env, coFiringCall));
  return exports;
}

}  // namespace

NODE_API_MODULE(reseed, load)
