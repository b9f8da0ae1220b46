// Approximate products of all pairs, block by block; lists the pairs that could be among the best.
#pragma once
#include <algorithm>
#include <vector>

#include "isa/code-path.h"
#include "isa/packed.h"
#include "matching/candidates.h"
#include "matching/settling.h"
#include "matching/sides.h"
#include "threads/team.h"

namespace reseed {

/** How the matrices are cut: A into chunks of panels, B into blocks of panels. */
struct Cut {
  size_t panelsA, chunkPanels;
  size_t panelsB, blockPanels, blocks;

  Cut(const Screen& screen, size_t f, size_t g, size_t d, size_t threads);
};

class Screening {
 public:
  Screening(const CodePath& path, const Screen& screen, Stop stop, const Sides& sides, Maxima& colMaxima, const Cut& cut,
            Settling& settling, size_t threads);

  /** Pairs that the list of a thread should have room for. */
  size_t capacity() const;
  /** Packs panel `from + at` of A as the chunk's panel `at`. */
  void packPanel(size_t from, size_t at);
  /** Screens the chunk's panels from … to against a block of B. */
  void screenBlock(size_t id, Candidates& c, size_t from, size_t to, size_t block);

 private:
  void packBlock(size_t id, size_t col0, size_t panels);
  StripScan scanOf(size_t id, Candidates& c, size_t col0, size_t cols, size_t panels);
  void shorten(Candidates& c);
  void raise(Candidates& c, size_t col0, size_t cols);

  /** A block of B, packed, and a strip of products with the limits of its columns. */
  struct Scratch {
    Bytes block, strip;
  };

  const CodePath& path_;
  const Screen& screen_;
  Stop stop_;
  const Sides& sides_;
  Maxima& colMaxima_;
  Cut cut_;
  Settling& settling_;
  size_t rowBytes_, blockColumns_, perStrip_;
  Bytes packed_;
  std::vector<Scratch> scratch_;
};

}  // namespace reseed
