// Takes numbers, flags and typed arrays out of JavaScript objects.
//
// The caller has checked values and shapes (src/kernel/arguments.ts); what is checked again here is what memory
// safety needs: the type and the length of every array, and that indices point inside.
#pragma once
#include <napi.h>

#include <string>
#include <type_traits>

#include "training/schedule.h"

namespace reseed::addon {

inline Napi::TypeError refusal(const Napi::Object& from, const std::string& why) {
  return Napi::TypeError::New(from.Env(), why);
}

inline Napi::Object objectAt(const Napi::Object& from, const char* key) {
  const Napi::Value value = from.Get(key);
  if (!value.IsObject()) throw refusal(from, std::string(key) + ": not an object");
  return value.As<Napi::Object>();
}

inline Napi::Array listAt(const Napi::Object& from, const char* key) {
  const Napi::Value value = from.Get(key);
  if (!value.IsArray()) throw refusal(from, std::string(key) + ": not a list");
  return value.As<Napi::Array>();
}

inline size_t countAt(const Napi::Object& from, const char* key) {
  const Napi::Value value = from.Get(key);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= 0x7fffffff) || number != static_cast<double>(static_cast<size_t>(number))) {
    throw refusal(from, std::string(key) + ": not a count");
  }
  return static_cast<size_t>(number);
}

inline double numberAt(const Napi::Object& from, const char* key) { return from.Get(key).ToNumber().DoubleValue(); }

inline bool flagAt(const Napi::Object& from, const char* key) { return from.Get(key).ToBoolean(); }

/** The values of a typed array of type T with exactly `length` entries. */
template <class T, class Key>
T* arrayAt(const Napi::Object& from, Key key, size_t length) {
  constexpr napi_typedarray_type type = std::is_same_v<std::remove_const_t<T>, float>    ? napi_float32_array
                                        : std::is_same_v<std::remove_const_t<T>, double> ? napi_float64_array
                                                                                         : napi_int32_array;
  const Napi::Value value = from.Get(key);
  if (value.IsTypedArray()) {
    auto array = value.As<Napi::TypedArrayOf<std::remove_const_t<T>>>();
    if (array.TypedArrayType() == type && array.ElementLength() == length) return array.Data();
  }
  std::string name;
  if constexpr (std::is_integral_v<Key>) name = "array " + std::to_string(key);
  else name = key;
  throw refusal(from, name + ": not the expected array of " + std::to_string(length) + " values");
}

inline size_t lengthAt(const Napi::Object& from, const char* key) {
  const Napi::Value value = from.Get(key);
  if (!value.IsTypedArray()) throw refusal(from, std::string(key) + ": not a typed array");
  return value.As<Napi::TypedArray>().ElementLength();
}

/** The same, of which every entry lies in least … limit−1. */
inline int32_t* indicesAt(const Napi::Object& from, const char* key, size_t length, int64_t least, size_t limit) {
  int32_t* indices = arrayAt<int32_t>(from, key, length);
  for (size_t n = 0; n < length; n++) {
    if (indices[n] < least || indices[n] >= static_cast<int64_t>(limit)) {
      throw refusal(from, std::string(key) + ": an index that points outside");
    }
  }
  return indices;
}

/** A matrix's values; sets its shape. */
inline const float* matrixAt(const Napi::Object& from, size_t& rows, size_t& cols) {
  rows = countAt(from, "rows");
  cols = countAt(from, "cols");
  return arrayAt<float>(from, "data", rows * cols);
}

/** What a task does in `steps` steps, on data of this many rows. */
inline Schedule scheduleAt(const Napi::Object& from, size_t steps, size_t dataRows) {
  const size_t count = lengthAt(from, "rows");
  const int32_t* rows = indicesAt(from, "rows", count, 0, dataRows);
  const int32_t* starts = arrayAt<int32_t>(from, "starts", steps + 1);
  bool sound = starts[0] == 0 && static_cast<size_t>(starts[steps]) == count;
  for (size_t s = 0; s < steps; s++) sound = sound && starts[s] < starts[s + 1];
  if (!sound) throw refusal(from, "starts: not ascending to the number of rows");
  return {steps, rows, starts, arrayAt<double>(from, "stepSizes", steps), arrayAt<double>(from, "roots", steps)};
}

/** For each row the first row that equals it. */
inline const int32_t* firstEqualAt(const Napi::Object& from, size_t rows) {
  const int32_t* first = arrayAt<int32_t>(from, "firstEqual", rows);
  for (size_t n = 0; n < rows; n++) {
    if (first[n] < 0 || static_cast<size_t>(first[n]) > n) throw refusal(from, "firstEqual: not a row before");
  }
  return first;
}

}  // namespace reseed::addon
