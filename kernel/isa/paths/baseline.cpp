// Inner loops for any CPU of the architecture: SSE2 on x86-64, NEON on aarch64.
#include "isa/loops/screen-float32.h"
#include "isa/paths/table.h"

RESEED_PATH(baselinePath, "baseline", float32Screen, float32Screen)
