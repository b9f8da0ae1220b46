// Inner loops for AVX2 with FMA.
#include "../inner/screen-int16.h"
#include "../inner/table.h"

RESEED_PATH(avx2Path, "avx2", int16Screen, int16Screen)
