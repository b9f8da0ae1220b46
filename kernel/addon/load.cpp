// The Node-API surface as a whole: the code paths that this machine can run, and the functions of every family.
#include "call.h"

namespace {

Napi::Object load(Napi::Env env, Napi::Object exports) {
  using namespace reseed;
  const auto& paths = availablePaths();
  const Napi::Array names = Napi::Array::New(env, paths.size());
  for (uint32_t i = 0; i < paths.size(); i++) names.Set(i, paths[i]->name);
  exports.Set("paths", names);
  addon::exportMatching(env, exports);
  addon::exportTopK(env, exports);
  addon::exportAssignment(env, exports);
  addon::exportSpectrum(env, exports);
  addon::exportDense(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(reseed, load)
