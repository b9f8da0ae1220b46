// Listed pairs are dropped or computed exactly: what the limits exclude, then what float32 sums exclude, then float64.
#pragma once
#include "isa/code-path.h"
#include "matching/candidates.h"
#include "matching/sides.h"
#include "threads/team.h"

namespace reseed {

class Settling {
 public:
  /** @param blockColumns columns that are screened together */
  Settling(const CodePath& path, Stop stop, const Sides& sides, Maxima& colMaxima, size_t blockColumns)
      : path_(path), stop_(stop), sides_(sides), colMaxima_(colMaxima), blockColumns_(blockColumns) {}

  /** Drops pairs that have fallen below the limits since they were listed. */
  void drop(Candidates& c);
  /**
   * Computes the listed pairs that lead their row or column. They say what the others must reach; those that cannot
   * are dropped.
   */
  void promote(Candidates& c);
  /** Computes all listed pairs that could still be among the best, and empties the list. */
  void settle(Candidates& c);

 private:
  bool reaches(const BothBest& best, double v, double error) const;
  Hit* narrow(Candidates& c, Hit* from, Hit* to);
  void compute(Candidates& c, const Hit* from, const Hit* to);
  template <class Then>
  void eachRow(Candidates& c, const Hit* from, const Hit* to, Then then);

  const CodePath& path_;
  Stop stop_;
  const Sides& sides_;
  Maxima& colMaxima_;
  size_t blockColumns_;
};

}  // namespace reseed
