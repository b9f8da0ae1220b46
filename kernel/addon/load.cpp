// The Node-API surface as a whole: the code paths that this machine can run, and the functions of every family.
#include <bit>

#include "addon/call.h"

#define RESEED_TEXT(text) RESEED_QUOTED(text)
#define RESEED_QUOTED(text) #text

namespace reseed::addon {

// Each sets the functions of a family, and is in the file of its name.
void exportMatching(Napi::Env env, Napi::Object exports);
void exportTopK(Napi::Env env, Napi::Object exports);
void exportDense(Napi::Env env, Napi::Object exports);
void exportAssignment(Napi::Env env, Napi::Object exports);
void exportSpectrum(Napi::Env env, Napi::Object exports);
void exportReconstruction(Napi::Env env, Napi::Object exports);

}  // namespace reseed::addon

namespace {

/** Whether no value of a Float32Array is NaN or infinite: the exponent of those is all ones. */
Napi::Value allFinite(const Napi::CallbackInfo& info) {
  if (info.Length() != 1 || !info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    throw Napi::TypeError::New(info.Env(), "allFinite takes a Float32Array");
  }
  const Napi::Float32Array values = info[0].As<Napi::Float32Array>();
  const float* p = values.Data();
  uint32_t found = 0;
  for (size_t i = 0, n = values.ElementLength(); i < n; i++) {
    found |= (std::bit_cast<uint32_t>(p[i]) & 0x7f800000u) == 0x7f800000u;
  }
  return Napi::Boolean::New(info.Env(), found == 0);
}

Napi::Object load(Napi::Env env, Napi::Object exports) {
  using namespace reseed;
  const auto& paths = availableCodePaths();
  const Napi::Array names = Napi::Array::New(env, paths.size());
  for (uint32_t i = 0; i < paths.size(); i++) names.Set(i, paths[i]->name);
  exports.Set("paths", names);
  exports.Set("version", RESEED_TEXT(RESEED_VERSION));
  exports.Set("allFinite", Napi::Function::New(env, allFinite));
  addon::exportMatching(env, exports);
  addon::exportTopK(env, exports);
  addon::exportDense(env, exports);
  addon::exportAssignment(env, exports);
  addon::exportSpectrum(env, exports);
  addon::exportReconstruction(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(reseed, load)
