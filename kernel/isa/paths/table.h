// The table of the path whose inner loops were included before it.
#pragma once
#include "isa/loops/exact.h"
#include "isa/loops/quick-dots.h"
#include "isa/loops/scan.h"

#define RESEED_PATH(identifier, label, fine, coarse)                                                          \
  namespace reseed {                                                                                          \
  extern const Path identifier;                                                                               \
  const Path identifier = {label,     lanes,     &fine,      &coarse,    enter,    leave,     scanStrip,     addBias,       atLeast,         dots,     quickDots, \
                           addRows,   dots32,     addRows32,  weighResidual, weighResidual32, squares,       rowSquares, \
                           projectRow, normaliseRow, adam,    adam32,        kthLargest,    scatter,         cosines};                  \
  }
