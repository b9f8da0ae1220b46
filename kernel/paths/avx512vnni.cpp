// Inner loops for AVX-512 with integer dot products (VNNI).
#include "../inner/screen-int16.h"
#include "../inner/screen-int8.h"
#include "../inner/table.h"

RESEED_PATH(avx512vnniPath, "avx512-vnni", int16Screen, int8Screen)
