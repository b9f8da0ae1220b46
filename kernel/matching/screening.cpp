// Every thread meets every row, so each has row maxima of its own. A column belongs to the thread that has its block.
//
// Where very many pairs are close (duplicates, few distinct values) the list fills up. It is then computed and emptied, so memory
// stays bounded and the time tends to that of the exact products: slow, never wrong.
#include "matching/screening.h"

namespace reseed {
namespace {

constexpr size_t chunkBytes = size_t{64} << 20;
constexpr size_t blockBytes = size_t{1} << 20;
constexpr size_t mostBlockColumns = 1024;
constexpr size_t listLength = size_t{1} << 20;

}  // namespace

Cut::Cut(const Screen& screen, size_t f, size_t g, size_t d, size_t threads) {
  const size_t bytes = std::max<size_t>(1, screen.rowBytes(d));
  panelsA = panelsOf(f, screen.panelA);
  panelsB = panelsOf(g, screen.panelB);
  chunkPanels = std::max<size_t>(1, chunkBytes / bytes / screen.panelA);
  const size_t fitting = blockBytes / bytes / screen.panelB;
  const size_t fair = panelsOf(panelsB, 2 * threads);
  blockPanels = std::max<size_t>(1, std::min({fitting, fair, mostBlockColumns / screen.panelB}));
  blocks = panelsOf(panelsB, blockPanels);
}

Screening::Screening(const CodePath& path, const Screen& screen, Stop stop, const Sides& sides, Maxima& colMaxima,
                     const Cut& cut, Settling& settling, size_t threads)
    : path_(path), screen_(screen), stop_(stop), sides_(sides), colMaxima_(colMaxima), cut_(cut), settling_(settling),
      rowBytes_(screen.rowBytes(sides.d)), blockColumns_(cut.blockPanels * screen.panelB),
      perStrip_(screen.panelA * (blockColumns_ + vectorMargin)), scratch_(threads) {
  packed_.grow(std::max<size_t>(64, std::min(cut.panelsA, cut.chunkPanels) * screen.panelA * rowBytes_));
  for (Scratch& s : scratch_) {
    s.block.grow(blockColumns_ * rowBytes_);
    s.strip.grow(sizeof(float) * (screen.panelA + 2) * (blockColumns_ + vectorMargin));
  }
}

size_t Screening::capacity() const { return perStrip_ + std::min(listLength, 64 * (sides_.a.n + sides_.b.n)); }

void Screening::packPanel(size_t from, size_t at) {
  const size_t row = (from + at) * screen_.panelA;
  screen_.packA(sides_.a.data + row * sides_.d, std::min(screen_.panelA, sides_.a.n - row), sides_.d, sides_.a.scale,
                packed_.as() + at * screen_.panelA * rowBytes_);
}

void Screening::packBlock(size_t id, size_t col0, size_t panels) {
  for (size_t p = 0; p < panels; p++) {
    const size_t col = col0 + p * screen_.panelB;
    screen_.packB(sides_.b.data + col * sides_.d, std::min(screen_.panelB, sides_.b.n - col), sides_.d, sides_.b.scale,
                  scratch_[id].block.as() + p * screen_.panelB * rowBytes_);
  }
}

StripScan Screening::scanOf(size_t id, Candidates& c, size_t col0, size_t cols, size_t panels) {
  StripScan scan{};
  scan.strip = scratch_[id].strip.as<float>();
  scan.stride = panels * screen_.panelB;
  scan.cols = cols;
  scan.col0 = col0;
  scan.byRow = c.rowMaxima.view();
  scan.byCol = colMaxima_.view();
  scan.limits = scan.strip + perStrip_;
  scan.rowFloors = c.rowExactLimits.view();
  scan.colFloors = c.colExactLimits.view();
  scan.rowSlack = sides_.a.slack.data();
  scan.colSlack = sides_.b.slack.data();
  return scan;
}

void Screening::screenBlock(size_t id, Candidates& c, size_t from, size_t to, size_t block) {
  const size_t col0 = block * blockColumns_, cols = std::min(blockColumns_, sides_.b.n - col0);
  const size_t panels = panelsOf(cols, screen_.panelB);
  packBlock(id, col0, panels);
  StripScan scan = scanOf(id, c, col0, cols, panels);
  for (size_t panel = from; panel < to; panel++) {
    if (panel % 64 == 0 && stop_.asked()) return;
    scan.row0 = panel * screen_.panelA;
    scan.rows = std::min(screen_.panelA, sides_.a.n - scan.row0);
    screen_.products(packed_.as() + (panel - from) * screen_.panelA * rowBytes_, scratch_[id].block.as(), sides_.d, panels,
                     scan.strip, scan.stride);
    if (c.listed + perStrip_ > c.capacity) shorten(c);
    if (c.listed > c.promoteAt) raise(c, col0, cols);
    scan.hits = c.end();
    c.listed += path_.scanStrip(scan);
  }
}

/** Drops pairs that no longer reach the limits; if too many stay, computes them. */
void Screening::shorten(Candidates& c) {
  settling_.drop(c);
  if (c.listed > (c.capacity - perStrip_) / 2) settling_.settle(c);
  c.promoteAt = c.listed + promoteAfter;
}

/** Takes the limits of all rows and of these columns from exact products, which lie closer than approximate ones. */
void Screening::raise(Candidates& c, size_t col0, size_t cols) {
  settling_.promote(c);
  c.promoteAt = 2 * c.listed + promoteAfter;
  if (sides_.unit != 1) return;
  c.rowExactLimits.take(c.rows, sides_.a.slack, 0, sides_.a.n);
  c.colExactLimits.take(c.cols, sides_.b.slack, col0, cols);
}

}  // namespace reseed
