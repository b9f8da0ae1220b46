// Approximate products in 8-bit integers with exact 32-bit sums (vpdpbusd; sdot or smmla on ARM): twice the rate of 16-bit ones,
// four (smmla: eight) times that of float32, a wider bound.
//
// A row a is packed as q = round(a / s), with s = max|a_t| / 127 of its own, so â = s·q and ‖a − â‖ ≲ s·√(d/12): about
// 0.009 of ‖a‖ for Gaussian coordinates at d = 576, more where a few are far larger than the rest. It is measured, not estimated.
//
// sdot and smmla multiply signed bytes, vpdpbusd unsigned by signed ones. For the latter B is packed as r + 128, in [1, 255], and the
// sums of a row of A start at −128·Σ q_t. They wrap around at 2³², and what they end with is right because it fits: |Σ q_t r_t| ≤
// 127²·d < 2³¹ while d ≤ 2¹⁷; past that the bound is infinite. The sum becomes a float32 and is multiplied by the two scales: three
// roundings, at most 2·2⁻²³ of ‖â‖‖b̂‖, and an underflow. Scales are at least 2⁻⁷⁷: shorter rows are packed as 0.
//
// d goes in groups of four bytes, of eight for smmla: A is packed [panel][group][panelA] groups, panelA scales and as many starts,
// B [panel][group][panelB] groups and panelB scales.
#pragma once
#include "isa/loops/ints.h"
#if defined(__ARM_FEATURE_MATMUL_INT8)
#include "isa/loops/matrix-tile.h"
#endif

namespace reseed {
namespace {
namespace int8 {

constexpr size_t panelA = tileRows, panelB = tileVectors * lanes;
constexpr float most = 127;
constexpr size_t widest = size_t{1} << 17;
/** What is added to the bytes of B. */
#if defined(__aarch64__)
constexpr uint32_t shift = 0;
#else
constexpr uint32_t shift = 128;
#endif
/** What an instruction takes of a row at a time. */
#if defined(__ARM_FEATURE_MATMUL_INT8)
typedef uint64_t Group;
#else
typedef uint32_t Group;
#endif
/** Bytes in a group, and groups that are packed at a time. */
constexpr size_t each = sizeof(Group), run = 64 / each;

inline size_t groupsOf(size_t d) { return (d + each - 1) / each; }

/** Groups, the scale, and the start. */
size_t rowBytes(size_t d) { return each * groupsOf(d) + 8; }

/** The scale of a row, and what its values are multiplied by before they are rounded. */
struct Unit {
  float size, inverse;
  Unit(const float* row, size_t d, double scale) {
    Vec high{}, low{};
    for (size_t t = 0; t < d; t += lanes) {
      const Vec v = loadScaled(row + t, d - t < lanes ? d - t : lanes, scale);
      high = larger(v, high);
      low = smaller(v, low);
    }
    float reach = most * 0x1p-77f;
    for (size_t l = 0; l < lanes; l++) {
      reach = high[l] > reach ? high[l] : reach;
      reach = -low[l] > reach ? -low[l] : reach;
    }
    size = reach / most;
    inverse = most / reach;
  }
  Ints units(Vec v) const { return rounded(v * all(inverse)); }
};

void rowNorms(const float* row, size_t d, double scale, double* norm, double* lost) {
  *norm = normOf(row, d, scale);
  *lost = HUGE_VAL;
  if (d > widest) return;
  const Unit unit(row, d, scale);
  Vec lostSquares{};
  for (size_t t = 0; t < d; t += lanes) {
    const Vec v = loadScaled(row + t, d - t < lanes ? d - t : lanes, scale);
    const Vec off = fma(toFloats(unit.units(v)), all(-unit.size), v);
    lostSquares = fma(off, off, lostSquares);
  }
  *lost = normAbove(lostSquares, d);
}

/** The lowest byte of each lane. */
inline void storeBytes(int8_t* out, Ints v) {
#if defined(__AVX512F__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtepi32_epi8(bits(v)));
#else
  for (size_t l = 0; l < lanes; l++) out[l] = static_cast<int8_t>(v[l]);
#endif
}

/** Groups of n rows, each byte changed by the bits of `flip`; returns in `total` the sum of each row. */
template <size_t panel>
inline void pack(const float* rows, size_t n, size_t d, double scale, Group flip, Group* out, float* scales, int32_t* total) {
  const size_t groups = groupsOf(d);
  for (size_t i = 0; i < panel; i++) {
    const float* const row = rows + (i < n ? i * d : 0);
    const Unit unit(row, i < n ? d : 0, scale);
    const float size = i < n ? unit.size : 0;
    std::memcpy(scales + i, &size, 4);
    total[i] = 0;
    for (size_t g0 = 0; g0 < groups; g0 += run) {
      int8_t bytes[each * run] = {};
      for (size_t t = 0; i < n && t < each * run && each * g0 + t < d; t += lanes) {
        const size_t at = each * g0 + t;
        storeBytes(bytes + t, unit.units(loadScaled(row + at, d - at < lanes ? d - at : lanes, scale)));
      }
      for (size_t t = 0; t < each * run; t++) total[i] += bytes[t];
      Group packed[run];
      std::memcpy(packed, bytes, sizeof packed);
      for (size_t l = 0; l < run && g0 + l < groups; l++) out[(g0 + l) * panel + i] = packed[l] ^ flip;
    }
  }
}

void packA(const float* rows, size_t n, size_t d, double scale, void* to) {
  Group* const out = static_cast<Group*>(to);
  float* const scales = reinterpret_cast<float*>(out + groupsOf(d) * panelA);
  int32_t total[panelA];
  pack<panelA>(rows, n, d, scale, 0, out, scales, total);
  for (size_t i = 0; i < panelA; i++) {
    const int32_t start = static_cast<int32_t>(static_cast<uint32_t>(total[i]) * (0 - shift));
    std::memcpy(scales + panelA + i, &start, 4);
  }
}

void packB(const float* rows, size_t n, size_t d, double scale, void* to) {
  Group* const out = static_cast<Group*>(to);
  int32_t total[panelB];
  pack<panelB>(rows, n, d, scale, shift * 0x01010101u, out, reinterpret_cast<float*>(out + groupsOf(d) * panelB), total);
}

/** sum + Σ x_t (y_t + shift) over the bytes of a group; y holds the unsigned ones. For sdot x is one lane of four. */
struct GroupStep {
#if defined(__ARM_FEATURE_MATMUL_INT8)
  typedef Ints Sums;
  static Ints add(Ints sums, uint64x2_t x, uint64x2_t y) {
    return ints(vmmlaq_s32(bits(sums), vreinterpretq_s8_u64(x), vreinterpretq_s8_u64(y)));
  }
#elif defined(__aarch64__)
  template <int lane>
  static Ints add(Ints sum, Ints x, Ints y) {
    return ints(vdotq_laneq_s32(bits(sum), vreinterpretq_s8_s32(bits(y)), vreinterpretq_s8_s32(bits(x)), lane));
  }
#else
  static Ints add(Ints sum, Ints x, Ints y) {
#if defined(__AVX512VNNI__)
    return ints(_mm512_dpbusd_epi32(bits(sum), bits(y), bits(x)));
#else
    return ints(_mm256_dpbusd_avx_epi32(bits(sum), bits(y), bits(x)));
#endif
  }
#endif
};

void products(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride) {
  const size_t groups = groupsOf(d), step = panelB * rowBytes(d) / each;
  const Group* const rows = static_cast<const Group*>(a);
  const float* const own = reinterpret_cast<const float*>(rows + groups * panelA);
  for (size_t p = 0; p < panels; p++) {
    const Group* const columns = static_cast<const Group*>(b) + p * step;
    const float* const scales = reinterpret_cast<const float*>(columns + groups * panelB);
    float* const out = strip + p * panelB;
#if defined(__ARM_FEATURE_MATMUL_INT8)
    static_assert(panelA == matrixRows && panelB == matrixColumns && shift == 0);
    matrixTile<GroupStep>(rows, columns, groups, [own, scales, out, stride](size_t r, size_t c, Ints sums) {
      store(out + r * stride + c, toFloats(sums) * all(own[r]) * load(scales + c));
    });
#else
    integerTile<GroupStep>(rows, columns, groups, reinterpret_cast<const int32_t*>(own + panelA), own, scales, out, stride);
#endif
  }
}

}  // namespace int8

const Screen int8Screen = {int8::panelA, int8::panelB, int8::rowBytes, int8::packA, int8::packB, int8::rowNorms, int8::products};

}  // namespace
}  // namespace reseed
