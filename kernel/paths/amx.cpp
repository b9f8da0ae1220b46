// Inner loops for AVX-512 with AMX tiles (bfloat16).
#include "../inner/screen-tiles.h"
#include "../inner/table.h"

RESEED_PATH(amxPath, "amx", tileScreen, tileScreen)
