// Inner loops for NEON with products of four bytes (sdot).
#include "isa/loops/screen-float32.h"
#include "isa/loops/screen-int8.h"
#include "isa/paths/table.h"

RESEED_PATH(neonDotProductPath, "neon-dotprod", float32Screen, int8Screen)
