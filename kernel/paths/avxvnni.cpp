// Inner loops for AVX2 with FMA and integer dot products (AVX-VNNI).
#include "../inner/screen-int16.h"
#include "../inner/screen-int8.h"
#include "../inner/table.h"

RESEED_PATH(avxvnniPath, "avx-vnni", int16Screen, int8Screen)
