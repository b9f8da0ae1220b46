// Best matches: approximate products of all pairs, then exact ones of the few pairs that could win.
//
// A product p_ij is first known as v_ij with |p_ij − v_ij| ≤ e (screening-error.h proves the bound; e_i covers all pairs of
// row i, e_j all pairs of column j). Let s be the second largest v of row i so far. At least two pairs have
// p ≥ s − e_i, so a pair among the row's two best has p ≥ s − e_i, hence v ≥ s − 2e_i. Every pair with
// v ≥ s − 2e_i is listed; s only grows, so no pair is missed, and ties, which have equal p, are listed too. The same
// holds for columns, and for |v| (||p| − |v|| ≤ e). Listed pairs are computed in float64 as the portable kernel
// does, and compared by (value, lower index): the result is exact whatever the path, the cut and the threads.
//
// sides.cpp has the bounds of the rows, screening.cpp lists pairs, settling.cpp computes them. A zero row has product 0 with all,
// so its partners are 0 and 1, and nothing is computed for it.
//
// Cost: 2·F·G·d operations at the rate of `screen`. Memory: A packed in chunks of at most 64 MiB, and for each
// thread one block of B (half of a second-level cache), one strip of products, and its list.
#include "matching/match.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "matching/candidates.h"
#include "matching/screening.h"
#include "matching/settling.h"
#include "matching/sides.h"

namespace reseed {
namespace {

class Matcher {
 public:
  Matcher(const CodePath& path, const Screen& screen, size_t threads, Stop stop, const MatchJob& job)
      : path_(path), screen_(screen), threads_(threads), stop_(stop), job_(job), team_(threads),
        sides_({job.a, job.f}, {job.b, job.g}, job.d, threads), colMaxima_(job.g), cut_(screen, job.f, job.g, job.d, threads),
        settling_(path, stop, sides_, colMaxima_, cut_.blockPanels * screen.panelB),
        screening_(path, screen, stop, sides_, colMaxima_, cut_, settling_, threads) {
    for (size_t id = 0; id < threads; id++) {
      candidates_.push_back(std::make_unique<Candidates>(job.f, job.g, screening_.capacity()));
    }
  }

  void run() {
    onThreads(threads_, [this](size_t id) { work(id); });
  }

 private:
  void work(size_t id) {
    Candidates& c = *candidates_[id];
    path_.enter();
    sides_.measure(id, screen_, team_);
    for (size_t from = 0; from < cut_.panelsA; from += cut_.chunkPanels) screenChunk(id, from);
    path_.leave();
    mergeMaxima(id);
    team_.sync();
    settling_.drop(c);
    settling_.promote(c);
    team_.sync();
    shareRows(id);
    team_.sync();
    if (!stop_.asked()) settling_.settle(c);
    team_.sync();
    if (!stop_.asked()) finish(id);
  }

  /** Screens the panels of A from `from` on that are packed at a time against all blocks of B. */
  void screenChunk(size_t id, size_t from) {
    Candidates& c = *candidates_[id];
    const size_t to = std::min(from + cut_.chunkPanels, cut_.panelsA);
    if (id == 0) {
      panels_.reset(to - from);
      blocks_.reset(cut_.blocks);
    }
    team_.sync();
    for (size_t p; panels_.take(p);) screening_.packPanel(from, p);
    team_.sync();
    for (size_t block; blocks_.take(block) && !stop_.asked();) screening_.screenBlock(id, c, from, to, block);
    // In the next chunk the columns of this list may belong to another thread.
    if (cut_.panelsA > cut_.chunkPanels) settling_.settle(c);
    team_.sync();
  }

  /** The limits of a row are those of all threads together. */
  void mergeMaxima(size_t id) {
    for (size_t i = id; i < job_.f; i += threads_) {
      const auto merge = [&](float* TopTwo::*first, float* TopTwo::*second) {
        float best = -HUGE_VALF, next = -HUGE_VALF;
        for (auto& other : candidates_) {
          TopTwo top = other->rowMaxima.view();
          for (float v : {(top.*first)[i], (top.*second)[i]}) {
            if (v > best) {
              next = best;
              best = v;
            } else if (v > next) {
              next = v;
            }
          }
        }
        for (auto& other : candidates_) {
          (other->rowMaxima.view().*first)[i] = best;
          (other->rowMaxima.view().*second)[i] = next;
        }
      };
      merge(&TopTwo::high1, &TopTwo::high2);
      merge(&TopTwo::neg1, &TopTwo::neg2);
    }
  }

  /** What all threads have computed for a row tells each of them what its pairs must reach. */
  void shareRows(size_t id) {
    for (size_t i = id; i < job_.f; i += threads_) {
      BothBest best;
      for (auto& other : candidates_) best.merge(other->rows[i]);
      for (auto& other : candidates_) other->rows[i] = best;
    }
  }

  void finish(size_t id) {
    const auto merged = [&](std::vector<BothBest> Candidates::*table, size_t i, bool zero, size_t others) {
      BothBest best;
      if (zero) {
        for (int32_t j = 0; j < 2 && static_cast<size_t>(j) < others; j++) best.offer(0, j);
      } else {
        for (auto& c : candidates_) best.merge(((*c).*table)[i]);
      }
      return best;
    };
    for (size_t i = id; i < job_.f; i += threads_) {
      const BothBest best = merged(&Candidates::rows, i, sides_.a.zero[i], job_.g);
      job_.out.rowSigned.put(i, best.bySign);
      job_.out.rowAbs.put(i, best.bySize);
    }
    for (size_t j = id; j < job_.g; j += threads_) {
      const BothBest best = merged(&Candidates::cols, j, sides_.b.zero[j], job_.f);
      job_.out.colSigned.put(j, best.bySign);
      job_.out.colAbs.put(j, best.bySize);
    }
  }

  const CodePath& path_;
  const Screen& screen_;
  size_t threads_;
  Stop stop_;
  const MatchJob& job_;
  ThreadTeam team_;
  Sides sides_;
  Maxima colMaxima_;
  Cut cut_;
  Settling settling_;
  Screening screening_;
  std::vector<std::unique_ptr<Candidates>> candidates_;
  Pieces panels_, blocks_;
};

/**
 * The coarse screen, unless it would leave too much to compute exactly: its bound against 1/√d, the standard deviation of
 * the cosines of random rows.
 */
const Screen& screenFor(const CodePath& path, const MatchJob& job) {
  constexpr double widest = 0.65;
  const double lost = lostShare(*path.coarse, job.a, job.f, job.d) + lostShare(*path.coarse, job.b, job.g, job.d);
  return lost * std::sqrt(static_cast<double>(job.d)) <= widest ? *path.coarse : *path.fine;
}

}  // namespace

void bestMatches(const CodePath& path, size_t threads, Stop stop, const MatchJob& job) {
  // Threads beyond the panels of B would find nothing to do.
  const Screen& screen = screenFor(path, job);
  Matcher(path, screen, std::clamp(panelsOf(job.g, screen.panelB), size_t{1}, threads), stop, job).run();
}

}  // namespace reseed
