// Inner loops for NEON with products of small matrices of bytes (smmla) and of bfloat16 (bfmmla).
#include "isa/loops/screen-bf16-matrix.h"
#include "isa/loops/screen-int8.h"
#include "isa/paths/table.h"

RESEED_PATH(neonMatrixPath, "neon-i8mm", bf16Screen, int8Screen)
