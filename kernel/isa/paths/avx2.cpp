// Inner loops for AVX2 with FMA.
#include "isa/loops/screen-int16.h"
#include "isa/paths/table.h"

RESEED_PATH(avx2Path, "avx2", int16Screen, int16Screen)
