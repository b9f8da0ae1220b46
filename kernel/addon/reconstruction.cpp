// Errors of reconstruction from JavaScript.
#include "codes/reconstruction.h"

#include "addon/call.h"
#include "addon/codes.h"

namespace reseed::addon {
namespace {

Napi::Value errorsCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  ReconstructionJob job{};
  job.x = matrixAt(objectAt(from, "x"), job.rows, job.width);
  job.codes = codesOf(objectAt(from, "codes"));
  if (job.codes.rows != job.rows || job.codes.offsets[0] != 0) throw refusal(from, "codes: not of these rows");
  job.decoder = arrayAt<float>(from, "decoder", job.codes.features * job.width);
  job.decoderBias = arrayAt<float>(from, "decoderBias", job.width);
  job.out = arrayAt<double>(from, "out", job.rows);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { reconstructionErrors(path, threads, stop, job); });
}

}  // namespace

void exportReconstruction(Napi::Env env, Napi::Object exports) {
  exports.Set("reconstructionErrors", Napi::Function::New(env, errorsCall));
}

}  // namespace reseed::addon
