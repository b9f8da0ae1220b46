// Best matches and co-firing from JavaScript.
#include "addon/call.h"
#include "addon/codes.h"
#include "codes/co-firing.h"
#include "matching/match.h"

namespace reseed::addon {
namespace {

BestOut bestAt(const Napi::Object& from, const char* key, size_t n) {
  const Napi::Object table = objectAt(from, key);
  return {arrayAt<int32_t>(table, "index", n), arrayAt<double>(table, "value", n),
          arrayAt<int32_t>(table, "secondIndex", n), arrayAt<double>(table, "secondValue", n)};
}

MatchesOut matchesAt(const Napi::Object& from, size_t rowsA, size_t rowsB) {
  const Napi::Object a = objectAt(from, "aToB"), b = objectAt(from, "bToA");
  return {bestAt(a, "signed", rowsA), bestAt(a, "abs", rowsA), bestAt(b, "signed", rowsB), bestAt(b, "abs", rowsB)};
}

Napi::Value matchCall(const Napi::CallbackInfo& info) {
  MatchJob job{};
  size_t widthB = 0;
  job.a = matrixAt(argument(info, 1), job.f, job.d);
  job.b = matrixAt(argument(info, 2), job.g, widthB);
  if (widthB != job.d) throw Napi::TypeError::New(info.Env(), "matrices differ in width");
  job.out = matchesAt(argument(info, 3), job.f, job.g);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { bestMatches(path, threads, stop, job); });
}

Napi::Value coFiringCall(const Napi::CallbackInfo& info) {
  CoFiringJob job{};
  job.a = codesOf(argument(info, 1));
  job.b = codesOf(argument(info, 2));
  if (job.a.rows != job.b.rows) throw Napi::TypeError::New(info.Env(), "codes differ in rows");
  job.out = matchesAt(argument(info, 3), job.a.features, job.b.features);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { coFiring(path, threads, stop, job); });
}

}  // namespace

void exportMatching(Napi::Env env, Napi::Object exports) {
  exports.Set("bestMatches", Napi::Function::New(env, matchCall));
  exports.Set("coFiring", Napi::Function::New(env, coFiringCall));
}

}  // namespace reseed::addon
