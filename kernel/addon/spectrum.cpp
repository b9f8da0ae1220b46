// Gram matrices and eigenvalues from JavaScript.
#include "call.h"
#include "eigen.h"
#include "gram.h"

namespace reseed::addon {
namespace {

Napi::Value gramCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  GramJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.cols);
  job.centred = flagAt(from, "centred");
  job.out = arrayAt<double>(from, "out", job.cols * job.cols);
  return start(info, [job](const Path& path, size_t threads, Stop stop) { gram(path, threads, stop, job); });
}

Napi::Value eigenCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  EigenJob job{};
  job.n = countAt(from, "n");
  job.r = countAt(from, "r");
  if (job.r > job.n) throw refusal(from, "r: more vectors than there are");
  job.a = arrayAt<double>(from, "a", job.n * job.n);
  job.values = arrayAt<double>(from, "values", job.n);
  job.vectors = arrayAt<double>(from, "vectors", job.r * job.n);
  return start(info, [job](const Path& path, size_t threads, Stop stop) { eigen(path, threads, stop, job); });
}

}  // namespace

void exportSpectrum(Napi::Env env, Napi::Object exports) {
  exports.Set("gram", Napi::Function::New(env, gramCall));
  exports.Set("eigen", Napi::Function::New(env, eigenCall));
}

}  // namespace reseed::addon
