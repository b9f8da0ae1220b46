// Sums in a fixed order, and Adam.
//
// A product of rows is summed in float64 in eight lanes, t mod 8, each ascending in t, then lane by lane: the
// portable kernel's order, and one that vectors can follow. A sum of scaled rows takes its rows one after the other.
// A product of two float32 values is exact in float64, so multiply and add may be fused without changing a bit;
// anything else is rounded twice, as written (-ffp-contract=off).
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

/** a·b + c, where a·b is exact. */
inline double multiplyAdd(double a, double b, double c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

/** Eight float64 lanes, in as many registers as it takes. */
typedef double Eight __attribute__((vector_size(64)));
typedef double LooseEight __attribute__((vector_size(64), aligned(8), may_alias));
typedef float EightFloats __attribute__((vector_size(32), aligned(4), may_alias));

inline Eight eightOf(const float* p) {
#if defined(__AVX512F__)
  return _mm512_cvtps_pd(_mm256_loadu_ps(p));  // which gcc 12 does not make of the line below
#else
  return __builtin_convertvector(*reinterpret_cast<const EightFloats*>(p), Eight);
#endif
}
inline Eight eightOf(const double* p) { return *reinterpret_cast<const LooseEight*>(p); }

/** a·b + c, where a·b is exact. */
inline Eight multiplyAdd(Eight a, Eight b, Eight c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__)
  const auto half = [](Eight v, int from) {
    return from == 0 ? __builtin_shufflevector(v, v, 0, 1, 2, 3) : __builtin_shufflevector(v, v, 4, 5, 6, 7);
  };
  const __m256d low = _mm256_fmadd_pd(half(a, 0), half(b, 0), half(c, 0));
  const __m256d high = _mm256_fmadd_pd(half(a, 4), half(b, 4), half(c, 4));
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
#else
  return a * b + c;
#endif
}

// As many float64 lanes as a register has: gcc keeps an Eight that takes several in memory.
#if defined(__AVX512F__)
constexpr size_t partLanes = 8;
typedef Eight Part;
typedef LooseEight LoosePart;
inline Part partOf(const float* p) { return eightOf(p); }
inline void storeFloats(float* p, Part v) { _mm256_storeu_ps(p, _mm512_cvtpd_ps(v)); }
#else
#if defined(__AVX__)
constexpr size_t partLanes = 4;
#else
constexpr size_t partLanes = 2;
#endif
typedef double Part __attribute__((vector_size(8 * partLanes)));
typedef double LoosePart __attribute__((vector_size(8 * partLanes), aligned(8), may_alias));
typedef float PartFloats __attribute__((vector_size(4 * partLanes)));
typedef float LoosePartFloats __attribute__((vector_size(4 * partLanes), aligned(4), may_alias));

inline Part partOf(const float* p) {
  return __builtin_convertvector(*reinterpret_cast<const LoosePartFloats*>(p), Part);
}
inline void storeFloats(float* p, Part v) {
  *reinterpret_cast<LoosePartFloats*>(p) = __builtin_convertvector(v, PartFloats);
}

/** a·b + c, where a·b is exact. */
inline Part multiplyAdd(Part a, Part b, Part c) {
#if defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#elif defined(__ARM_FEATURE_FMA)
  return vfmaq_f64(c, a, b);
#else
  return a * b + c;
#endif
}
#endif
inline Part partOf(const double* p) { return *reinterpret_cast<const LoosePart*>(p); }
inline void put(double* p, Part v) { *reinterpret_cast<LoosePart*>(p) = v; }
inline Part partTimes(double x) { return x - Part{}; }

/** The first `count` of eight values, the others 0. */
inline Eight firstOf(const float* p, size_t count) {
  float values[8] = {};
  for (size_t l = 0; l < count; l++) values[l] = p[l];
  return eightOf(values);
}

/** The sums of the lanes of eight vectors: the transposed vectors, added in order. */
inline void sumsOfLanes(const Eight* v, double* out) {
  Eight a[8], b[8];
  for (size_t i = 0; i < 8; i += 2) {
    a[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (size_t i = 0; i < 8; i += 4) {
    for (size_t l = 0; l < 2; l++) {
      b[i + l] = __builtin_shufflevector(a[i + l], a[i + 2 + l], 0, 1, 8, 9, 4, 5, 12, 13);
      b[i + 2 + l] = __builtin_shufflevector(a[i + l], a[i + 2 + l], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  Eight sum = __builtin_shufflevector(b[0], b[4], 0, 1, 2, 3, 8, 9, 10, 11);
  for (size_t l = 1; l < 4; l++) sum += __builtin_shufflevector(b[l], b[4 + l], 0, 1, 2, 3, 8, 9, 10, 11);
  for (size_t l = 0; l < 4; l++) sum += __builtin_shufflevector(b[l], b[4 + l], 4, 5, 6, 7, 12, 13, 14, 15);
  *reinterpret_cast<LooseEight*>(out) = sum;
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/** Eight lanes of one row; as one vector of 64 bytes gcc would keep them in memory. */
struct HalfLanes {
  __m256d low = _mm256_setzero_pd(), high = _mm256_setzero_pd();
  void add(__m256d xLow, __m256d xHigh, const float* p) {
    low = _mm256_fmadd_pd(xLow, _mm256_cvtps_pd(_mm_loadu_ps(p)), low);
    high = _mm256_fmadd_pd(xHigh, _mm256_cvtps_pd(_mm_loadu_ps(p + 4)), high);
  }
  void put(Eight* out) const {
    _mm256_storeu_pd(reinterpret_cast<double*>(out), low);
    _mm256_storeu_pd(reinterpret_cast<double*>(out) + 4, high);
  }
};

/** Sums over t < whole, a multiple of 8, of x times four rows. */
inline void sumFour(const float* x, const float* const* p, const float* const* next, size_t whole, Eight* sums) {
  const float *const p0 = p[0], *const p1 = p[1], *const p2 = p[2], *const p3 = p[3];
  HalfLanes row0, row1, row2, row3;
  for (size_t t = 0; t < whole; t += 8) {
    // Rows lie in no order that the hardware could foresee.
    if (t % 16 == 0) {
      for (size_t l = 0; l < 4; l++) __builtin_prefetch(next[l] + t);
    }
    const __m256d low = _mm256_cvtps_pd(_mm_loadu_ps(x + t)), high = _mm256_cvtps_pd(_mm_loadu_ps(x + t + 4));
    row0.add(low, high, p0 + t);
    row1.add(low, high, p1 + t);
    row2.add(low, high, p2 + t);
    row3.add(low, high, p3 + t);
  }
  row0.put(sums);
  row1.put(sums + 1);
  row2.put(sums + 2);
  row3.put(sums + 3);
}

/** Sums over t < whole of x times the first n of eight rows; while it reads them it fetches the next. */
inline void sumEight(const float* x, const float* const* p, const float* const* next, size_t n, size_t whole, Eight* sums) {
  sumFour(x, p, p + 4, whole, sums);
  if (n > 4) sumFour(x, p + 4, next, whole, sums + 4);
}
#else
inline void sumEight(const float* x, const float* const* p, const float* const*, size_t, size_t whole, Eight* sums) {
  Eight own[8] = {};
  for (size_t t = 0; t < whole; t += 8) {
    const Eight v = eightOf(x + t);
    for (size_t l = 0; l < 8; l++) own[l] = multiplyAdd(v, eightOf(p[l] + t), own[l]);
  }
  for (size_t l = 0; l < 8; l++) sums[l] = own[l];
}
#endif

void dots(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  const size_t whole = d / 8 * 8;
  for (size_t s = 0; s < n; s += 8) {
    const size_t count = n - s < 8 ? n - s : 8;
    const float* p[16];
    // The rows that fill the last eight repeat one that is there.
    for (size_t l = 0; l < 16; l++) p[l] = m + static_cast<size_t>(rows[s + (s + l < n ? l : 0)]) * d;
    Eight sums[8] = {};
    sumEight(x, p, p + 8, count, whole, sums);
    if (whole < d) {
      const Eight v = firstOf(x + whole, d - whole);
      for (size_t l = 0; l < 8; l++) sums[l] = multiplyAdd(v, firstOf(p[l] + whole, d - whole), sums[l]);
    }
    double values[8];
    sumsOfLanes(sums, values);
    for (size_t l = 0; l < count; l++) out[s + l] = values[l];
  }
}

/** Columns of `out` in `blocks` registers, kept there while all rows are added. */
template <size_t blocks>
inline void addRowsTo(double* out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m) {
  constexpr size_t ahead = 4;
  Part sums[blocks];
  // Unrolled from the start, or gcc passes the registers through memory.
  _Pragma("GCC unroll 16") for (size_t b = 0; b < blocks; b++) sums[b] = partOf(out + partLanes * b);
  for (size_t s = 0; s < n; s++) {
    const Part c = partTimes(scale[s]);
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    // The rows are in no order that the hardware could foresee.
    const float* later = m + static_cast<size_t>(rows[s + ahead < n ? s + ahead : s]) * d;
    _Pragma("GCC unroll 8") for (size_t t = 0; t < partLanes * blocks; t += 16) __builtin_prefetch(later + t);
    _Pragma("GCC unroll 16") for (size_t b = 0; b < blocks; b++) {
      sums[b] = multiplyAdd(c, partOf(p + partLanes * b), sums[b]);
    }
  }
  _Pragma("GCC unroll 16") for (size_t b = 0; b < blocks; b++) put(out + partLanes * b, sums[b]);
}

void addRows(double* out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m) {
  constexpr size_t many = partLanes == 8 ? 16 : 8;
  size_t j = 0;
  for (; j + many * partLanes <= d; j += many * partLanes) addRowsTo<many>(out + j, d, scale, rows, n, m + j);
  for (; j + 4 * partLanes <= d; j += 4 * partLanes) addRowsTo<4>(out + j, d, scale, rows, n, m + j);
  for (; j + partLanes <= d; j += partLanes) addRowsTo<1>(out + j, d, scale, rows, n, m + j);
  for (size_t s = 0; s < n && j < d; s++) {
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    for (size_t t = j; t < d; t++) out[t] = multiplyAdd(scale[s], p[t], out[t]);
  }
}

/** Rows whose sixteen lanes fit into the registers together. */
constexpr size_t dotRows = lanes == 16 ? 8 : 4;
constexpr size_t vecs = 16 / lanes;

/** Lane l and lane l + 8 of sixteen added in float32, then the eight in float64, in order. */
inline double foldedSum(const float* v) {
  double sum = static_cast<double>(v[0] + v[8]);
  for (size_t l = 1; l < 8; l++) sum += static_cast<double>(v[l] + v[l + 8]);
  return sum;
}

void dots32(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  for (size_t s = 0; s < n; s += dotRows) {
    const size_t count = n - s < dotRows ? n - s : dotRows;
    const float* p[dotRows];
    // The rows that fill up the last ones repeat one that is there.
    for (size_t l = 0; l < dotRows; l++) p[l] = m + static_cast<size_t>(rows[s + (l < count ? l : 0)]) * d;
    Vec sums[dotRows][vecs] = {};
    size_t t = 0;
    for (; t + 16 <= d; t += 16) {
      for (size_t q = 0; q < vecs; q++) {
        const Vec v = load(x + t + lanes * q);
        for (size_t l = 0; l < dotRows; l++) sums[l][q] += v * load(p[l] + t + lanes * q);
      }
    }
    for (size_t l = 0; l < count; l++) {
      float own[16];
      for (size_t q = 0; q < vecs; q++) store(own + lanes * q, sums[l][q]);
      for (size_t u = t; u < d; u++) own[u - t] += x[u] * p[l][u];
      out[s + l] = foldedSum(own);
    }
  }
}

/** Columns of `out` in `blocks` vectors, kept in registers while all rows are added. */
template <size_t blocks>
inline void addRows32To(float* out, size_t d, const float* scale, const int32_t* rows, size_t n, const float* m) {
  constexpr size_t ahead = 4;
  Vec sums[blocks];
  _Pragma("GCC unroll 8") for (size_t b = 0; b < blocks; b++) sums[b] = load(out + lanes * b);
  for (size_t s = 0; s < n; s++) {
    const Vec c = all(scale[s]);
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    const float* later = m + static_cast<size_t>(rows[s + ahead < n ? s + ahead : s]) * d;
    _Pragma("GCC unroll 8") for (size_t b = 0; b < lanes * blocks; b += 16) __builtin_prefetch(later + b);
    _Pragma("GCC unroll 8") for (size_t b = 0; b < blocks; b++) sums[b] += c * load(p + lanes * b);
  }
  _Pragma("GCC unroll 8") for (size_t b = 0; b < blocks; b++) store(out + lanes * b, sums[b]);
}

void addRows32(float* out, size_t d, const float* scale, const int32_t* rows, size_t n, const float* m) {
  size_t j = 0;
  for (; j + 8 * lanes <= d; j += 8 * lanes) addRows32To<8>(out + j, d, scale, rows, n, m + j);
  for (; j + lanes <= d; j += lanes) addRows32To<1>(out + j, d, scale, rows, n, m + j);
  for (size_t s = 0; s < n && j < d; s++) {
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    for (size_t t = j; t < d; t++) out[t] += scale[s] * p[t];
  }
}

/** Sums in eight lanes, t mod 8. */
class LaneSums {
 public:
  /** Adds part q of the products of the next eight. */
  void add(size_t q, Part products) { parts_[q] += products; }
  /** Their sum, with those of the values after the last eight, lane by lane. */
  double with(const double* last, size_t n) const {
    double lanes[8];
    for (size_t q = 0; q < parts; q++) put(lanes + partLanes * q, parts_[q]);
    for (size_t l = 0; l < n; l++) lanes[l] += last[l];
    double sum = lanes[0];
    for (size_t l = 1; l < 8; l++) sum += lanes[l];
    return sum;
  }
  static constexpr size_t parts = 8 / partLanes;

 private:
  Part parts_[parts] = {};
};

template <class T>
inline double residualTimes(const T* __restrict r, size_t d, double weight, float* __restrict out) {
  LaneSums squares;
  size_t j = 0;
  for (; j + 8 <= d; j += 8) {
    for (size_t q = 0; q < LaneSums::parts; q++) {
      const Part v = partOf(r + j + partLanes * q);
      squares.add(q, v * v);
      storeFloats(out + j + partLanes * q, v * weight);
    }
  }
  double last[8];
  for (size_t l = 0; j + l < d; l++) {
    const double v = static_cast<double>(r[j + l]);
    last[l] = v * v;
    out[j + l] = static_cast<float>(v * weight);
  }
  return squares.with(last, d - j);
}

double weighResidual(const double* r, size_t d, double weight, float* out) { return residualTimes(r, d, weight, out); }

double weighResidual32(const float* r, size_t d, double weight, float* out) { return residualTimes(r, d, weight, out); }

/** Σ v² in eight lanes. */
template <class T>
double squareSum(const T* v, size_t d) {
  LaneSums squares;
  size_t j = 0;
  for (; j + 8 <= d; j += 8) {
    for (size_t q = 0; q < LaneSums::parts; q++) {
      const Part x = partOf(v + j + partLanes * q);
      squares.add(q, x * x);
    }
  }
  double last[8];
  for (size_t l = 0; j + l < d; l++) last[l] = static_cast<double>(v[j + l]) * static_cast<double>(v[j + l]);
  return squares.with(last, d - j);
}

double squares(const double* v, size_t d) { return squareSum(v, d); }

double rowSquares(const float* row, size_t d) { return squareSum(row, d); }

void projectRow(double* __restrict gradient, const float* __restrict row, size_t d) {
  const double square = squareSum(row, d);
  if (square == 0) return;
  LaneSums along;
  size_t j = 0;
  for (; j + 8 <= d; j += 8) {
    for (size_t q = 0; q < LaneSums::parts; q++) {
      along.add(q, partOf(gradient + j + partLanes * q) * partOf(row + j + partLanes * q));
    }
  }
  double last[8];
  for (size_t l = 0; j + l < d; l++) last[l] = gradient[j + l] * static_cast<double>(row[j + l]);
  const double share = along.with(last, d - j) / square;
  for (j = 0; j < d; j++) gradient[j] -= share * static_cast<double>(row[j]);
}

void normaliseRow(float* row, size_t d) {
  const double square = squareSum(row, d);
  if (square == 0 || std::fabs(square - 1) <= 0x1p-22) return;
  const double scale = 1 / std::sqrt(square);
  for (size_t j = 0; j < d; j++) row[j] = static_cast<float>(static_cast<double>(row[j]) * scale);
}

template <class T>
inline void adamBy(float* __restrict w, float* __restrict first, float* __restrict second, const T* __restrict gradient,
                   size_t n, const AdamStep& step) {
  const AdamStep c = step;
  // Arithmetic on subnormal numbers takes a hundred times as long, and moments this small move nothing.
  const float least = 0x1p-100f;
  for (size_t j = 0; j < n; j++) {
    const float g = static_cast<float>(gradient[j]);
    const float m = c.beta1 * first[j] + c.keep1 * g;
    const float v = c.beta2 * second[j] + c.keep2 * g * g;
    first[j] = std::fabs(m) < least ? 0 : m;
    second[j] = v < least ? 0 : v;
    w[j] -= (c.stepSize * first[j]) / (std::sqrt(second[j]) * c.scale + c.epsilon);
  }
}

void adam(float* w, float* first, float* second, const double* gradient, size_t n, const AdamStep& step) {
  adamBy(w, first, second, gradient, n, step);
}

void adam32(float* w, float* first, float* second, const float* gradient, size_t n, const AdamStep& step) {
  adamBy(w, first, second, gradient, n, step);
}

int64_t kthLargest(const int64_t* values, size_t n, size_t k, size_t* greater) {
  // Values already known to be too low or too high are passed over.
  bool hasLow = false, hasHigh = false;
  int64_t low = 0, high = 0;
  for (size_t s = 0;; s++) {
    const int64_t v = values[s];
    if ((hasLow && v <= low) || (hasHigh && v >= high)) continue;
    size_t above = 0, notBelow = 0;
#if defined(__AVX512F__)
    const __m512i own = _mm512_set1_epi64(v);
    for (size_t u = 0; u < n; u += 8) {
      const __mmask8 there = static_cast<__mmask8>(n - u < 8 ? (1u << (n - u)) - 1 : 0xff);
      const __m512i others = _mm512_maskz_loadu_epi64(there, values + u);
      above += static_cast<size_t>(__builtin_popcount(_mm512_mask_cmpgt_epi64_mask(there, others, own)));
      notBelow += static_cast<size_t>(__builtin_popcount(_mm512_mask_cmpge_epi64_mask(there, others, own)));
    }
#else
    for (size_t u = 0; u < n; u++) {
      above += values[u] > v;
      notBelow += values[u] >= v;
    }
#endif
    if (above >= k) {
      hasLow = true;
      low = v;
    } else if (notBelow < k) {
      hasHigh = true;
      high = v;
    } else {
      *greater = above;
      return v;
    }
  }
}

void scatter(double* sums, double code, const int32_t* index, const float* value, size_t n) {
  for (size_t e = 0; e < n; e++) sums[index[e]] = multiplyAdd(code, value[e], sums[index[e]]);
}

void cosines(const double* __restrict sums, double norm, const double* __restrict norms, size_t n,
             double* __restrict out) {
  for (size_t j = 0; j < n; j++) out[j] = sums[j] / (norm * norms[j]);
}

}  // namespace
}  // namespace reseed
