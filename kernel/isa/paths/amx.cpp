// Inner loops for AVX-512 with AMX tiles (bfloat16).
#include "isa/loops/screen-tiles.h"
#include "isa/paths/table.h"

RESEED_PATH(amxPath, "amx", tileScreen, tileScreen)
