// Best matches, products of listed pairs and co-firing from JavaScript.
#include "addon/call.h"
#include "addon/codes.h"
#include "codes/co-firing.h"
#include "matching/listed-products.h"
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

Napi::Value listedProductsCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  ListedProductsJob job{};
  size_t rowsB = 0, widthB = 0;
  job.a = matrixAt(objectAt(from, "a"), job.rows, job.d);
  job.b = matrixAt(objectAt(from, "b"), rowsB, widthB);
  if (widthB != job.d) throw refusal(from, "matrices differ in width");
  const size_t pairs = lengthAt(from, "partners");
  job.partners = indicesAt(from, "partners", pairs, 0, rowsB);
  job.offsets = arrayAt<int32_t>(from, "offsets", job.rows + 1);
  bool sound = job.offsets[0] == 0 && static_cast<size_t>(job.offsets[job.rows]) == pairs;
  for (size_t i = 0; i < job.rows; i++) sound = sound && job.offsets[i] <= job.offsets[i + 1];
  if (!sound) throw refusal(from, "offsets: not ascending to the number of pairs");
  job.out = arrayAt<double>(from, "out", pairs);
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { listedProducts(path, threads, stop, job); });
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
  exports.Set("listedProducts", Napi::Function::New(env, listedProductsCall));
  exports.Set("coFiring", Napi::Function::New(env, coFiringCall));
}

}  // namespace reseed::addon
