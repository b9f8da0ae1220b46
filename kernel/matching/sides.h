// The rows of both matrices of a match as a screen sees them: scaled, with their norms and error bounds.
#pragma once
#include <cstddef>
#include <vector>

#include "isa/screen.h"
#include "isa/screening-error.h"
#include "threads/team.h"

namespace reseed {

/** Entries past the end of arrays that are read in whole vectors. */
constexpr size_t vectorMargin = 64;

struct Side {
  /** [n × d] */
  const float* data;
  size_t n;
  /** A power of two that brings the longest row to length ½ … 1; 1 for ordinary data. */
  double scale = 1;
  /** Twice the error bound of each row against all rows of the other side, rounded up. */
  std::vector<float> slack;
  /** Of the scaled rows. */
  std::vector<Norms> norms;
  Norms largest;
  /** Whether a row is 0. */
  std::vector<char> zero;

  Side(const float* values, size_t rows)
      : data(values), n(rows), slack(rows + vectorMargin), norms(rows), zero(rows) {}
};

struct Sides {
  Side a, b;
  size_t d;
  /** What a product is multiplied by where it is approximate. */
  double unit = 1;

  Sides(const Side& a, const Side& b, size_t d, size_t threads) : a(a), b(b), d(d), longest_(threads) {}

  /** Fills in scales, norms and bounds. Every thread of the team calls this. */
  void measure(size_t id, const Screen& screen, ThreadTeam& team);

 private:
  void measureRows(size_t id, size_t threads, const Screen& screen, Side& side) const;
  double findLongest(size_t id, size_t threads, Side& side) const;
  void chooseScales();
  void bound();

  /** The largest squared norm of a row of A and of B among those that each thread measured. */
  struct Longest {
    double a = 0, b = 0;
  };
  std::vector<Longest> longest_;
};

/** ‖a − â‖ / ‖a‖, the mean over some of n rows. */
double lostShare(const Screen& screen, const float* rows, size_t n, size_t d);

}  // namespace reseed
