// The table of the code path whose inner loops were included before it.
#pragma once
#include "isa/loops/adam.h"
#include "isa/loops/add-rows.h"
#include "isa/loops/at-least.h"
#include "isa/loops/dots.h"
#include "isa/loops/float32-rows.h"
#include "isa/loops/kth-largest.h"
#include "isa/loops/quick-dots.h"
#include "isa/loops/row-operations.h"
#include "isa/loops/scan.h"

#define RESEED_PATH(identifier, label, fineScreen, coarseScreen) \
  namespace reseed {                                             \
  extern const CodePath identifier;                              \
  const CodePath identifier = {                                  \
      .name = label,                                             \
      .lanes = lanes,                                            \
      .fine = &fineScreen,                                       \
      .coarse = &coarseScreen,                                   \
      .enter = enter,                                            \
      .leave = leave,                                            \
      .scanStrip = scanStrip,                                    \
      .addBias = addBias,                                        \
      .atLeast = atLeast,                                        \
      .dots = dots,                                              \
      .quickDots = quickDots,                                    \
      .addRows = addRows,                                        \
      .dots32 = dots32,                                          \
      .addRows32 = addRows32,                                    \
      .weighResidual = weighResidual,                            \
      .squares = squares,                                        \
      .rowSquares = rowSquares,                                  \
      .projectRow = projectRow,                                  \
      .projectRow32 = projectRow32,                              \
      .normaliseRow = normaliseRow,                              \
      .adam = adam,                                              \
      .adam32 = adam32,                                          \
      .kthLargest = kthLargest,                                  \
      .cosines = cosines,                                        \
  };                                                             \
  }
