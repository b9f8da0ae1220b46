// Inner loops for AVX-512 with integer dot products (VNNI).
#include "isa/loops/screen-int16.h"
#include "isa/loops/screen-int8.h"
#include "isa/paths/table.h"

RESEED_PATH(avx512vnniPath, "avx512-vnni", int16Screen, int8Screen)
