// Inner loops for AVX2 with FMA and integer dot products (AVX-VNNI).
#include "isa/loops/screen-int16.h"
#include "isa/loops/screen-int8.h"
#include "isa/paths/table.h"

RESEED_PATH(avxvnniPath, "avx-vnni", int16Screen, int8Screen)
