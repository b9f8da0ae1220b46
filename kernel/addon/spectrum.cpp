// Gram matrices, eigenvalues and products of rows from JavaScript.
#include "addon/call.h"
#include "spectrum/eigen.h"
#include "spectrum/gram.h"
#include "spectrum/multiply.h"

namespace reseed::addon {
namespace {

Napi::Value columnMeansCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  size_t rows = 0, cols = 0;
  const float* x = matrixAt(objectAt(from, "x"), rows, cols);
  double* means = arrayAt<double>(from, "means", cols);
  return start(info, [=](const CodePath&, size_t threads, Stop) { columnMeans(threads, x, rows, cols, means); });
}

Napi::Value addGramCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  GramJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.cols);
  job.shift = arrayAt<double>(from, "shift", job.cols);
  job.sum = arrayAt<double>(from, "sum", job.cols * job.cols);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { addGram(path, threads, stop, job); });
}

Napi::Value eigenCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  EigenJob job{};
  job.n = countAt(from, "n");
  job.r = countAt(from, "r");
  if (job.r > job.n) throw refusal(from, "r: more vectors than there are");
  job.ascending = flagAt(from, "ascending");
  job.a = arrayAt<double>(from, "a", job.n * job.n);
  job.values = arrayAt<double>(from, "values", job.n);
  job.vectors = arrayAt<double>(from, "vectors", job.r * job.n);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { eigen(path, threads, stop, job); });
}

Napi::Value multiplyCall(const Napi::CallbackInfo& info) {
  MultiplyJob job{};
  size_t widthB = 0;
  const Napi::Object from = argument(info, 1);
  job.a = matrixAt(objectAt(from, "a"), job.n, job.k);
  job.b = matrixAt(objectAt(from, "b"), job.m, widthB);
  if (widthB != job.k) throw refusal(from, "matrices differ in width");
  job.out = arrayAt<float>(from, "out", job.n * job.m);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { multiply(path, threads, stop, job); });
}

}  // namespace

void exportSpectrum(Napi::Env env, Napi::Object exports) {
  exports.Set("columnMeans", Napi::Function::New(env, columnMeansCall));
  exports.Set("addGram", Napi::Function::New(env, addGramCall));
  exports.Set("eigen", Napi::Function::New(env, eigenCall));
  exports.Set("multiply", Napi::Function::New(env, multiplyCall));
}

}  // namespace reseed::addon
