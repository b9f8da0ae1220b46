// The steps of an assignment from JavaScript.
#include <algorithm>

#include "addon/call.h"
#include "addon/codes.h"
#include "assignment/assign.h"

namespace reseed::addon {
namespace {

using SomePairs = std::shared_ptr<const Pairs>;

SomePairs rowPairsAt(const Napi::Object& from) {
  auto pairs = std::make_shared<RowPairs>();
  size_t widthB = 0;
  pairs->a = matrixAt(objectAt(from, "a"), pairs->f, pairs->d);
  pairs->b = matrixAt(objectAt(from, "b"), pairs->g, widthB);
  if (widthB != pairs->d) throw refusal(from, "pairs: matrices differ in width");
  pairs->absolute = flagAt(from, "absolute");
  return pairs;
}

SomePairs codePairsAt(const Napi::Object& from) {
  auto pairs = std::make_shared<CodePairs>();
  pairs->a = codesOf(objectAt(from, "a"));
  pairs->b = codesOf(objectAt(from, "b"));
  if (pairs->a.features != pairs->b.rows) throw refusal(from, "pairs: codes differ in rows");
  pairs->f = pairs->a.rows;
  pairs->g = pairs->b.features;
  pairs->normsA = arrayAt<double>(from, "normsA", pairs->f);
  pairs->normsB = arrayAt<double>(from, "normsB", pairs->g);
  pairs->absolute = flagAt(from, "absolute");
  return pairs;
}

SomePairs pairsAt(const Napi::Object& from) {
  const Napi::Object object = objectAt(from, "pairs");
  return object.Get("kind").ToString().Utf8Value() == "codes" ? codePairsAt(object) : rowPairsAt(object);
}

AssignState stateAt(const Napi::Object& from, const Pairs& pairs) {
  if (pairs.f > pairs.g) throw refusal(from, "pairs: more rows than columns");
  const Napi::Object state = objectAt(from, "state");
  return {indicesAt(state, "partner", pairs.f, -1, pairs.g), arrayAt<double>(state, "value", pairs.f),
          arrayAt<double>(state, "price", pairs.g)};
}

/** @param areFilled whether the indices are read */
ColumnLists listsAt(const Napi::Object& from, const Pairs& pairs, bool areFilled) {
  const Napi::Object lists = objectAt(from, "lists");
  const size_t m = countAt(lists, "m"), count = pairs.f * m;
  if (m > pairs.g) throw refusal(from, "lists: longer than there are columns");
  if (areFilled && m < std::min<size_t>(2, pairs.g)) throw refusal(from, "lists: too short");
  return {m, areFilled ? indicesAt(lists, "index", count, 0, pairs.g) : arrayAt<int32_t>(lists, "index", count),
          arrayAt<double>(lists, "value", count)};
}

Napi::Value denseCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  const SomePairs pairs = pairsAt(from);
  const DenseAssignJob job{pairs, stateAt(from, *pairs), arrayAt<double>(from, "upperBound", 1)};
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { assignDense(path, threads, stop, job); });
}

Napi::Value listsCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  const SomePairs pairs = pairsAt(from);
  const ListAssignJob job{pairs, listsAt(from, *pairs, true), stateAt(from, *pairs), countAt(from, "scans"),
                          flagAt(from, "complete"), arrayAt<double>(from, "upperBound", 1)};
  return start(info, [job](const CodePath& path, size_t threads, Stop stop) { assignOnLists(path, threads, stop, job); });
}

Napi::Value topCall(const Napi::CallbackInfo& info) {
  const Napi::Object from = argument(info, 1);
  const SomePairs pairs = pairsAt(from);
  const double* price = arrayAt<double>(from, "price", pairs->g);
  const ColumnLists lists = listsAt(from, *pairs, false);
  return start(info, [pairs, price, lists](const CodePath& path, size_t threads, Stop stop) {
    pairs->topMatches(path, threads, stop, price, lists);
  });
}

}  // namespace

void exportAssignment(Napi::Env env, Napi::Object exports) {
  exports.Set("assignDense", Napi::Function::New(env, denseCall));
  exports.Set("assignOnLists", Napi::Function::New(env, listsCall));
  exports.Set("topMatches", Napi::Function::New(env, topCall));
}

}  // namespace reseed::addon
