// Inner loops for AVX-512 (F, BW, VL, DQ).
#include "isa/loops/screen-float32.h"
#include "isa/paths/table.h"

RESEED_PATH(avx512Path, "avx512", float32Screen, float32Screen)
