// The float64 inner loops, once per instruction set; the body is the same, the vectors differ in width.
//
// A tile keeps rows × vectors accumulators in registers: 24 of 32 with AVX-512, 12 of 16 with AVX2, 8 of 16 or of 32
// otherwise. Per step of the depth: `vectors` loads of B, `rows` broadcasts of A, rows × vectors multiply-adds.
#include "spectrum/tile.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace reseed {
namespace {

#define RESEED_TILE(name, target, lanes, tileRows, vectors, multiplyAdd)                               \
  target void name(const double* a, const double* b, size_t depth, double* out, size_t stride) {      \
    typedef double Vec __attribute__((vector_size(8 * lanes)));                                        \
    typedef double Loose __attribute__((vector_size(8 * lanes), aligned(8), may_alias));               \
    Vec sum[tileRows][vectors] = {};                                                                   \
    for (size_t t = 0; t < depth; t++, a += tileRows, b += lanes * vectors) {                          \
      Vec right[vectors];                                                                              \
      _Pragma("GCC unroll 8") for (size_t v = 0; v < vectors; v++) {                                   \
        right[v] = *reinterpret_cast<const Loose*>(b + lanes * v);                                     \
      }                                                                                                \
      _Pragma("GCC unroll 8") for (size_t i = 0; i < tileRows; i++) {                                  \
        const Vec left = a[i] - Vec{};                                                                 \
        _Pragma("GCC unroll 8") for (size_t v = 0; v < vectors; v++) {                                 \
          sum[i][v] = multiplyAdd(left, right[v], sum[i][v]);                                          \
        }                                                                                              \
      }                                                                                                \
    }                                                                                                  \
    _Pragma("GCC unroll 8") for (size_t i = 0; i < tileRows; i++) {                                    \
      _Pragma("GCC unroll 8") for (size_t v = 0; v < vectors; v++) {                                   \
        *reinterpret_cast<Loose*>(out + i * stride + lanes * v) = sum[i][v];                           \
      }                                                                                                \
    }                                                                                                  \
  }

#define RESEED_ADD_ROWS(name, target)                                                                  \
  target void name(double* __restrict out, size_t n, const double* scale, const double* __restrict m,  \
                   size_t stride, size_t count) {                                                      \
    size_t s = 0;                                                                                      \
    for (; s + 8 <= count; s += 8) {                                                                   \
      const double* __restrict p = m + s * stride;                                                     \
      const double c0 = scale[s], c1 = scale[s + 1], c2 = scale[s + 2], c3 = scale[s + 3];             \
      const double c4 = scale[s + 4], c5 = scale[s + 5], c6 = scale[s + 6], c7 = scale[s + 7];         \
      for (size_t j = 0; j < n; j++) {                                                                 \
        const double* q = p + j;                                                                       \
        out[j] = out[j] + c0 * q[0] + c1 * q[stride] + c2 * q[2 * stride] + c3 * q[3 * stride] +       \
                 c4 * q[4 * stride] + c5 * q[5 * stride] + c6 * q[6 * stride] + c7 * q[7 * stride];    \
      }                                                                                                \
    }                                                                                                  \
    for (; s < count; s++) {                                                                           \
      const double c = scale[s];                                                                       \
      const double* __restrict p = m + s * stride;                                                     \
      for (size_t j = 0; j < n; j++) out[j] += c * p[j];                                               \
    }                                                                                                  \
  }

#define RESEED_APART(x, y, z) ((x) * (y) + (z))

#if defined(__x86_64__)
#define RESEED_FUSED512(x, y, z) _mm512_fmadd_pd(x, y, z)
#define RESEED_FUSED256(x, y, z) _mm256_fmadd_pd(x, y, z)
RESEED_TILE(exact512, RESEED_AVX512, 8, 8, 3, RESEED_FUSED512)
RESEED_TILE(rounded512, RESEED_AVX512, 8, 8, 3, RESEED_APART)
RESEED_ADD_ROWS(addRows512, RESEED_AVX512)
RESEED_TILE(exact256, RESEED_AVX2, 4, 4, 3, RESEED_FUSED256)
RESEED_TILE(rounded256, RESEED_AVX2, 4, 4, 3, RESEED_APART)
RESEED_ADD_ROWS(addRows256, RESEED_AVX2)
const Tile tile512 = {8, 24, exact512, rounded512, addRows512};
const Tile tile256 = {4, 12, exact256, rounded256, addRows256};
#endif

RESEED_TILE(rounded128, , 2, 4, 2, RESEED_APART)
RESEED_ADD_ROWS(addRows128, )
const Tile tile128 = {4, 4, rounded128, rounded128, addRows128};

}  // namespace

const Tile& tileOf(const CodePath& path) {
#if defined(__x86_64__)
  if (path.lanes == 16) return tile512;
  if (path.lanes == 8) return tile256;
#else
  static_cast<void>(path);
#endif
  return tile128;
}

}  // namespace reseed
