// Inner loops for AVX-512 with bfloat16 dot products.
#include "isa/loops/screen-bf16.h"
#include "isa/paths/table.h"

RESEED_PATH(avx512bf16Path, "avx512-bf16", bf16Screen, bf16Screen)
